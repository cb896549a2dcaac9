"""Which times suit somebody, as their own words say it: several days, repeated ones, and those that do not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from bot.domain.clock import zone
from bot.domain.suiting import ANY_TIME, Suiting
from bot.i18n.wishes import Wishes
from bot.settings import CHECKOUT

NEW_YORK = "America/New_York"
MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)  # 10:00 in New York
TABLE = Path(__file__).with_name("suiting.yml")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture(scope="module")
def wishes() -> Wishes:
    return Wishes(CHECKOUT / "intents")


def rows() -> list[tuple[str, str, str]]:
    document = yaml.load(TABLE.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - strings only
    return [(language, text, expected) for language, texts in document.items() for text, expected in texts.items()]


def shown(suiting: Suiting | None) -> str:
    """As the table writes it."""
    if suiting is None:
        return "none"
    said: list[str] = []
    for sign, spans, weekdays, parts in (
        ("", suiting.spans, suiting.weekdays, suiting.parts),
        ("-", suiting.not_spans, suiting.not_weekdays, suiting.not_parts),
    ):
        said += [f"{sign}{first}" if first == last else f"{sign}{first}..{last}" for first, last in spans]
        said += [f"{sign}{WEEKDAYS[day]}" for day in sorted(weekdays)] + [f"{sign}{part}" for part in sorted(parts)]
    walls = (("at", suiting.at), ("after", suiting.after), ("before", suiting.before))
    said += [f"{name} {wall:%H:%M}" for name, wall in walls if wall is not None]
    return " ".join([*said, *([" | ".join(map(shown, suiting.either))] if suiting.either else [])])


@pytest.mark.parametrize(("language", "text", "expected"), rows())
def test_words_say_which_times_suit_and_which_do_not(wishes: Wishes, language: str, text: str, expected: str) -> None:
    found = wishes.suiting(text, language, MONDAY, NEW_YORK)
    assert shown(found) == expected
    assert found is None or Suiting.from_json(found.as_json()) == found


def fits(suiting: Suiting, start: str, end: str) -> bool:
    local = zone(NEW_YORK)
    return suiting.fits(datetime.fromisoformat(start).astimezone(local), datetime.fromisoformat(end).astimezone(local))


@pytest.mark.parametrize(
    ("text", "start", "suits"),
    [
        ("evenings", "2026-12-03T17:00-05:00", True),
        ("evenings", "2026-12-03T16:59-05:00", False),
        ("any day but Tuesday", "2026-12-01T09:00-05:00", False),
        ("any day but Tuesday", "2026-12-02T09:00-05:00", True),
        ("next week before 3 pm", "2026-12-02T14:30-05:00", True),
        ("next week before 3 pm", "2026-12-02T14:45-05:00", False),
        ("next week before 3 pm", "2026-12-08T09:00-05:00", False),
        ("saturdays at 10", "2026-12-05T10:00-05:00", True),
        ("saturdays at 10", "2026-12-05T11:00-05:00", False),
        ("friday afternoon or any time next week", "2026-12-11T14:00-05:00", True),
        ("friday afternoon or any time next week", "2026-12-11T09:00-05:00", False),
        ("friday afternoon or any time next week", "2026-12-01T09:00-05:00", True),
        ("saturday or evenings", "2026-12-05T09:00-05:00", True),
        ("saturday or evenings", "2026-12-04T17:30-05:00", True),
        ("saturday or evenings", "2026-12-04T09:00-05:00", False),
    ],
)
def test_a_time_fits_or_does_not(wishes: Wishes, text: str, start: str, suits: bool) -> None:
    suiting = wishes.suiting(text, "en", MONDAY, NEW_YORK)
    assert suiting is not None
    end = datetime.fromisoformat(start) + timedelta(minutes=30)
    assert fits(suiting, start, end.isoformat()) is suits


def test_who_names_nothing_may_have_any_time() -> None:
    assert fits(ANY_TIME, "2026-12-02T09:00-05:00", "2026-12-02T09:30-05:00")
