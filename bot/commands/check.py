"""`northstar check`: what the content lacks, each with the file to open."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.bootstrap import make_catalogs, make_words
from bot.care.resource_words import ResourceWords, empty_topics
from bot.conversation.emergency import load_numbers
from bot.conversation.keywords import Keywords
from bot.conversation.red_flags import RedFlags
from bot.conversation.understanding import FALLBACK, ROUTES
from bot.dialogue.model import PHRASE_LISTS
from bot.domain.errors import ContentInvalid
from bot.i18n.languages import REVIEWED, SOURCE, load_languages
from bot.i18n.wishes import Wishes, empty_sections
from bot.reminders.policy_file import load_policies
from bot.settings import CHECKOUT, Settings
from bot.yaml_file import read_yaml

# Written out at length for the languages that most of our people speak.
LEAST_EXAMPLES = {"en": 30, "es": 30, "zh-Hans": 30, "vi": 30}
LEAST_EXAMPLES_ELSEWHERE = 15


def check_content(settings: Settings) -> list[str]:
    """Every problem, as a line that names the file. An empty list means that nothing is missing."""
    problems: list[str] = []
    for load in (
        lambda: RedFlags(settings.intents),
        lambda: Keywords(settings.intents),
        lambda: Wishes(settings.intents),
        lambda: ResourceWords(settings.intents),
        load_numbers,
        lambda: load_policies(settings.policies),
    ):
        try:
            load()
        except ContentInvalid as error:
            problems.append(str(error))
    try:
        problems += empty_sections(settings.intents)
        problems += empty_topics(settings.intents)
        problems += _catalogue_problems(settings)
        problems += _intent_problems(settings)
    except ContentInvalid as error:
        problems.append(str(error))
    return problems


def check_release(settings: Settings) -> list[str]:
    """What stands in the way of using the enabled languages with patients: each needs a named, qualified reviewer."""
    languages = load_languages()
    return [
        f"locales/languages.yml: {code} is enabled and nobody has reviewed it: name a reviewer, set status: reviewed"
        for code in sorted(make_catalogs(settings).released)
        if code != SOURCE and (languages[code].status != REVIEWED or not languages[code].reviewer)
    ]


def _catalogue_problems(settings: Settings) -> Iterator[str]:
    words = make_words(settings)
    for language in words.catalogs.languages:
        for gap in words.gaps(language):
            yield f"locales/{language}/LC_MESSAGES/patient.po: {gap.context}: {gap.reason}"


def _intent_problems(settings: Settings) -> Iterator[str]:
    intents = _domain_intents(settings.intents / "domain.yml")
    routed = {intent for names in ROUTES.values() for intent in names}
    for intent in sorted(intents ^ (routed - {FALLBACK})):
        yield f"bot/conversation/understanding.py: {intent} is not both in the domain and on a route"
    for language in make_words(settings).catalogs.languages:
        counts = dict.fromkeys(intents, 0) | _example_counts(settings.intents / language)
        least = LEAST_EXAMPLES.get(language, LEAST_EXAMPLES_ELSEWHERE)
        for intent, count in sorted(counts.items()):
            if intent not in intents:
                yield f"intents/{language}: {intent} is not in intents/domain.yml"
            elif count < least:
                yield f"intents/{language}: {intent} has {count} examples, {least} are needed"
        for name in sorted(PHRASE_LISTS):
            if not (settings.intents / language / name).exists():
                yield f"intents/{language}/{name} is missing"


def _domain_intents(path: Path) -> set[str]:
    document = _yaml(path)
    return {entry if isinstance(entry, str) else next(iter(entry)) for entry in document["intents"]}


def _example_counts(folder: Path) -> dict[str, int]:
    counts: dict[str, int] = {}
    for path in sorted(folder.glob("*.yml")):
        if path.name in PHRASE_LISTS:
            continue
        for entry in _yaml(path).get("nlu") or []:
            lines = [line for line in entry.get("examples", "").splitlines() if line.strip().startswith("- ")]
            counts[entry["intent"]] = counts.get(entry["intent"], 0) + len(lines)
    return counts


def _yaml(path: Path) -> dict[str, Any]:
    try:
        document = read_yaml(path)
    except (OSError, yaml.YAMLError) as error:
        raise ContentInvalid(f"{path.relative_to(CHECKOUT)}: cannot be read as YAML") from error
    if not isinstance(document, dict):
        raise ContentInvalid(f"{path.relative_to(CHECKOUT)}: must hold keys and values")
    return document
