"""Words by which people ask for a topic of the clinic's resources, from `intents/<language>/resources.yml`.

Whole words and phrases, matched as medicine words are. `...` in a phrase stands for up to three words in between,
in scripts without spaces for up to eight characters; a star at the end of a part for any ending.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.care.medicine_spelling import UNSPACED, fold_name, script_of
from bot.care.medicine_words import pattern_of
from bot.domain.enums import ResourceTopic
from bot.domain.errors import ContentInvalid
from bot.yaml_file import read_yaml

FILE = "resources.yml"
INTENTS = Path(__file__).resolve().parents[2] / "intents"
# Its words count in every language: "parking" and "insurance" are written in the middle of other ones.
FALLBACK = "en"
ANY_WORDS = "..."
# Compiled when first asked for: a topic of a language takes some ten milliseconds.
MOST_PATTERNS = 4096
WORDED_TOPICS = tuple(topic for topic in ResourceTopic if topic is not ResourceTopic.OTHER)


class ResourceWords:
    """The phrases of every language by topic."""

    def __init__(self, intents: Path) -> None:
        """Raises ContentInvalid naming the file and what is wrong in it."""
        paths = sorted(intents.glob(f"*/{FILE}"))
        if not paths:
            raise ContentInvalid(f"{intents}/*/{FILE}: there is none; restore it from the release")
        self._terms = {path.parent.name: _terms(path) for path in paths}

    def topics_in(self, text: str, language: str) -> list[ResourceTopic]:
        """The topics that a text asks for, in the order of their first words in it; none when no phrase is in it."""
        folded = fold_phrase(text)
        first: dict[ResourceTopic, int] = {}
        for code in dict.fromkeys((language, FALLBACK)):
            for topic, terms in self._terms.get(code, {}).items():
                found = phrases(terms).search(folded)
                if found is not None:
                    first[topic] = min(found.start(), first.get(topic, len(folded)))
        return sorted(first, key=lambda topic: first[topic])


@cache
def shipped_words() -> ResourceWords:
    """The words of the checkout, read once."""
    return ResourceWords(INTENTS)


def empty_topics(intents: Path) -> list[str]:
    """The topics for which a language has no words; each with its file. Raises ContentInvalid."""
    return [
        f"{path}: {topic} holds no words"
        for path in sorted(intents.glob(f"*/{FILE}"))
        for topic, terms in _terms(path).items()
        if not terms
    ]


def fold_phrase(text: str) -> str:
    """As names of medicines are folded, with one apostrophe."""
    return fold_name(text.replace("’", "'"))


@lru_cache(maxsize=MOST_PATTERNS)
def phrases(terms: tuple[str, ...]) -> re.Pattern[str]:
    """Finds any of the terms in a text that is folded by `fold_phrase`."""
    whole = [fold_phrase(term) for term in terms if ANY_WORDS not in term]
    spread = [_spread(fold_phrase(term)) for term in terms if ANY_WORDS in term]
    return re.compile("|".join([*spread, pattern_of(whole).pattern]))


def _spread(term: str) -> str:
    parts = [part.strip() for part in term.split(ANY_WORDS)]
    between = r".{0,8}?" if script_of(parts[0]) in UNSPACED else r"\W+(?:[^\s.?!]+\s+){0,3}?"
    return between.join(f"(?:{pattern_of([part]).pattern})" for part in parts)


def _terms(path: Path) -> Mapping[ResourceTopic, tuple[str, ...]]:
    document = _document(path)
    if document.pop("language", None) != path.parent.name:
        raise ContentInvalid(f"{path}: the first line must be `language: {path.parent.name}`")
    unknown = set(document) - set(WORDED_TOPICS)
    if unknown:
        raise ContentInvalid(f"{path}: {', '.join(sorted(map(str, unknown)))}: no such topic")
    for topic in WORDED_TOPICS:
        if not isinstance(document.get(topic), list):
            raise ContentInvalid(f"{path}: {topic} must be a list of words and phrases")
        for term in document[topic]:
            if not isinstance(term, str) or not all(fold_name(part).strip() for part in term.split(ANY_WORDS)):
                raise ContentInvalid(f"{path}: {topic}: {term!r} is no word; put quotes around numbers, yes and no")
    return {topic: tuple(document[topic]) for topic in WORDED_TOPICS}


def _document(path: Path) -> dict[str, Any]:
    try:
        document = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ContentInvalid(f"{path}: not readable as YAML") from error
    if not isinstance(document, dict):
        raise ContentInvalid(f"{path}: must hold keys and values")
    return document
