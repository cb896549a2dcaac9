"""The registry of languages, `locales/languages.yml`: who translated, who reviewed, what stands in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from babel import Locale, UnknownLocaleError

from bot.domain.errors import ContentInvalid

SOURCE = "en"
LOCALES = Path(__file__).resolve().parents[2] / "locales"


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


def load_languages(folder: Path = LOCALES) -> dict[str, Language]:
    """All registered languages by BCP 47 code. Raises ContentInvalid naming the entry that cannot be used."""
    path = folder / "languages.yml"
    try:
        entries = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ContentInvalid(f"{path.name}: cannot be read: {error}") from error
    if not isinstance(entries, dict) or SOURCE not in entries:
        raise ContentInvalid(f"{path.name}: must map language codes to entries and hold {SOURCE!r}")
    languages = {str(code): _language(str(code), entry) for code, entry in entries.items()}
    for language in languages.values():
        if language.fallback is not None and language.fallback not in languages:
            raise ContentInvalid(f"{path.name}: {language.code}: fallback {language.fallback!r} is not listed")
    return languages


def _language(code: str, entry: Mapping[str, Any]) -> Language:
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
        )
    except (KeyError, TypeError, ValueError, UnknownLocaleError) as error:
        raise ContentInvalid(f"languages.yml: {code}: {type(error).__name__} {error}") from error
