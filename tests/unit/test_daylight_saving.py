"""Doses where clocks change, rules change, and where a day has one more: one on each local day, at its wall time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.care.dose_times import expand
from bot.domain.clock import instant, zone
from bot.reminders.policy_file import load_policies

CLOCK_TIMES = load_policies().clock_times
# Each with the days on which its clocks changed, from the tz database: how the wall clock moved.
CHANGES = [
    ("America/New_York", date(2026, 3, 8), timedelta(hours=1)),
    ("America/New_York", date(2026, 11, 1), timedelta(hours=-1)),
    ("Europe/London", date(2026, 3, 29), timedelta(hours=1)),
    ("Europe/London", date(2026, 10, 25), timedelta(hours=-1)),
    ("America/Sao_Paulo", date(2018, 11, 4), timedelta(hours=1)),  # the first Sunday of November, a new rule that year
    ("America/Sao_Paulo", date(2019, 2, 16), timedelta(hours=-1)),  # the last time that it had summer time
    ("Africa/Cairo", date(2023, 4, 28), timedelta(hours=1)),  # summer time again, after nine years without
    ("Africa/Cairo", date(2026, 4, 24), timedelta(hours=1)),  # at midnight: the day begins at 01:00
    ("Africa/Cairo", date(2026, 10, 29), timedelta(hours=-1)),  # at midnight: 23:00 to 24:00 comes twice
    ("Australia/Lord_Howe", date(2026, 10, 4), timedelta(minutes=30)),
    ("Australia/Lord_Howe", date(2026, 4, 5), timedelta(minutes=-30)),
]
WALLS = [time(0, 0), time(0, 30), time(1, 15), time(2, 0), time(2, 30), time(8, 0), time(23, 30)]


def lived_through(time_zone: str, first: date, days: int, wall: time, **repeat: object) -> list[datetime]:
    """The instants as they come when the next 48 hours are expanded each day anew, as a worker does."""
    timing = {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": [wall.isoformat()], **repeat}
    found: set[datetime] = set()
    for now in _each_day(time_zone, first, days):
        found |= set(
            expand(
                [{"timing": {"repeat": timing}}],
                time_zone=time_zone,
                after=now,
                until=now + timedelta(hours=48),
                starts_at=instant(first, time(12), time_zone),
                clock_times=CLOCK_TIMES,
            )
        )
    return sorted(found)


def _each_day(time_zone: str, first: date, days: int) -> Iterator[datetime]:
    for number in range(days):
        yield instant(first + timedelta(days=number), time(12), time_zone)


@pytest.mark.parametrize(("time_zone", "changes_on", "moved"), CHANGES)
def test_the_changes_are_those_of_the_tz_database(time_zone: str, changes_on: date, moved: timedelta) -> None:
    before, after = (
        datetime.combine(changes_on + timedelta(days=days), time(12), tzinfo=zone(time_zone)).utcoffset()
        for days in (-1, 1)
    )
    assert before is not None
    assert after is not None
    assert after - before == moved


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize(("time_zone", "changes_on", "moved"), CHANGES)
def test_each_local_day_has_one_dose_through_a_change(
    time_zone: str, changes_on: date, moved: timedelta, wall: time
) -> None:
    first = changes_on - timedelta(days=3)
    local = [at.astimezone(zone(time_zone)) for at in lived_through(time_zone, first, 6, wall)]
    days = [at.date() for at in local]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert len(days) >= 6
    assert changes_on in days
    for at in local:
        assert at.time() == wall or (at.date() == changes_on and moved > timedelta())
        assert timedelta() <= _minutes(at.time()) - _minutes(wall) <= abs(moved)
        assert at.fold == 0  # what comes twice is asked for the first time


def _minutes(wall: time) -> timedelta:
    return timedelta(hours=wall.hour, minutes=wall.minute)


@pytest.mark.parametrize(
    ("time_zone", "day", "wall", "moved_to"),
    [
        ("America/New_York", date(2026, 3, 8), time(2, 30), time(3, 30)),
        ("Europe/London", date(2026, 3, 29), time(1, 15), time(2, 15)),
        ("America/Sao_Paulo", date(2018, 11, 4), time(0, 30), time(1, 30)),
        ("Africa/Cairo", date(2026, 4, 24), time(0, 0), time(1, 0)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 0), time(2, 30)),
    ],
)
def test_a_time_that_does_not_exist_moves_forward_by_the_gap(
    time_zone: str, day: date, wall: time, moved_to: time
) -> None:
    (at,) = [
        at.astimezone(zone(time_zone))
        for at in lived_through(time_zone, day - timedelta(days=1), 1, wall)
        if at.astimezone(zone(time_zone)).date() == day
    ]
    assert at.time() == moved_to


@pytest.mark.parametrize(
    ("time_zone", "day", "wall", "utc"),
    [
        ("America/New_York", date(2026, 11, 1), time(1, 15), datetime(2026, 11, 1, 5, 15)),
        ("Europe/London", date(2026, 10, 25), time(1, 15), datetime(2026, 10, 25, 0, 15)),
        ("Africa/Cairo", date(2026, 10, 29), time(23, 30), datetime(2026, 10, 29, 20, 30)),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), datetime(2026, 4, 4, 14, 45)),
    ],
)
def test_a_time_that_comes_twice_is_taken_the_first_time(time_zone: str, day: date, wall: time, utc: datetime) -> None:
    found = [at for at in lived_through(time_zone, day - timedelta(days=1), 3, wall) if at.date() in (day, utc.date())]
    assert utc.replace(tzinfo=UTC) in found
    assert utc.replace(tzinfo=UTC) + timedelta(hours=1) not in found


def test_a_leap_day_is_a_day_like_any_other() -> None:
    first = date(2028, 2, 26)
    every_day = [at.date() for at in lived_through("Europe/London", first, 5, time(8))]
    assert every_day == [first + timedelta(days=number) for number in range(1, 7)]
    assert date(2028, 2, 29) in every_day
    every_other = [at.date() for at in lived_through("Europe/London", first, 6, time(8), period=2)]
    assert every_other == [date(2028, 2, 28), date(2028, 3, 1), date(2028, 3, 3)]
    ten_days = lived_through("Europe/London", first, 12, time(8), boundsDuration={"value": 5, "code": "d"})
    assert [at.date() for at in ten_days] == [first + timedelta(days=number) for number in range(1, 5)]
