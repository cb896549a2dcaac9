"""Dates, times, numbers, phones and lists as a language writes them, through Babel and the catalog.

Instants are UTC or carry an offset; zones are IANA names. The narrow and no-break spaces of CLDR become plain
ones, because a single one of them doubles the price of a text message.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

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
MESSAGES = (DAY_PATTERN, DATE_PATTERN, DAY_AND_TIME, IN_LANGUAGE)

_PLAIN = str.maketrans({"\u202f": " ", "\u00a0": " ", "\u2009": " "})


def plain_spaces(text: str) -> str:
    return text.translate(_PLAIN)


class Formats:
    """The formats of one language. `language` is a registered code."""

    def __init__(self, catalogs: Catalogs, language: str) -> None:
        self.catalogs = catalogs
        self.language = catalogs.known(language)
        self.locale = catalogs.locale(language)

    def full_date(self, at: datetime, time_zone: str) -> str:
        """A day with its year, as "November 26, 2026"."""
        return self._date(at.astimezone(zone(time_zone)), self.catalogs.text(DATE_PATTERN, self.language))

    def time_of_day(self, at: datetime, time_zone: str) -> str:
        """A time of day, as "10:30 AM"."""
        return self.wall_time(at.astimezone(zone(time_zone)).time())

    def wall_time(self, wall_local: time) -> str:
        return plain_spaces(format_time(wall_local, "short", locale=self.locale))

    def shown_hour(self, wall_local: time) -> int:
        """The hour as `wall_time` shows it: 1 for 1 PM where twelve hours are counted."""
        if "h" in str(self.locale.time_formats["short"]):
            return wall_local.hour % 12 or 12
        return wall_local.hour

    def day_and_time(self, at: datetime, time_zone: str) -> str:
        """As "Thursday, November 26 at 10:30 AM"."""
        local = at.astimezone(zone(time_zone))
        day = self._date(local, self.catalogs.text(DAY_PATTERN, self.language))
        return self._day_with_time(day, local.time())

    def date_time(self, at: datetime, time_zone: str) -> str:
        """As `day_and_time`, with the year and without the weekday."""
        return self._day_with_time(self.full_date(at, time_zone), at.astimezone(zone(time_zone)).time())

    def weekday(self, number: int) -> str:
        """The name of a day of the week; Monday is 0."""
        return plain_spaces(get_day_names("wide", "format", self.locale)[number])

    def number(self, value: int | Decimal) -> str:
        return plain_spaces(format_decimal(value, locale=self.locale))

    def all_of(self, parts: Sequence[str]) -> str:
        """As "a, b, and c"."""
        return plain_spaces(format_list(parts, style="standard", locale=self.locale))

    def any_of(self, parts: Sequence[str]) -> str:
        """As "a, b, or c"."""
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
        name = self.locale.languages.get(text_language, text_language)
        return f"{text} {self.catalogs.text(IN_LANGUAGE, self.language).format(language=name)}"

    def _date(self, day: date, pattern: str) -> str:
        return plain_spaces(format_date(day, pattern, locale=self.locale))

    def _day_with_time(self, day: str, wall_local: time) -> str:
        template = self.catalogs.text(DAY_AND_TIME, self.language, self.shown_hour(wall_local))
        return template.format(day=day, time=self.wall_time(wall_local))
