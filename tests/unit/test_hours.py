"""When a coordinator owes a first answer."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.enums import Urgency
from bot.handoff.hours import URGENT_WITHIN, OfficeHours

HOURS = OfficeHours(
    weekdays=frozenset(range(5)), opens_local=time(8), closes_local=time(17), time_zone="America/New_York"
)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A wall time in New York in the week of Monday, November 23, 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (at(23, 6), at(23, 17)),
        (at(23, 10), at(23, 17)),
        (at(23, 13), at(23, 17)),
        (at(23, 13, 1), at(24, 12)),
        (at(23, 20), at(24, 12)),
        (at(27, 14), at(30, 12)),
        (at(28, 10), at(30, 12)),
        (at(29, 10), at(30, 12)),
    ],
)
def test_a_routine_answer_is_due_the_same_day_or_by_noon_of_the_next_working_day(now: datetime, due: datetime) -> None:
    assert HOURS.answer_due(now, Urgency.ROUTINE) == due


@pytest.mark.parametrize("now", [at(23, 10), at(28, 3)])
def test_an_urgent_answer_is_due_soon_at_any_hour(now: datetime) -> None:
    assert HOURS.answer_due(now, Urgency.URGENT) == now + URGENT_WITHIN


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)))
def test_a_promise_lies_ahead_and_on_a_working_day(naive: datetime) -> None:
    now = naive.replace(tzinfo=UTC)
    due = HOURS.answer_due(now, Urgency.ROUTINE)
    assert now < due <= now + timedelta(days=4)
    assert due.astimezone(UTC).weekday() < 5


@pytest.mark.parametrize(
    ("now", "is_open"), [(at(23, 8), True), (at(23, 17), False), (at(23, 7, 59), False), (at(28, 12), False)]
)
def test_the_desk_is_open_in_its_hours(now: datetime, is_open: bool) -> None:
    assert HOURS.is_open(now) is is_open
