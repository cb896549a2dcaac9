"""`northstar add-language`: the files of a new language, with everything that has to be filled in."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from bot.care.resource_words import WORDED_TOPICS
from bot.domain.errors import NorthstarError
from bot.i18n.render import all_messages

TEMPLATE_LANGUAGE = "en"
RED_FLAGS = """language: {code}
# Write each category of intents/en/red_flags.yml anew in this language; a clinician has to read them.
flags: []
"""
KEYWORDS = """language: {code}
# Whole texts only. STOP, START and HELP belong to carriers and work in every language.
stop: []
start: []
help: []
"yes": []
"no": []
taken: []
skip: []
later: []
person: []
languages: {{}}
"""
DANGER = """language: {code}
# Texts of people in danger by category, and harmless ones that use the same words; see intents/en/danger.yml.
danger: {{}}
no_danger: {{}}
"""
DATES = """language: {code}
# Words for days and times; see intents/en/dates.yml. order: of 12/05, month_first or day_first.
order: day_first
weekdays: {{monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: []}}
days_ahead: {{}}
parts: {{}}
weeks: {{}}
"not": []
"""
RESOURCES = (
    "language: {code}\n"
    "# Words by which people ask for each topic of the clinic's resources; see intents/en/resources.yml.\n"
    + "".join(f"{topic}: []\n" for topic in WORDED_TOPICS)
)
TOPIC = """version: "3.1"
# Written by thinking in this language, not translated; the intents are those of intents/en/{topic}.
nlu: []
"""
TEMPLATES = {
    "red_flags.yml": RED_FLAGS,
    "keywords.yml": KEYWORDS,
    "danger.yml": DANGER,
    "dates.yml": DATES,
    "resources.yml": RESOURCES,
}


class LanguageNotAdded(NorthstarError):
    """The language cannot be added."""


def scaffold(checkout: Path, code: str) -> list[Path]:
    """Make the files and the registry line of a language. Raises LanguageNotAdded; existing files are not touched."""
    try:
        locale = Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise LanguageNotAdded(f"{code} is no BCP 47 code that CLDR knows; for example pt-BR or zh-Hans") from error
    if (checkout / "intents" / code).exists() or (checkout / "locales" / code).exists():
        raise LanguageNotAdded(f"{code} is there already; `northstar check` lists what it lacks")
    made = [*_intents(checkout, code), _catalogue(checkout, code, locale), _conversations(checkout, code)]
    registry = checkout / "locales" / "languages.yml"
    with registry.open("a", encoding="utf-8") as file:
        file.write(_registry_lines(code, locale))
    return [*made, registry]


def _intents(checkout: Path, code: str) -> Iterator[Path]:
    folder = checkout / "intents" / code
    folder.mkdir(parents=True)
    for template in sorted((checkout / "intents" / TEMPLATE_LANGUAGE).glob("*.yml")):
        path = folder / template.name
        text = TEMPLATES.get(template.name, TOPIC)
        path.write_text(text.format(code=code, topic=template.name), "utf-8")
        yield path


def _catalogue(checkout: Path, code: str, locale: Locale) -> Path:
    catalog = Catalog(locale=locale, project="Northstar", charset="utf-8")
    for message in all_messages():
        plural = (message.english, message.plural) if message.plural else message.english
        catalog.add(plural, context=message.context)
    buffer = BytesIO()
    write_po(buffer, catalog, width=0, sort_output=True)
    path = checkout / "locales" / code / "LC_MESSAGES" / "patient.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(buffer.getvalue())
    return path


def _conversations(checkout: Path, code: str) -> Path:
    path = checkout / "tests" / "conversations" / code
    path.mkdir(parents=True, exist_ok=True)
    (path / ".gitkeep").touch()
    return path


def _registry_lines(code: str, locale: Locale) -> str:
    direction = locale.text_direction
    return (
        f"{code}:\n  native_name: {locale.get_display_name(locale)}\n  direction: {direction}\n"
        f"  fallback: en\n  locale: {locale}\n  translator: null\n  reviewer: null\n  status: draft\n"
    )
