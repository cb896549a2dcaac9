"""What a piece of a text can be. Each kind has one letter, so that a text becomes a word that patterns match."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """Letters of the patterns in days.py, hours.py and spans.py."""

    WEEKDAY = "W"
    WEEKDAY_IN_WEEK = "Z"
    MONTH = "M"
    WEAK_MONTH = "B"
    NUMBER = "N"
    ORDINAL = "O"
    NTH = "Q"
    DATE = "X"
    YEAR = "Y"
    AHEAD = "D"
    DAY_PART = "E"
    PART = "P"
    WEEKS = "w"
    WEEKENDS = "e"
    MONTHS = "m"
    NEXT = "n"
    THIS = "t"
    UNIT = "u"
    IN = "i"
    LATER = "l"
    WITHIN = "v"
    EDGE = "s"
    ONE = "1"
    DAY_BEFORE = "J"
    DAY_AFTER = "j"
    MONTH_BEFORE = "K"
    MONTH_AFTER = "k"
    CLOCK = "T"
    HOUR = "H"
    HOUR_MARK = "h"
    HALF = "q"
    MERIDIEM = "a"
    AT = "@"
    AFTER = "A"
    BEFORE = "V"
    FROM = "F"
    UNTIL = "U"
    TO = "R"
    BETWEEN = "b"
    AND = "&"
    OR = "|"
    NOT = "!"
    EVERY = "S"
    WEEKDAYS = "L"
    MOVE = "~"
    FILLER = "."
    CLAUSE = ";"
    GAP = "_"
    MENTION = "#"
    TIMES = "%"


class NotSure(Exception):
    """The words allow no reading, or several. Never leaves this package: the reader then returns None."""


@dataclass(frozen=True)
class Token:
    """A piece of the text. `value` by kind: a number, a weekday (Monday is 0), hour and minute, ..."""

    kind: Kind
    value: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Mention:
    """Days that the text names, with a part of the day where one word says both ("tonight").

    `weekday` and `month_day` are set where a week or month named elsewhere in the text decides which is meant.
    """

    first: date
    last: date
    weekday: int | None = None
    month_day: int | None = None
    part: int | None = None
    kind: Kind = Kind.MENTION

    @property
    def is_span(self) -> bool:
        return self.last > self.first


@dataclass(frozen=True, kw_only=True)
class Times:
    """Times that the text names, as minutes of the day; `exact` stands alone."""

    exact: int | None = None
    after: int | None = None
    before: int | None = None
    kind: Kind = Kind.TIMES


Item = Token | Mention | Times


def codes(items: list[Item]) -> str:
    """The letters of the items' kinds, one each."""
    return "".join(item.kind.value for item in items)
