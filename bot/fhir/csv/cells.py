"""What the text of a cell says. Each raises CellWrong, with what to do, for what it cannot surely mean."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from bot.channels.phone_numbers import as_e164
from bot.domain.clock import zone
from bot.domain.enums import ConsentScope
from bot.fhir.csv.table import CellWrong
from bot.fhir.elements import LANGUAGE
from bot.fhir.mapping.places import country_of
from bot.i18n.languages import load_languages

YES, NO = frozenset({"yes", "y", "true", "1", "active"}), frozenset({"no", "n", "false", "0", "inactive"})
# Without "active", which says of a record that it is in use, and of somebody who died the opposite of what is meant.
DIED, LIVES = YES - {"active"}, NO - {"inactive"}
ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?")
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
# Letters would be read as the keys of a telephone, as in 1-800-FLOWERS, and so would the E of a spreadsheet's number.
PHONE = re.compile(r"\+?[\d\s().\-/]{5,30}")
NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")
YEARS = range(1900, 2200)
EXAMPLE = datetime(2026, 11, 23, 9, 30)


@dataclass(frozen=True, kw_only=True)
class Conventions:
    """How a clinic writes. Without a format dates and times are ISO 8601; `now` is UTC."""

    date_format: str | None
    time_format: str | None
    time_zone: str
    country: str
    now: datetime

    def day(self, text: str) -> date:
        how = self.date_format or "%Y-%m-%d"
        try:
            if self.date_format is None and not ISO_DATE.fullmatch(text):
                raise ValueError
            day = datetime.strptime(text, how).date()
        except ValueError as error:
            raise CellWrong(f"is no date as {EXAMPLE.strftime(how)}; the year has four digits") from error
        if day.year not in YEARS:
            raise CellWrong("has a year that cannot be right")
        return day

    def past_date(self, text: str) -> date:
        day = self.day(text)
        if day > self.now.astimezone(zone(self.time_zone)).date():
            raise CellWrong("lies in the future")
        return day

    def death(self, text: str) -> bool | date:
        """Whether somebody died, or on which day."""
        if text.casefold() in DIED | LIVES:
            return text.casefold() in DIED
        try:
            return self.past_date(text)
        except CellWrong as wrong:
            raise CellWrong(f"{wrong}; or write yes or no") from wrong

    def instant(self, text: str) -> datetime:
        """With its zone: the one that is written there, else the clinic's."""
        how = self.time_format or "%Y-%m-%d %H:%M"
        try:
            if self.time_format is None and not ISO_TIME.fullmatch(text):
                raise ValueError
            at = datetime.fromisoformat(text) if self.time_format is None else datetime.strptime(text, how)
        except ValueError as error:
            raise CellWrong(f"is no date and time as {EXAMPLE.strftime(how)}; the year has four digits") from error
        if at.year not in YEARS:
            raise CellWrong("has a year that cannot be right")
        return at if at.tzinfo is not None else _in_zone(at, self.time_zone)

    def phone(self, text: str, country: str | None = None) -> str:
        number = as_e164(text, country or self.country) if PHONE.fullmatch(text) else None
        if number is None:
            raise CellWrong("is no phone number; write one, with + and the country's code if it is abroad")
        return number


def _in_zone(local: datetime, time_zone: str) -> datetime:
    at = local.replace(tzinfo=zone(time_zone))
    if at.utcoffset() != at.replace(fold=1).utcoffset():
        happens = at.astimezone(UTC).astimezone(zone(time_zone)).replace(tzinfo=None) == local
        what = "happens twice" if happens else "does not exist"
        raise CellWrong(
            f"{what} in {time_zone}, where the clocks change; write it with its offset, as 2026-11-01 01:30-05:00"
        )
    return at


def yes_or_no(text: str) -> bool:
    if text.casefold() not in YES | NO:
        raise CellWrong("is neither yes nor no; translate it by `values` in the map")
    return text.casefold() in YES


def code(text: str, known: Collection[str]) -> str:
    if text.casefold() not in known:
        raise CellWrong(f"is none of {', '.join(known)}; translate it by `values` in the map")
    return text.casefold()


def whole(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
        raise CellWrong(f"is no whole number from 1 to {most}")
    return int(text)


def amount(text: str) -> int | float:
    """A part of it is written with a point: a comma may be one of thousands."""
    if not NUMBER.fullmatch(text) or float(text) == 0:
        raise CellWrong("is no amount above 0, as 1 or 0.5")
    return int(float(text)) if float(text).is_integer() else float(text)


def country(text: str) -> str:
    found = country_of([{"country": text}])
    if found is None:
        raise CellWrong("is no country; write its code (ISO 3166) or its English name")
    return found


def time_zone(text: str) -> str:
    if text not in _zones():
        raise CellWrong("is no IANA time zone, as America/New_York")
    return text


def language(text: str) -> str:
    """A BCP 47 code, of a code or of a name in English or in the language itself."""
    named = _languages().get(text.casefold())
    if named is not None:
        return named
    first = re.split(r"[-_]", text)[0].lower()
    if not LANGUAGE.fullmatch(text.replace("_", "-")) or first not in _language_codes():
        raise CellWrong("is no language; write its code (BCP 47, as es) or its name, or translate it by `values`")
    return text.replace("_", "-")


def scopes(text: str) -> list[ConsentScope]:
    named = [word.casefold() for word in re.split(r"[\s,;|/]+", text) if word]
    if not named or not set(named) <= set(ConsentScope):
        raise CellWrong(f"may hold {', '.join(ConsentScope)}, with spaces between")
    return [scope for scope in ConsentScope if scope in named]


def role(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{1,12}", text):
        raise CellWrong("is no code of HL7 v3-RoleCode, as SON, DAU, WIFE or FRND; translate it by `values` in the map")
    return text


def link(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise CellWrong("is no web address, as https://video.example.org/1") from error
    if parts.scheme not in ("https", "http") or not parts.netloc or re.search(r"\s", text):
        raise CellWrong("is no web address, as https://video.example.org/1")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _language_codes() -> frozenset[str]:
    return frozenset({*Locale("en").languages, *get_global("language_aliases")})


@cache
def _languages() -> Mapping[str, str]:
    """Codes of languages by their names in small letters: the English ones, and those of ours in themselves."""
    names = {name.casefold(): code.replace("_", "-") for code, name in Locale("en").languages.items()}
    for code, own in load_languages().items():
        locale = Locale.parse(code, sep="-")
        names |= {str(each).casefold(): code for each in (own.native_name, locale.display_name, locale.language_name)}
    return names
