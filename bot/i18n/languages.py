"""The registry of languages, `locales/languages.yml`: who translated, who reviewed, what stands in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, UnknownLocaleError

from bot.domain.errors import ContentInvalid
from bot.yaml_file import read_yaml

SOURCE = "en"
REVIEWED = "reviewed"
LOCALES = Path(__file__).resolve().parents[2] / "locales"


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Names that CLDR lacks for a language: days (Monday first), months, languages by code, and the words of lists."""

    days: tuple[str, ...]
    months: tuple[str, ...]
    languages: Mapping[str, str]
    list_or: str
    list_and: str


@dataclass(frozen=True, kw_only=True)
class Language:
    """One line of the registry. `locale` picks the regional way to write dates and numbers.

    `reviewer` is None until a named person who speaks the language has read every text.
    """

    code: str
    native_name: str
    direction: str
    fallback: str | None
    locale: Locale
    translator: str
    reviewer: str | None
    status: str
    calendar: Calendar | None = None


def load_languages(folder: Path = LOCALES) -> dict[str, Language]:
    """All registered languages by BCP 47 code. Raises ContentInvalid naming the entry that cannot be used."""
    path = folder / "languages.yml"
    try:
        entries = read_yaml(path)
    except (OSError, yaml.YAMLError) as error:
        raise ContentInvalid(f"{path.name}: cannot be read: {error}") from error
    if not isinstance(entries, dict) or SOURCE not in entries:
        raise ContentInvalid(f"{path.name}: must map language codes to entries and hold {SOURCE!r}")
    languages = {str(code): _language(str(code), entry, folder) for code, entry in entries.items()}
    for language in languages.values():
        if language.fallback is not None and language.fallback not in languages:
            raise ContentInvalid(f"{path.name}: {language.code}: fallback {language.fallback!r} is not listed")
    return languages


def _calendar(path: Path) -> Calendar | None:
    if not path.exists():
        return None
    try:
        names = read_yaml(path)
        calendar = Calendar(
            days=tuple(names["days"]),
            months=tuple(names["months"]),
            languages=names["languages"],
            list_or=names["list_or"],
            list_and=names["list_and"],
        )
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ContentInvalid(f"{path.parent.name}/{path.name}: {type(error).__name__} {error}") from error
    if (len(calendar.days), len(calendar.months)) != (7, 12):
        raise ContentInvalid(f"{path.parent.name}/{path.name}: needs 7 days and 12 months")
    return calendar


def _language(code: str, entry: Mapping[str, Any], folder: Path) -> Language:
    try:
        return Language(
            code=code,
            native_name=entry["native_name"],
            direction=entry["direction"],
            fallback=entry["fallback"],
            locale=Locale.parse(entry["locale"]),
            translator=entry["translator"],
            reviewer=entry["reviewer"],
            status=entry["status"],
            calendar=_calendar(folder / code / "calendar.yml"),
        )
    except (KeyError, TypeError, ValueError, UnknownLocaleError) as error:
        raise ContentInvalid(f"languages.yml: {code}: {type(error).__name__} {error}") from error
