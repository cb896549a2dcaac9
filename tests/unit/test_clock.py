"""Wall times become instants, also on the days on which the clocks change."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.clock import SystemClock, end_of_local_day, instant, start_of_local_day, zone
from bot.domain.errors import UnknownTimeZone

NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("day", "wall", "expected"),
    [
        (date(2026, 11, 23), time(9, 30), datetime(2026, 11, 23, 14, 30, tzinfo=UTC)),
        (date(2026, 7, 1), time(9, 30), datetime(2026, 7, 1, 13, 30, tzinfo=UTC)),
        (date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),  # does not exist: moves forward
        (date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # comes twice: the first
    ],
)
def test_a_wall_time_is_one_instant(day: date, wall: time, expected: datetime) -> None:
    assert instant(day, wall, NEW_YORK) == expected


def test_a_local_day_begins_and_ends_at_local_midnight() -> None:
    at = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
    assert start_of_local_day(at, NEW_YORK) == datetime(2026, 11, 1, 4, 0, tzinfo=UTC)
    assert end_of_local_day(at, NEW_YORK) == datetime(2026, 11, 2, 5, 0, tzinfo=UTC)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)), st.sampled_from([NEW_YORK, "Asia/Kolkata", "UTC"]))
def test_every_instant_lies_in_its_own_local_day(naive: datetime, time_zone: str) -> None:
    at = naive.replace(tzinfo=UTC)
    assert start_of_local_day(at, time_zone) <= at < end_of_local_day(at, time_zone)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "New York"])
def test_an_unknown_zone_is_named(name: str) -> None:
    with pytest.raises(UnknownTimeZone):
        zone(name)


def test_the_machines_clock_is_aware_and_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
