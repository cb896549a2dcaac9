"""Finds the times of day that a text names.

A time without a hint is one of a clinic's day: 7 to 12 as said, 1 to 6 in the afternoon. It is said back to the
person before anything rests on it.
"""

import re
from collections.abc import Sequence

from bot.i18n.wishes.kinds import Item, Kind, Mention, NotSure, Times, Token, codes

MORNING, AFTERNOON, EVENING = range(3)
_NEAR_NOON, NOON = 10, 12
_FIRST_CLINIC_HOUR = 7
_LAST_HOUR = 23

# "15:30", "3 h 30", "half 3 o'clock", "3 pm", "at 3", "three o'clock" as one word; then what part of the day it is in.
_CORE = "(?:@?(?:Th?|q?Nh[qN]?|H[qN]?|N(?=[aP]))a?P?|@q?N(?![RU&uMBkjK])q?P?)"
_BARE = f"(?:{_CORE}|@?N)"
_RANGE = re.compile(f"b{_BARE}&{_BARE}|F{_BARE}(?:[RU]|(?=@)){_BARE}|{_BARE}[RU]{_CORE}")
_RANGE_FOLLOWED = re.compile(f"{_BARE}[FR]{_CORE}U?")
_BOUND = re.compile(f"(?P<bound>[AVFU])(?:{_CORE}|@?N(?![uMBkjKRU&]))")
_BOUND_FOLLOWS = re.compile(f"{_CORE}(?P<bound>[AVFU])")
_ALONE = re.compile(_CORE)
_LATER = (Kind.AFTER, Kind.FROM)
_JOINS = (Kind.TO, Kind.UNTIL, Kind.AND, Kind.FROM)


def part_of(items: Sequence[Item]) -> int | None:
    """The one part of the day that the text names. Raises NotSure for two."""
    parts = {item.part for item in items if isinstance(item, Mention) and item.part is not None}
    parts |= {item.value[0] for item in items if isinstance(item, Token) and item.kind is Kind.PART}
    if not parts:
        # "Tuesday pm", where the word belongs to no number.
        pairs = zip([None, *items], items, strict=False)
        parts = {_meridiem(item) for before, item in pairs if item.kind is Kind.MERIDIEM and not _ends_time(before)}
    if len(parts) > 1:
        raise NotSure
    return next(iter(parts), None)


def find_times(items: Sequence[Item], part: int | None, *, bounds_follow: bool) -> list[Item]:
    """The items with each naming of a time replaced by Times. Raises NotSure."""
    letters = codes(list(items))
    patterns = (_RANGE_FOLLOWED, _RANGE, _BOUND_FOLLOWS, _ALONE) if bounds_follow else (_RANGE, _BOUND, _ALONE)
    found: list[Item] = []
    position = 0
    while position < len(items):
        match = next(filter(None, (pattern.match(letters, position) for pattern in patterns)), None)
        if match is None:
            found.append(items[position])
            position += 1
        else:
            tokens = [item for item in items[position : match.end()] if isinstance(item, Token)]
            found.append(_times(tokens, part))
            position = match.end()
    return found


def _times(tokens: Sequence[Token], part: int | None) -> Times:
    joins = [index for index, token in enumerate(tokens) if token.kind in _JOINS and 0 < index < len(tokens) - 1]
    if not joins and tokens[0].kind is Kind.FROM:
        # "das 14 às 16": the second "at" joins them.
        joins = [index for index, token in enumerate(tokens) if token.kind is Kind.AT and index > 1]
    if joins:
        return _between(tokens[: joins[0]], tokens[joins[0] + 1 :], part)
    minutes = _minutes(tokens, part)
    bounds = [token.kind for token in tokens if token.kind in (*_LATER, Kind.BEFORE, Kind.UNTIL)]
    if not bounds:
        return Times(exact=minutes)
    return Times(after=minutes) if bounds[0] in _LATER else Times(before=minutes)


def _between(start: Sequence[Token], end: Sequence[Token], part: int | None) -> Times:
    """ "2 to 4 pm": the first time may be said without its half of the day, and then has that of the second."""
    last = _minutes(end, part)
    first = _minutes(start, part)
    if first >= last and _hint(start) is None:
        first = _minutes([*start, *(token for token in end if token.kind in (Kind.MERIDIEM, Kind.PART))], part)
    elif _hint(start) is None and last - first > NOON * 30:
        # "6 to 8 pm" is not 6 in the morning, but "11 to 2" is.
        first = first + NOON * 60 if first + NOON * 60 < last else first
    if first >= last:
        raise NotSure
    return Times(after=first, before=last)


def _minutes(tokens: Sequence[Token], part: int | None) -> int:
    """Minutes since midnight of the one time that these tokens say."""
    hour = minute = -1
    for token in tokens:
        if token.kind is Kind.CLOCK:
            hour, minute = token.value
        elif token.kind in (Kind.NUMBER, Kind.HOUR):
            hour, minute = (token.value[0], minute) if hour < 0 else (hour, token.value[0])
    if any(token.kind is Kind.HALF for token in tokens):
        minute = 30
    return _hour(hour, _hint(tokens), part) * 60 + max(minute, 0)


def _hint(tokens: Sequence[Token]) -> Token | None:
    return next((token for token in tokens if token.kind in (Kind.MERIDIEM, Kind.PART)), None)


def _hour(hour: int, hint: Token | None, part: int | None) -> int:
    """The hour of 24 that is meant. Raises NotSure where the words contradict each other."""
    if not 0 < hour <= _LAST_HOUR:
        raise NotSure
    if hint is not None and hint.kind is Kind.MERIDIEM:
        if hour > NOON:
            return hour
        return hour % NOON + (NOON if hint.value[0] else 0)
    part = hint.value[0] if hint is not None else part
    if part is None:
        return hour if hour >= _FIRST_CLINIC_HOUR else hour + NOON
    if part == MORNING:
        if hour > NOON:
            raise NotSure
        return hour
    if hour == NOON and part == EVENING:
        raise NotSure
    # "11 tanghali", "11 giờ trưa": around noon, not at eleven in the night.
    return hour if hour >= (_NEAR_NOON if part == AFTERNOON else NOON) else hour + NOON


def _ends_time(item: Item | None) -> bool:
    return item is not None and item.kind in (Kind.NUMBER, Kind.CLOCK, Kind.HOUR, Kind.HOUR_MARK, Kind.HALF)


def _meridiem(item: Item) -> int:
    return item.value[0] if isinstance(item, Token) else MORNING
