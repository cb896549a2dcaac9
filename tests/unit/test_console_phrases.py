"""The desk's words for deadlines, people and what was told."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.console.phrases import REASONS, at_desk, count_people, due, exactly, language_name, span, told
from bot.domain.enums import TicketReason

NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # Tuesday, 12:00 in New York
DESK = "America/New_York"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(minutes=38), "due in 38 min"),
        (timedelta(hours=3), "due in 3 h"),
        (timedelta(hours=7), "due today 19:00"),
        (timedelta(days=1), "due tomorrow 12:00"),
        (timedelta(days=3), "due Friday 12:00"),
        (timedelta(minutes=-2), "overdue by 2 min"),
        (timedelta(days=-3), "overdue by 3 days"),
    ],
)
def test_a_deadline_is_said_in_words(left: timedelta, words: str) -> None:
    assert due(NOON + left, NOON, DESK).short == words


def test_a_deadline_carries_its_exact_time_at_the_desk() -> None:
    moment = due(NOON + timedelta(minutes=38), NOON, DESK)
    assert moment.exact == "Tuesday 24 November 2026, 12:38 EST"
    assert not moment.overdue


def test_an_event_of_another_day_names_the_day() -> None:
    assert at_desk(NOON, DESK, NOON).short == "12:00"
    assert at_desk(NOON - timedelta(days=2), DESK, NOON).short == "Sun 22 Nov 12:00"


def test_the_exact_time_follows_the_desks_own_summer_time() -> None:
    assert exactly(datetime(2026, 7, 1, 12, tzinfo=UTC), DESK) == "Wednesday 1 July 2026, 08:00 EDT"


def test_lengths_of_time_use_their_largest_unit() -> None:
    assert [span(timedelta(seconds=s)) for s in (20, 89 * 60, 91 * 60, 49 * 3600)] == [
        "under a minute",
        "89 min",
        "2 h",
        "2 days",
    ]


def test_people_are_counted_in_words_up_to_ten() -> None:
    assert [count_people(n) for n in (1, 2, 10, 14)] == ["One person", "Two people", "Ten people", "14 people"]


def test_every_reason_has_its_words() -> None:
    assert set(REASONS) == set(TicketReason)


def test_what_was_told_is_a_sentence_or_nothing() -> None:
    assert told(["emergency_known"]) == "Given the emergency number."
    assert told(["about_name", "handoff_refill"]) == "Told that a person will answer."
    assert told(["medication_list"]) == ""


def test_languages_have_their_english_names_and_unknown_ones_their_code() -> None:
    assert language_name("es") == "Spanish"
    assert language_name("zh-Hans") == "Chinese (Simplified)"
    assert language_name("x-none") == "x-none"
