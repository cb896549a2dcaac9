"""Parameters of an utterance, from JSON to words. ValueError, TypeError or KeyError: not of its kind."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, assert_never
from urllib.parse import urlsplit

from bot.i18n.dosage import describe_dosage
from bot.i18n.formats import Formats
from bot.i18n.nearest import nearest_language
from bot.i18n.utterances.entry import Kind


def format_parameter(kind: Kind, value: Any, formats: Formats, record_language: str) -> str:
    """One value in the formats' language. `record_language` is that of clinicians' free text in doses."""
    match kind:
        case Kind.TEXT | Kind.NAME:
            return _text(value)
        case Kind.DIGITS:
            return _matching(r"\d{1,12}", value)
        case Kind.URL:
            return _url(value)
        case Kind.PHONE:
            return formats.phone(_text(value)) if value else ""
        case Kind.COUNT:
            return formats.number(whole(value))
        case Kind.DATE | Kind.TIME | Kind.DATE_TIME | Kind.DAY_AND_TIME:
            return _instant(kind, value, formats)
        case Kind.DOSAGE:
            return describe_dosage(_list(value), formats, record_language)
        case Kind.WORDS:
            return _words(value, formats)
        case Kind.CHOICES:
            return ", ".join(f"{number} {_text(name)}" for number, name in enumerate(_list(value), 1))
        case Kind.ANY_OF:
            return formats.any_of([_text(name) for name in _list(value)])
        case Kind.WHEN:
            return formats.when(value)
        case Kind.ITEMS:
            raise TypeError("items are rendered, not formatted")
        case _:
            assert_never(kind)


def whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("not a whole number")
    return value


def _instant(kind: Kind, value: Any, formats: Formats) -> str:
    at, time_zone = datetime.fromisoformat(_text(value["at"])), _text(value["time_zone"])
    if at.tzinfo is None:
        raise ValueError("an instant needs an offset")
    match kind:
        case Kind.DATE:
            return formats.full_date(at, time_zone)
        case Kind.TIME:
            return formats.time_of_day(at, time_zone)
        case Kind.DATE_TIME:
            return formats.date_time(at, time_zone)
        case _:
            return formats.day_and_time(at, time_zone)


def _words(value: Any, formats: Formats) -> str:
    """The clinic's own words: the reader's language, its fallbacks, English, else the first there is."""
    if not isinstance(value, Mapping):
        raise TypeError("not words by language")
    words = {str(tag): _text(text) for tag, text in value.items()}
    if not words:
        return ""
    known = formats.catalogs.languages
    by_language = {nearest_language(tag, known) or tag: text for tag, text in reversed(words.items())}
    tried = (*formats.catalogs.chain(formats.language), *by_language)
    code = next(code for code in tried if code in by_language)
    return formats.noted(by_language[code], code)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _matching(pattern: str, value: Any) -> str:
    text = _text(value)
    if re.fullmatch(pattern, text) is None:
        raise ValueError("not of its form")
    return text


def _url(value: Any) -> str:
    text = _text(value)
    if text and urlsplit(text).scheme not in {"http", "https"}:
        raise ValueError("not a web address")
    return text


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError("not a list")
    return value
