"""Doses, days and the proportion of days covered: nothing is lost in the sums, and silence is no missed dose."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.care.days_covered import DayState, Dose, DoseState, Period, Reported, by_day, dose_state
from bot.domain.clock import instant, zone
from bot.domain.enums import AdministrationStatus

NEW_YORK = "America/New_York"
# Half-hour and quarter-hour offsets, clocks that change at midnight and by half an hour, and a day that never was.
ZONES = (NEW_YORK, "Asia/Kolkata", "Asia/Kathmandu", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia")
TAKEN, SKIPPED, UNKNOWN, WAITING = DoseState
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Row = tuple[datetime, AdministrationStatus]


def nows() -> st.SearchStrategy[datetime]:
    return st.datetimes(datetime(2011, 12, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@st.composite
def records(draw: st.DrawFn) -> tuple[datetime, str, list[Row]]:
    """A present, a zone, and rows from before the period until after the present."""
    now = draw(nows())
    minutes = st.integers(-40 * 24 * 60, 3 * 24 * 60)
    rows = st.lists(st.tuples(minutes, st.sampled_from(AdministrationStatus)), max_size=80)
    return now, draw(st.sampled_from(ZONES)), [(now + timedelta(minutes=at), status) for at, status in draw(rows)]


def reported(now: datetime, time_zone: str, rows: list[Row], days: int = 30) -> Reported:
    doses = [Dose(due_at=at, state=dose_state(status, at, now)) for at, status in rows]
    return by_day(doses, Period.latest(days, time_zone, now))


def each_day(states: list[list[DoseState]]) -> Reported:
    """One list of states for each day, the last one yesterday."""
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    doses = [
        Dose(due_at=now - (len(states) - number) * DAY + hour * HOUR, state=state)
        for number, day in enumerate(states)
        for hour, state in enumerate(day)
    ]
    return by_day(doses, Period.latest(len(states) + 1, "UTC", now))


@given(records())
def test_every_dose_of_the_period_is_counted_once(record: tuple[datetime, str, list[Row]]) -> None:
    now, time_zone, rows = record
    found = reported(now, time_zone, rows)
    today = now.astimezone(zone(time_zone)).date()
    local = [(at, at.astimezone(zone(time_zone)).date()) for at, _ in rows]
    due = [at for at, day in local if today - 29 * DAY <= day and at <= now]
    counts = found.counts
    assert counts.taken + counts.skipped + counts.unknown + counts.waiting == counts.due == len(due)
    assert counts.told == counts.taken + counts.skipped
    assert [dose.due_at for dose in found.doses] == sorted(due)


@given(records())
def test_every_day_of_the_period_stands_there_once_and_is_known_unknown_waiting_or_empty(
    record: tuple[datetime, str, list[Row]],
) -> None:
    now, time_zone, rows = record
    found = reported(now, time_zone, rows)
    last = now.astimezone(zone(time_zone)).date()
    assert [day.day for day in found.days] == [last - number * DAY for number in reversed(range(30))]
    covered, states = found.days_covered, [day.state for day in found.days]
    others = states.count(DayState.WAITING) + states.count(DayState.NOTHING)
    assert covered.known + covered.unknown + others == 30
    assert covered.covered <= covered.known
    assert (covered.ratio is None) == (covered.known < 7)
    assert covered.ratio is None or 0 <= covered.ratio <= 1


@given(records(), st.data())
def test_a_dose_that_nobody_can_tell_of_is_never_worse_than_a_skipped_one(
    record: tuple[datetime, str, list[Row]], data: st.DataObject
) -> None:
    now, time_zone, rows = record
    skipped = [number for number, (_, status) in enumerate(rows) if status is AdministrationStatus.NOT_DONE]
    silent = data.draw(st.sets(st.sampled_from(skipped))) if skipped else set()
    quieter = [(at, AdministrationStatus.UNKNOWN if n in silent else status) for n, (at, status) in enumerate(rows)]
    before = reported(now, time_zone, rows).days_covered.ratio
    after = reported(now, time_zone, quieter).days_covered.ratio
    assert before is None or after is None or after >= before


@given(st.lists(st.lists(st.sampled_from([TAKEN, SKIPPED]), max_size=3), max_size=20), st.integers(1, 10))
def test_days_of_silence_leave_the_ratio_as_it_is(told: list[list[DoseState]], silent: int) -> None:
    before, after = each_day(told), each_day([*told, *[[UNKNOWN]] * silent])
    assert after.days_covered.ratio == before.days_covered.ratio
    assert after.days_covered.unknown == silent


@given(st.lists(st.lists(st.sampled_from([TAKEN, SKIPPED, UNKNOWN]), min_size=1, max_size=3), max_size=25))
def test_the_ratio_is_never_below_the_one_that_takes_silence_for_missed(states: list[list[DoseState]]) -> None:
    covered = each_day(states).days_covered
    assert covered.known + covered.unknown == len(states)
    assert covered.ratio is None or covered.ratio >= covered.covered / len(states)


@pytest.mark.parametrize(
    ("doses", "state"),
    [
        ([], DayState.NOTHING),
        ([TAKEN, TAKEN], DayState.TAKEN),
        ([TAKEN, SKIPPED], DayState.PARTLY),
        ([SKIPPED], DayState.SKIPPED),
        ([TAKEN, UNKNOWN], DayState.UNKNOWN),
        ([SKIPPED, UNKNOWN], DayState.UNKNOWN),
        ([UNKNOWN, WAITING], DayState.UNKNOWN),
        ([TAKEN, WAITING], DayState.WAITING),
    ],
)
def test_a_day_is_covered_only_when_every_dose_of_it_is_reported_taken(doses: list[DoseState], state: DayState) -> None:
    assert each_day([doses]).days[0].state is state


def test_there_is_no_ratio_below_seven_known_days() -> None:
    six = each_day([*[[TAKEN]] * 6, *[[UNKNOWN]] * 20]).days_covered
    assert (six.known, six.unknown, six.ratio, six.reaches_threshold) == (6, 20, None, None)
    seven = each_day([[TAKEN]] * 7).days_covered
    assert (seven.known, seven.ratio, seven.reaches_threshold) == (7, 1.0, True)


@pytest.mark.parametrize(("covered", "missed", "reaches"), [(8, 2, True), (7, 2, False), (24, 6, True), (23, 6, False)])
def test_eighty_percent_and_more_reach_the_threshold(covered: int, missed: int, reaches: bool) -> None:
    found = each_day([*[[TAKEN]] * covered, *[[SKIPPED]] * missed]).days_covered
    assert (found.covered, found.known, found.reaches_threshold) == (covered, covered + missed, reaches)


@pytest.mark.parametrize(
    ("status", "hours_ago", "state"),
    [
        (AdministrationStatus.IN_PROGRESS, 0, WAITING),
        (AdministrationStatus.IN_PROGRESS, 11.9, WAITING),
        (AdministrationStatus.IN_PROGRESS, 12, UNKNOWN),
        (AdministrationStatus.UNKNOWN, 1, UNKNOWN),
        (AdministrationStatus.COMPLETED, 1, TAKEN),
        (AdministrationStatus.NOT_DONE, 1, SKIPPED),
    ],
)
def test_an_answer_is_waited_for_twelve_hours(status: AdministrationStatus, hours_ago: float, state: DoseState) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert dose_state(status, now - hours_ago * HOUR, now) is state


@pytest.mark.parametrize("last", [date(2026, 3, 20), date(2026, 11, 10)], ids=["clocks forward", "clocks back"])
@pytest.mark.parametrize("wall", [time(0, 30), time(2, 30), time(23, 45)], ids=str)
def test_a_daily_dose_covers_every_day_through_a_clock_change(last: date, wall: time) -> None:
    days = [last - number * DAY for number in range(30)]
    doses = [Dose(due_at=instant(day, wall, NEW_YORK), state=TAKEN) for day in days]
    found = by_day(doses, Period.latest(30, NEW_YORK, instant(last, time(23, 59), NEW_YORK)))
    assert {day.state for day in found.days} == {DayState.TAKEN}
    assert found.days_covered.known == 30


def test_a_dose_at_local_midnight_is_of_the_day_that_begins() -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    period = Period.latest(2, NEW_YORK, now)
    at = period.starts_at
    yesterday, today = by_day([Dose(due_at=at, state=TAKEN), Dose(due_at=at + DAY, state=SKIPPED)], period).days
    assert (yesterday.day, yesterday.state) == (date(2026, 11, 23), DayState.TAKEN)
    assert (today.day, today.state) == (date(2026, 11, 24), DayState.SKIPPED)


@given(records(), st.sampled_from(ZONES))
def test_whoever_travels_keeps_every_dose_that_both_calendars_hold(
    record: tuple[datetime, str, list[Row]], other: str
) -> None:
    now, home, rows = record
    inner = [row for row in rows if now - 28 * DAY <= row[0] <= now]
    here, there = reported(now, home, inner, days=32), reported(now, other, inner, days=32)
    assert here.counts == there.counts
    assert here.doses == there.doses


def test_counts_add_up() -> None:
    first = each_day([[TAKEN, SKIPPED], [UNKNOWN]]).counts
    assert first + first == replace(first, taken=2, skipped=2, unknown=2)
