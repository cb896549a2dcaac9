"""Finds the days that a text names, one pattern for each way to name them."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from bot.i18n.wishes import calendar
from bot.i18n.wishes.kinds import Item, Kind, Mention, NotSure, Token, codes

# What "next" before a weekday means: the coming one (Spanish, French), or the one of next week (English, Chinese).
COMING, NEXT_WEEK, WEEK_AFTER_NEXT = 0, 1, 2
_DAYS_OF_UNIT = {0: 1, 1: calendar.WEEK}
_DAY_UNIT, _MONTH_UNIT = 0, 2
_WEEK_ALONE = Token(Kind.UNIT, (1,))
_A_WEEK = timedelta(days=calendar.WEEK)

Reading = Callable[[Sequence[Token], date], Mention]


def find_days(tokens: Sequence[Token], today: date) -> list[Item]:
    """The tokens with each naming of a day, week or month replaced by a Mention. Raises NotSure."""
    letters = codes(list(tokens))
    items: list[Item] = []
    position = 0
    while position < len(tokens):
        for pattern, reading in _PATTERNS:
            match = pattern.match(letters, position)
            if match is not None:
                items.append(reading(tokens[position : match.end()], today))
                position = match.end()
                break
        else:
            # The article before a day ("del martes") has done its work where it made no day of a number.
            if tokens[position].kind is not Kind.DAY_BEFORE:
                items.append(tokens[position])
            position += 1
    _check_weeks(items)
    return _with_edges(items, today)


def _check_weeks(items: Sequence[Item]) -> None:
    """ "The first week of December" may begin on the 1st or on a Monday; other languages name the month first.

    A week beside a day ("10 अप्रैल के सप्ताह") is not that day either.
    """
    alone = [index for index, item in enumerate(items) if item == _WEEK_ALONE]
    in_month = any(isinstance(item, Mention) and item.last - item.first > _A_WEEK for item in items)
    if (alone and in_month) or any(isinstance(item, Mention) for index in alone for item in items[index - 1 : index]):
        raise NotSure


def _with_edges(items: list[Item], today: date) -> list[Item]:
    """ "End of next week", "下个月底": the edge and its week or month become that part of it."""
    found: list[Item] = []
    for item in items:
        before = found[-1] if found else None
        for edge, span in ((before, item), (item, before)):
            if isinstance(edge, Token) and edge.kind is Kind.EDGE and isinstance(span, Mention) and span.is_span:
                found[-1] = calendar.edge(span, edge.value[0], today)
                break
        else:
            found.append(item)
    return found


def _one(day: date) -> Mention:
    return Mention(first=day, last=day)


def _values(tokens: Sequence[Token], *kinds: Kind) -> list[int]:
    return [token.value[0] for token in tokens if token.kind in kinds]


def _year(tokens: Sequence[Token]) -> int | None:
    return next(iter(_values(tokens, Kind.YEAR)), None)


def _date(tokens: Sequence[Token], today: date) -> Mention:
    day, month, *year = tokens[0].value
    return _one(calendar.dated(today, day, month, year[0] if year else None))


def _day_and_month(tokens: Sequence[Token], today: date) -> Mention:
    """ "3 December", "Dec 3rd", and "3 to 5 December" as well."""
    month = _values(tokens, Kind.MONTH, Kind.WEAK_MONTH)[0]
    return _days_of(_values(tokens, Kind.NUMBER, Kind.NTH, Kind.ORDINAL), month, _year(tokens), today)


def _month_number_first(tokens: Sequence[Token], today: date) -> Mention:
    """ "12月5日"."""
    month, *days = _values(tokens, Kind.NUMBER)
    return _days_of(days, month, _year(tokens), today)


def _day_number_first(tokens: Sequence[Token], today: date) -> Mention:
    """ "5 tháng 12"."""
    *days, month = _values(tokens, Kind.NUMBER)
    return _days_of(days, month, _year(tokens), today)


def _days_of(days: Sequence[int], month: int, year: int | None, today: date) -> Mention:
    last = calendar.dated(today, days[-1], month, year)
    first = calendar.dated(today, days[0], month, year)
    if first > last:
        raise NotSure
    return Mention(first=first, last=last)


def _month(tokens: Sequence[Token], today: date) -> Mention:
    number = _values(tokens, Kind.MONTH, Kind.NUMBER)[0]
    if not 1 <= number <= 12:
        raise NotSure
    return calendar.named_month(today, number, _year(tokens))


def _weekday(tokens: Sequence[Token], today: date) -> Mention:
    weekday = tokens[0].value[0]
    day = calendar.coming_weekday(today, weekday)
    return Mention(first=day, last=day, weekday=weekday)


def _this_weekday(tokens: Sequence[Token], today: date) -> Mention:
    return _one(calendar.coming_weekday(today, _values(tokens, Kind.WEEKDAY)[0]))


def _next_weekday(tokens: Sequence[Token], today: date) -> Mention:
    weekday, weeks = _values(tokens, Kind.WEEKDAY)[0], _values(tokens, Kind.NEXT)[0]
    if weeks == COMING:
        return _one(calendar.coming_weekday(today, weekday))
    return _one(calendar.weekday_in_week(today, weeks, weekday))


def _weekday_in_week(tokens: Sequence[Token], today: date) -> Mention:
    weeks, weekday = tokens[0].value
    day = calendar.weekday_in_week(today, weeks, weekday)
    if day < today:
        raise NotSure
    return _one(day)


def _weekday_with_number(tokens: Sequence[Token], today: date) -> Mention:
    """ "Tuesday the 15th", "martes 15": the coming 15th, if it is a Tuesday."""
    day = calendar.day_of_month(today, _values(tokens, Kind.NUMBER, Kind.NTH, Kind.ORDINAL)[0])
    if day.weekday() != tokens[0].value[0]:
        raise NotSure
    return _one(day)


def _number_of_day(tokens: Sequence[Token], today: date) -> Mention:
    number = _values(tokens, Kind.NUMBER, Kind.NTH, Kind.ORDINAL)[0]
    day = calendar.day_of_month(today, number)
    return Mention(first=day, last=day, month_day=number)


def _in_a_while(tokens: Sequence[Token], today: date) -> Mention:
    count = next(iter(_values(tokens, Kind.NUMBER)), 1)
    unit = next(iter(_values(tokens, Kind.UNIT)), _DAY_UNIT)
    if unit == _MONTH_UNIT:
        return _one(calendar.months_later(today, count))
    return _one(today + timedelta(days=count * _DAYS_OF_UNIT[unit]))


def _within(tokens: Sequence[Token], today: date) -> Mention:
    """ "Within two weeks", "the next ten days": from today on."""
    return Mention(first=today, last=_in_a_while(tokens, today).last)


def _ahead(tokens: Sequence[Token], today: date) -> Mention:
    days, *part = tokens[0].value
    day = today + timedelta(days=days)
    return Mention(first=day, last=day, part=part[0] if part else None)


def _week_of(tokens: Sequence[Token], today: date) -> Mention:
    """ "the week of the 14th": Monday to Sunday around it."""
    inner = find_days(tokens[1:], today)
    day = inner[0]
    if len(inner) != 1 or not isinstance(day, Mention) or day.is_span:
        raise NotSure
    monday = calendar.weekday_in_week(day.first, 0, 0)
    return Mention(first=max(monday, today), last=calendar.weekday_in_week(day.first, 0, 6))


def _not_sure(tokens: Sequence[Token], today: date) -> Mention:
    raise NotSure


# A number is no day where it begins a time: "December 3 pm", "Tuesday 3 o'clock".
_NO_TIME = "(?![ahquH])"
_TO = "[RU&]"
# "3-Dec-2026" is written with dashes, which also stand for "to".
_DASH = "(?:R(?=[MB](?!J?[NOQ])))?"
_DATED = rf"(?:[MB]J?[NOQ](?:{_TO}J?[NOQ])?{_NO_TIME}|J?[NOQ]j?(?:{_TO}J?[NOQ]j?)?{_DASH}[MB])(?:[;R]?Y)?"
# "From December 1 to 5" has an end; "from December 1" has none.
_DATED_RANGE = (
    rf"(?:[Fb][MB]J?[NOQ]{_TO}J?[NOQ]{_NO_TIME}|[Fb]J?[NOQ]j?{_TO}J?[NOQ]j?[MB]|[NOQ]j?F[NOQ]j?[MB]U?)(?:;?Y)?"
)
_PATTERNS: Sequence[tuple[re.Pattern[str], Reading]] = tuple(
    (re.compile(pattern), reading)
    for pattern, reading in (
        # "the day after Tuesday", "a week from Friday", "the first week": counted from another day, easily misread.
        (r"u[AVF]|[OQ]u|[N1]un", _not_sure),
        ("X", _date),
        (rf"Y?NkNj?(?:{_TO}Nj?)?", _month_number_first),
        (rf"(?:[Fb]J?N{_TO}J?N|J?N(?:{_TO}J?N)?)KN(?:;?Y)?", _day_number_first),
        (_DATED_RANGE, _day_and_month),
        (_DATED, _day_and_month),
        (rf"uJ?(?:X|{_DATED}|Q|(?<=J)[NO])", _week_of),
        (r"[vn](?:N|1)u", _within),
        (r"[iA](?:N|1)u|(?:N|1)u(?:l|A(?![WXMZnt]))|Njl", _in_a_while),
        ("Z", _weekday_in_week),
        ("nW|Wn(?!W)", _next_weekday),
        ("tW|Wt", _this_weekday),
        (r"W;?(?:J?Q|JO|J?Nj?)(?![ahquHPMBkK])", _weekday_with_number),
        ("W", _weekday),
        ("[DE]", _ahead),
        ("w", lambda tokens, today: calendar.week(today, tokens[0].value[0])),
        ("e", lambda tokens, today: calendar.weekend(today, tokens[0].value[0])),
        ("m", lambda tokens, today: calendar.month(today, tokens[0].value[0])),
        (rf"J?Q|J[NO]{_NO_TIME}|Nj", _number_of_day),
        ("MY?|Y?Nk|KN(?:;?Y)?", _month),
    )
)
