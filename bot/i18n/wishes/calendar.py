"""Days counted from the person's own today; none of them is ever in the past."""

from datetime import date, timedelta

from bot.i18n.wishes.kinds import Mention, NotSure

WEEK = 7
_MONTHS_AHEAD = 12
# Monday to Wednesday, Tuesday to Thursday, Thursday to Sunday; and the thirds of a month.
_EDGES_OF_WEEK = ((0, 2), (1, 3), (3, 6))
_EDGES_OF_MONTH = ((1, 10), (11, 20), (21, 31))


def coming_weekday(today: date, weekday: int) -> date:
    """The next such day after today: on a Tuesday "Tuesday" is in a week, the day itself is called "today"."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % WEEK + 1)


def weekday_in_week(today: date, weeks: int, weekday: int) -> date:
    """The day of the week, Monday to Sunday, that begins so many weeks after this one."""
    return _monday(today) + timedelta(days=WEEK * weeks + weekday)


def week(today: date, weeks: int) -> Mention:
    """Monday to Sunday; of this week what is left of it."""
    monday = _monday(today) + timedelta(days=WEEK * weeks)
    return Mention(first=max(monday, today), last=monday + timedelta(days=WEEK - 1))


def weekend(today: date, weeks: int) -> Mention:
    """Saturday and Sunday; of this weekend what is left of it."""
    saturday = weekday_in_week(today, weeks, 5)
    return Mention(first=max(saturday, today), last=saturday + timedelta(days=1))


def month(today: date, months: int) -> Mention:
    """The whole month; of this month what is left of it."""
    first = _first_of_month(today, months)
    return Mention(first=max(first, today), last=_first_of_month(first, 1) - timedelta(days=1))


def edge(span: Mention, which: int, today: date) -> Mention:
    """The start, middle or end (0, 1, 2) of a week or month. Raises NotSure for one that has passed."""
    if span.last - span.first < timedelta(days=WEEK):
        begin, end = _EDGES_OF_WEEK[which]
        monday = _monday(span.last)
        first, last = monday + timedelta(days=begin), monday + timedelta(days=end)
    else:
        begin, end = _EDGES_OF_MONTH[which]
        first, last = span.last.replace(day=begin), span.last.replace(day=min(end, span.last.day))
    if last < today:
        raise NotSure
    return Mention(first=max(first, today), last=last)


def named_month(today: date, number: int, year: int | None) -> Mention:
    """The coming month of that number, this one included. Raises NotSure for one that has passed."""
    months = (number - today.month) % 12 if year is None else (year - today.year) * 12 + number - today.month
    if months < 0:
        raise NotSure
    return month(today, months)


def months_later(today: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    first = _first_of_month(today, months)
    return first.replace(day=min(today.day, _length(first)))


def dated(today: date, day: int, number: int, year: int | None) -> date:
    """A day and month; without a year the coming one. Raises NotSure for no such day and for one that has passed."""
    if not 1 <= number <= 12:
        raise NotSure
    for candidate in (today.year, today.year + 1) if year is None else (year,):
        first = date(candidate, number, 1)
        if 1 <= day <= _length(first) and first.replace(day=day) >= today:
            return first.replace(day=day)
    raise NotSure


def day_of_month(today: date, day: int) -> date:
    """The coming day of that number, in the next month that has one. Raises NotSure."""
    for months in range(_MONTHS_AHEAD):
        first = _first_of_month(today, months)
        if 1 <= day <= _length(first) and first.replace(day=day) >= today:
            return first.replace(day=day)
    raise NotSure


def _monday(today: date) -> date:
    return today - timedelta(days=today.weekday())


def _first_of_month(today: date, months: int) -> date:
    years, month_before = divmod(today.month - 1 + months, 12)
    return date(today.year + years, month_before + 1, 1)


def _length(first: date) -> int:
    return (_first_of_month(first, 1) - first).days
