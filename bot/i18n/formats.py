"""Dates, times, numbers, phones and lists as a language writes them, through Babel and the catalog.

Instants are UTC or carry an offset; zones are IANA names. The narrow and no-break spaces of CLDR become plain
ones, because a single one of them doubles the price of a text message.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import phonenumbers
from babel.dates import format_date, format_time, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.domain.clock import zone
from bot.i18n.catalogs import Catalogs
from bot.i18n.messages import message, message_count

# Translators: a CLDR date pattern without the year, such as "Thursday, November 26".
DAY_PATTERN = message("format", "EEEE, MMMM d")
# Translators: a CLDR date pattern with the year, such as "November 26, 2026".
DATE_PATTERN = message("format", "MMMM d, y")
# Translators: a day and its time. The plural form follows the hour shown ("a la 1", "a las 2").
DAY_AND_TIME = message_count("format", "{day} at {time}", "{day} at {time}")
# Translators: stands after words in another language; {language} is its name, as "English".
IN_LANGUAGE = message("format", "(in {language})")
# Translators: from one day to another, as "Monday, November 23 to Friday, November 27".
DAYS = message("when", "{first} to {last}")
# Translators: a part of a day that somebody would like for a visit; {day} is one day or several.
PARTS = {
    "morning": message("when", "{day}, in the morning"),
    "afternoon": message("when", "{day}, in the afternoon"),
    "evening": message("when", "{day}, in the evening"),
}
# Translators: at or after a time, as "Tuesday, December 1, from 5:00 PM".
FROM_TIME = message("when", "{day}, from {time}")
# Translators: before a time, as "Tuesday, December 1, before 11:00 AM".
BEFORE_TIME = message("when", "{day}, before {time}")
# Translators: between two times, as "Tuesday, December 1, from 2:00 PM to 4:00 PM".
BETWEEN_TIMES = message("when", "{day}, from {after} to {before}")
_WHEN = (DAYS, *PARTS.values(), FROM_TIME, BEFORE_TIME, BETWEEN_TIMES)
MESSAGES = (DAY_PATTERN, DATE_PATTERN, DAY_AND_TIME, IN_LANGUAGE, *_WHEN)

_PLAIN = str.maketrans({"\u202f": " ", "\u00a0": " ", "\u2009": " "})


def plain_spaces(text: str) -> str:
    return text.translate(_PLAIN)


class Formats:
    """The formats of one language. `language` is a registered code."""

    def __init__(self, catalogs: Catalogs, language: str) -> None:
        self.catalogs = catalogs
        self.language = catalogs.known(language)
        self.locale = catalogs.locale(language)
        self._calendar = catalogs.languages[self.language].calendar

    def full_date(self, at: datetime, time_zone: str) -> str:
        """A day with its year, as "November 26, 2026"."""
        return self.whole_date(at.astimezone(zone(time_zone)))

    def whole_date(self, day: date) -> str:
        """As `full_date`, of a day that has no zone, as a date of birth."""
        return self._date(day, self.catalogs.text(DATE_PATTERN, self.language))

    def time_of_day(self, at: datetime, time_zone: str) -> str:
        """A time of day, as "10:30 AM"."""
        return self.wall_time(at.astimezone(zone(time_zone)).time())

    def wall_time(self, wall_local: time) -> str:
        pattern = self.locale.time_formats["short"].pattern
        # A marker before the time is written out: Babel's short one for Korean is English ("PM 5:05").
        shape = pattern.replace("a", "aaaa", 1) if pattern.startswith("a") else "short"
        return plain_spaces(format_time(wall_local, shape, locale=self.locale))

    def shown_hour(self, wall_local: time) -> int:
        """The hour as `wall_time` shows it: 1 for 1 PM where twelve hours are counted."""
        if "h" in str(self.locale.time_formats["short"]):
            return wall_local.hour % 12 or 12
        return wall_local.hour

    def day_and_time(self, at: datetime, time_zone: str) -> str:
        """As "Thursday, November 26 at 10:30 AM"."""
        local = at.astimezone(zone(time_zone))
        return self._day_with_time(self._day(local), local.time())

    def when(self, wished: Mapping[str, Any]) -> str:
        """Days that somebody would like, with a part of the day or a time; see Kind.WHEN. Raises ValueError."""
        first, last = date.fromisoformat(wished["first"]), date.fromisoformat(wished["last"])
        day = self._day(first)
        if last != first:
            day = self.catalogs.text(DAYS, self.language).format(first=day, last=self._day(last))
        if wished.get("part") is not None:
            return self.catalogs.text(PARTS[wished["part"]], self.language).format(day=day)
        named = {name: time.fromisoformat(wished[name]) for name in ("after", "before", "at") if wished.get(name)}
        if "at" in named:
            return self._day_with_time(day, named["at"])
        walls = {name: self.wall_time(wall_local) for name, wall_local in named.items()}
        if len(walls) > 1:
            return self.catalogs.text(BETWEEN_TIMES, self.language).format(day=day, **walls)
        for name, template in (("after", FROM_TIME), ("before", BEFORE_TIME)):
            if name in walls:
                return self.catalogs.text(template, self.language).format(day=day, time=walls[name])
        return day

    def date_time(self, at: datetime, time_zone: str) -> str:
        """As `day_and_time`, with the year and without the weekday."""
        return self._day_with_time(self.full_date(at, time_zone), at.astimezone(zone(time_zone)).time())

    def weekday(self, number: int) -> str:
        """The name of a day of the week; Monday is 0."""
        if self._calendar is not None:
            return self._calendar.days[number]
        return plain_spaces(get_day_names("wide", "format", self.locale)[number])

    def number(self, value: int | Decimal) -> str:
        """To the last digit, and without separators of thousands: "1.500" of one language is "1.5" of the next."""
        exact = format_decimal(value, locale=self.locale, decimal_quantization=False, group_separator=False)
        return plain_spaces(exact)

    def all_of(self, parts: Sequence[str]) -> str:
        """As "a, b, and c"."""
        if self._calendar is not None:
            return _listed(parts, self._calendar.list_and)
        return plain_spaces(format_list(parts, style="standard", locale=self.locale))

    def any_of(self, parts: Sequence[str]) -> str:
        """As "a, b, or c"."""
        if self._calendar is not None:
            return _listed(parts, self._calendar.list_or)
        return plain_spaces(format_list(parts, style="or", locale=self.locale))

    def phone(self, e164: str) -> str:
        """As people dial it in the locale's country, else international. Raises ValueError."""
        try:
            number = phonenumbers.parse(e164)
        except phonenumbers.NumberParseException as error:
            raise ValueError("not an E.164 number") from error
        home = phonenumbers.country_code_for_region(self.locale.territory or "")
        style = phonenumbers.PhoneNumberFormat
        return phonenumbers.format_number(
            number, style.NATIONAL if number.country_code == home else style.INTERNATIONAL
        )

    def noted(self, text: str, text_language: str) -> str:
        """The text with a note of its language, unless it is the reader's: "twice a day (in English)"."""
        if text_language == self.language:
            return text
        names = self.locale.languages if self._calendar is None else self._calendar.languages
        name = names.get(text_language, text_language)
        return f"{text} {self.catalogs.text(IN_LANGUAGE, self.language).format(language=name)}"

    def _day(self, day: date) -> str:
        return self._date(day, self.catalogs.text(DAY_PATTERN, self.language))

    def _date(self, day: date, pattern: str) -> str:
        if self._calendar is not None:
            pattern = pattern.replace("EEEE", f"'{self._calendar.days[day.weekday()]}'")
            pattern = pattern.replace("MMMM", f"'{self._calendar.months[day.month - 1]}'")
        return plain_spaces(format_date(day, pattern, locale=self.locale))

    def _day_with_time(self, day: str, wall_local: time) -> str:
        template = self.catalogs.text(DAY_AND_TIME, self.language, self.shown_hour(wall_local))
        return template.format(day=day, time=self.wall_time(wall_local))


def _listed(parts: Sequence[str], last: str) -> str:
    """As "a, b or c"."""
    *first, end = parts
    return f"{', '.join(first)} {last} {end}" if first else end
