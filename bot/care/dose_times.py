"""When the doses of a prescription fall: FHIR R4 `Dosage.timing` on the person's own wall clock.

The rule, the zone and the wall times are the truth; instants are made from them late. A shape that is not known
here has no times: then nothing is reminded of and nothing is said about "next", rather than guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.domain.clock import instant, zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BEFORE_MEALS = ("AC", "ACM", "ACD", "ACV")
DAYS_IN = {"d": 1, "wk": 7, "day": 1, "days": 1, "week": 7, "weeks": 7}
KNOWN_KEYS = frozenset(
    {"frequency", "period", "periodUnit", "timeOfDay", "when", "offset", "dayOfWeek", "boundsDuration"}
)
# Long enough for a monthly dose.
LOOK_AHEAD = timedelta(days=62)

Dosages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class ClockTimes:
    """The clinic's usual wall times: for each FHIR `when` code, and for "n times a day" without times."""

    when: Mapping[str, time]
    daily: Mapping[int, tuple[time, ...]]


class _NotTold(Exception):
    """The structure does not say when."""


def next_dose(
    dosages: Dosages, *, time_zone: str, after: datetime, starts_at: datetime, clock_times: ClockTimes
) -> datetime | None:
    """The first dose after that instant, UTC. None: as needed, ended, or not told by the record."""
    upcoming = expand(
        dosages,
        time_zone=time_zone,
        after=after,
        until=after + LOOK_AHEAD,
        starts_at=starts_at,
        clock_times=clock_times,
    )
    return next(iter(upcoming), None)


def expand(
    dosages: Dosages,
    *,
    time_zone: str,
    after: datetime,
    until: datetime,
    starts_at: datetime,
    clock_times: ClockTimes,
) -> list[datetime]:
    """The UTC instants of the doses in (after, until], in order, expanded on local wall time in the IANA zone."""
    local = zone(time_zone)
    first_day = starts_at.astimezone(local).date()
    try:
        courses = _courses(dosages, first_day, clock_times)
        days = _days(max(after.astimezone(local).date(), first_day), until.astimezone(local).date())
        found = {instant(day, wall, time_zone) for day in days for course in courses for wall in course.on(day)}
    except (_NotTold, KeyError, TypeError, ValueError, AttributeError):
        return []
    return sorted(at for at in found if after < at <= until)


@dataclass(frozen=True, kw_only=True)
class _Course:
    """One Dosage: its `repeat`, its wall times, and the days from which and before which it holds."""

    repeat: Mapping[str, Any]
    walls: Sequence[time]
    first_day: date
    end_day: date | None

    def on(self, day: date) -> Sequence[time]:
        """The wall times of that day."""
        if day < self.first_day or (self.end_day is not None and day >= self.end_day):
            return ()
        return self.walls if self._falls_on(day) else ()

    def _falls_on(self, day: date) -> bool:
        period, unit = self.repeat.get("period", 1), self.repeat.get("periodUnit", "d")
        if "dayOfWeek" in self.repeat:
            monday = self.first_day - timedelta(days=self.first_day.weekday())
            in_week = unit == "d" or (day - monday).days // 7 % period == 0
            return in_week and WEEKDAYS[day.weekday()] in self.repeat["dayOfWeek"]
        if unit != "d":
            raise _NotTold  # "once a week", on a day that only the person knows
        return bool((day - self.first_day).days % period == 0)


def _courses(dosages: Dosages, first_day: date, clock_times: ClockTimes) -> list[_Course]:
    """Doses with rising sequence numbers follow one another, each from the end of the one before."""
    in_turn = len({dosage.get("sequence") for dosage in dosages}) > 1
    courses: list[_Course] = []
    start = first_day
    for dosage in dosages:
        repeat = dosage["timing"]["repeat"]
        as_needed = dosage.get("asNeededBoolean") is True or "asNeededCodeableConcept" in dosage
        if as_needed or set(repeat) - KNOWN_KEYS:
            raise _NotTold
        end = _end(repeat, start)
        courses.append(_Course(repeat=repeat, walls=_walls(repeat, clock_times), first_day=start, end_day=end))
        if in_turn and end is not None:
            start = end
    return courses


def _walls(repeat: Mapping[str, Any], clock_times: ClockTimes) -> Sequence[time]:
    if "timeOfDay" in repeat:
        return [time.fromisoformat(text) for text in repeat["timeOfDay"]]
    if "when" in repeat:
        return [_shift(clock_times.when[code], code, repeat.get("offset", 0)) for code in repeat["when"]]
    if repeat.get("periodUnit") != "d":
        raise _NotTold  # "every 6 hours", without a first hour
    return clock_times.daily[repeat["frequency"]]


def _shift(wall: time, code: str, offset_minutes: int) -> time:
    """FHIR's `offset` counts back before a meal and forward after one; the usual hour is that of the meal."""
    signed = -offset_minutes if code in BEFORE_MEALS else offset_minutes
    return (datetime.combine(date(2000, 1, 2), wall) + timedelta(minutes=signed)).time()


def _end(repeat: Mapping[str, Any], start: date) -> date | None:
    bounds = repeat.get("boundsDuration")
    if bounds is None:
        return None
    return start + timedelta(days=int(bounds["value"]) * DAYS_IN[bounds.get("code", bounds.get("unit"))])


def _days(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)
