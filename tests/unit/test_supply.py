"""How many days a supply covers: the examples of those who defined it, and what holds for every history of fills."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.care.supply import Coverage, Fill, coverage

FIRST, LAST = date(2018, 1, 1), date(2018, 12, 31)
Fills = list[Fill]
days = st.integers(-40, 400).map(lambda number: FIRST + timedelta(days=number))
fills = st.tuples(days, st.integers(1, 120))
histories = st.lists(fills, max_size=8)


def in_the_year(fill: Fill) -> bool:
    return FIRST <= fill[0] <= LAST


def covered_by_hand(history: Fills, first_day: date, last_day: date) -> set[date]:
    """Every tablet is taken on the first day that has none yet, from the day of its fill on."""
    taken: set[date] = set()
    for day, enough_for in sorted(fill for fill in history if first_day <= fill[0] <= last_day):
        at = day
        for _ in range(enough_for):
            while at in taken:
                at += timedelta(days=1)
            taken.add(at)
    return {day for day in taken if day <= last_day}


def test_an_early_refill_begins_when_the_earlier_supply_ends() -> None:
    """PQA's example: filled on March 25 while there was enough to March 31, so its first dose is that of April 1."""
    early = [(date(2018, 1, 1), 90), (date(2018, 3, 25), 90)]
    assert coverage(early, FIRST, date(2018, 6, 29)) == Coverage(days_covered=180, days=180)
    later = [(date(2018, 7, 5), 90), (date(2018, 10, 15), 90)]
    year = coverage([*early, *later], FIRST, LAST)
    assert year == Coverage(days_covered=90 + 90 + 90 + 78, days=365)
    assert year is not None
    assert round(year.ratio, 3) == 0.953


def test_the_time_before_the_first_fill_does_not_count() -> None:
    """PQA's example: from March 25 to the end of the year are 282 days; the third fill is used from October 3 on."""
    three = [(date(2018, 3, 25), 90), (date(2018, 7, 5), 90), (date(2018, 9, 25), 90)]
    assert coverage(three, FIRST, LAST) == Coverage(days_covered=270, days=282)


def test_what_reaches_beyond_the_time_does_not_count() -> None:
    assert coverage([(date(2018, 12, 30), 30)], FIRST, LAST) == Coverage(days_covered=2, days=2)
    assert coverage([(LAST, 30)], FIRST, LAST) == Coverage(days_covered=1, days=1)


def test_two_fills_on_one_day_are_used_one_after_the_other() -> None:
    assert coverage([(FIRST, 30), (FIRST, 30)], FIRST, LAST) == Coverage(days_covered=60, days=365)


def test_a_prescription_that_ends_ends_the_time() -> None:
    history = [(FIRST, 30), (date(2018, 6, 1), 30)]
    assert coverage(history, FIRST, LAST, prescribed_until=date(2018, 2, 9)) == Coverage(days_covered=30, days=40)
    assert coverage(history, FIRST, LAST, prescribed_until=date(2019, 2, 9)) == coverage(history, FIRST, LAST)
    assert coverage(history, FIRST, LAST, prescribed_until=date(2017, 12, 31)) is None


def test_without_a_fill_in_the_time_there_is_nothing_to_say() -> None:
    assert coverage([], FIRST, LAST) is None
    assert coverage([(date(2017, 12, 31), 90), (date(2019, 1, 1), 90)], FIRST, LAST) is None


def test_a_fill_that_is_enough_for_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="a day at least"):
        coverage([(FIRST, 0)], FIRST, LAST)


@given(histories)
def test_it_is_never_more_than_all_days_and_never_nothing(history: Fills) -> None:
    found = coverage(history, FIRST, LAST)
    assert (found is None) == (not any(in_the_year(fill) for fill in history))
    if found is not None:
        assert 1 <= found.days_covered <= found.days <= 365
        assert 0 < found.ratio <= 1


@given(histories)
def test_it_is_what_somebody_finds_who_takes_each_tablet_on_the_first_free_day(history: Fills) -> None:
    found = coverage(history, FIRST, LAST)
    by_hand = covered_by_hand(history, FIRST, LAST)
    assert (0 if found is None else found.days_covered) == len(by_hand)


@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_fills_does_not_matter(history: Fills, random: object) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert coverage(shuffled, FIRST, LAST) == coverage(history, FIRST, LAST)


@given(histories, fills)
def test_an_extra_fill_never_takes_covered_days_away(history: Fills, extra: Fill) -> None:
    """Nor does it lower the ratio, unless it comes before all others: then more days are looked at."""
    before, after = coverage(history, FIRST, LAST), coverage([*history, extra], FIRST, LAST)
    if before is None or after is None:
        return
    assert after.days_covered >= before.days_covered
    if after.days == before.days:
        assert after.ratio >= before.ratio
    else:
        assert extra[0] == min(fill[0] for fill in [*history, extra] if in_the_year(fill))


def test_an_extra_fill_before_all_others_may_lower_the_ratio() -> None:
    """One tablet in January and none until December is no better a year than December alone."""
    december = [(date(2018, 12, 1), 31)]
    assert coverage(december, FIRST, LAST) == Coverage(days_covered=31, days=31)
    assert coverage([(FIRST, 1), *december], FIRST, LAST) == Coverage(days_covered=32, days=365)


@given(histories, st.integers(-3000, 3000))
def test_only_the_distances_between_days_matter(history: Fills, shift: int) -> None:
    by = timedelta(days=shift)
    shifted = [(day + by, enough_for) for day, enough_for in history]
    assert coverage(shifted, FIRST + by, LAST + by) == coverage(history, FIRST, LAST)


@given(fills, st.integers(1, 90), st.data())
def test_a_refill_on_any_day_of_the_earlier_supply_covers_the_same_days(
    first: Fill, enough_for: int, data: st.DataObject
) -> None:
    day, earlier = first
    early = day + timedelta(days=data.draw(st.integers(0, earlier)))
    end = day + timedelta(days=earlier + enough_for - 1)
    on_time = coverage([first, (day + timedelta(days=earlier), enough_for)], day, end)
    assert coverage([first, (early, enough_for)], day, end) == on_time
    assert on_time == Coverage(days_covered=earlier + enough_for, days=earlier + enough_for)


@given(histories, st.integers(0, 364))
def test_a_later_end_never_covers_fewer_days(history: Fills, shorter: int) -> None:
    whole = coverage(history, FIRST, LAST)
    part = coverage(history, FIRST, LAST, prescribed_until=LAST - timedelta(days=shorter))
    assert (0 if part is None else part.days_covered) <= (0 if whole is None else whole.days_covered)
