"""Wished days and times: read in the language they were written in, in the person's own zone, or not read at all."""

import shutil
import time as stopwatch
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
import yaml

from bot.domain.errors import ContentInvalid, UnknownTimeZone
from bot.i18n.wishes import Wish, Wishes, empty_sections
from bot.settings import CHECKOUT

INTENTS = CHECKOUT / "intents"
NEW_YORK = "America/New_York"
MONDAY = datetime(2026, 11, 23, 15, tzinfo=UTC)  # 10:00 in New York
TABLE = Path(__file__).with_name("wishes.yml")


@pytest.fixture(scope="module")
def wishes() -> Wishes:
    return Wishes(INTENTS)


def rows() -> list[tuple[str, str, str]]:
    document = yaml.load(TABLE.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - strings only
    return [(language, text, expected) for language, texts in document.items() for text, expected in texts.items()]


def shown(wish: Wish | None) -> str:
    """A wish as the table writes it."""
    if wish is None:
        return "none"
    days = f"{wish.first}" if wish.first == wish.last else f"{wish.first}..{wish.last}"
    times = (("at", wish.at), ("after", wish.after), ("before", wish.before))
    said = [f"{name} {wall_local:%H:%M}" for name, wall_local in times if wall_local is not None]
    return " ".join([days, *([wish.part] if wish.part else []), *said])


@pytest.mark.parametrize(("language", "text", "expected"), rows())
def test_a_wish_is_read_as_its_speakers_mean_it(wishes: Wishes, language: str, text: str, expected: str) -> None:
    assert shown(wishes.read(text, language, MONDAY, NEW_YORK)) == expected


@pytest.mark.parametrize(("language", "text", "expected"), rows())
def test_capitals_spaces_and_invisible_characters_do_not_matter(
    wishes: Wishes, language: str, text: str, expected: str
) -> None:
    written = f"\u200f  {text.upper()}\u200b  \u2067"
    assert shown(wishes.read(written, language, MONDAY, NEW_YORK)) == expected


def read(wishes: Wishes, text: str, at: str, zone: str = NEW_YORK, language: str = "en") -> str:
    return shown(wishes.read(text, language, datetime.fromisoformat(at), zone))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [(NEW_YORK, "2026-11-24"), ("Asia/Tokyo", "2026-11-25"), ("Pacific/Auckland", "2026-11-25")],
)
def test_tomorrow_is_that_of_the_persons_own_zone(wishes: Wishes, zone: str, expected: str) -> None:
    assert read(wishes, "tomorrow", "2026-11-23T23:00:00+00:00", zone) == expected


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        # Clocks go forward in New York on March 8, 2026 and back on November 1.
        ("tomorrow at 9am", "2026-03-07T23:30:00-05:00", "2026-03-08 at 09:00"),
        ("tomorrow", "2026-03-08T00:30:00-05:00", "2026-03-09"),
        ("in a week", "2026-10-31T23:30:00-04:00", "2026-11-07"),
        ("next week", "2026-11-01T00:30:00-04:00", "2026-11-02..2026-11-08"),
        ("feb 29", "2028-01-10T12:00:00-05:00", "2028-02-29"),
        ("feb 29", "2026-01-10T12:00:00-05:00", "none"),
        ("feb 29", "2027-03-10T12:00:00-05:00", "2028-02-29"),
        ("feb 30", "2026-01-10T12:00:00-05:00", "none"),
        ("the 31st", "2026-02-10T12:00:00-05:00", "2026-03-31"),
        ("in one month", "2027-01-31T12:00:00-05:00", "2027-02-28"),
        ("january 2", "2026-12-30T12:00:00-05:00", "2027-01-02"),
        ("next week", "2026-12-30T12:00:00-05:00", "2027-01-04..2027-01-10"),
        ("next month", "2026-12-30T12:00:00-05:00", "2027-01-01..2027-01-31"),
        ("december 1", "2026-12-01T12:00:00-05:00", "2026-12-01"),
        ("november 30", "2026-12-01T12:00:00-05:00", "2027-11-30"),
        ("november 30 2026", "2026-12-01T12:00:00-05:00", "none"),
        ("tuesday", "2026-12-01T12:00:00-05:00", "2026-12-08"),
        ("today at 9am", "2026-12-01T12:00:00-05:00", "none"),
        ("today after 3", "2026-12-01T12:00:00-05:00", "2026-12-01 after 15:00"),
        ("this morning", "2026-12-01T12:30:00-05:00", "none"),
        ("end of next week", "2026-11-23T10:00:00-05:00", "2026-12-03..2026-12-06"),
        ("early december", "2026-11-23T10:00:00-05:00", "2026-12-01..2026-12-10"),
        ("in december next year", "2026-11-23T10:00:00-05:00", "none"),
        ("the first week of december", "2026-11-23T10:00:00-05:00", "none"),
        ("within two weeks", "2026-11-23T10:00:00-05:00", "2026-11-23..2026-12-07"),
    ],
)
def test_the_ends_of_days_months_and_years(wishes: Wishes, text: str, at: str, expected: str) -> None:
    assert read(wishes, text, at) == expected


RUBBISH = [
    "",
    " \n\t",
    "👍🏽👍🏽",
    "tuesday " * 1_250,
    "1" * 10_000,
    "1/" * 5_000,
    "١٢٣٤٥" * 2_000,
    "下" * 10_000,
    "\u202e\u2066" * 3_000 + "x",
    "\u0301" * 10_000,
    "²³①½ 99/99 00:00 2026-13-45 31/02",
    "tue\ud800sday",
    "вторник tuesday 星期二 الثلاثاء मंगलवार 화요일 thứ ba mardi madi",
    "a-b-c.d.e/f:g" * 700,
]


@pytest.mark.parametrize("language", sorted(path.parent.name for path in INTENTS.glob("*/dates.yml")))
def test_rubbish_is_read_quickly_and_never_as_a_day_in_the_past(wishes: Wishes, language: str) -> None:
    started = stopwatch.perf_counter()
    for text in RUBBISH:
        wish = wishes.read(text, language, MONDAY, NEW_YORK)
        assert wish is None or wish.last >= wish.first >= date(2026, 11, 23)
    assert stopwatch.perf_counter() - started < 2


def test_a_language_without_words_for_days_is_left_to_a_person(wishes: Wishes) -> None:
    assert wishes.read("tuesday", "xx", MONDAY, NEW_YORK) is None


def test_a_naive_moment_and_an_unknown_zone_are_refused(wishes: Wishes) -> None:
    with pytest.raises(ValueError, match="aware"):
        wishes.read("tuesday", "en", datetime(2026, 11, 23), NEW_YORK)
    with pytest.raises(UnknownTimeZone):
        wishes.read("tuesday", "en", MONDAY, "Mars/Olympus")


def test_a_time_replaces_the_part_of_the_day_in_what_is_said_back() -> None:
    day = date(2026, 11, 26)
    assert Wish(first=day, last=day, part="evening", after=time(17)).as_params() == {
        "first": "2026-11-26",
        "last": "2026-11-26",
        "after": "17:00",
    }
    assert Wish(first=day, last=day, part="evening").as_params()["part"] == "evening"


def spoilt(folder: Path, old: str, new: str) -> Path:
    (folder / "en").mkdir()
    path = folder / "en" / "dates.yml"
    shutil.copy(INTENTS / "en" / "dates.yml", path)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("order: month_first", "order: sometimes", "order must be month_first or day_first"),
        ('  - "no"\n', "  - no\n", "put quotes around False"),
        ("weeks:", "weekz:", "weekz: no such section"),
        ("  2: [after next]", "  soon: [after next]", "neither a number nor a name"),
        ("  3: [march, mar]", "  3: [march, tuesday]", "already means something else"),
        ("language: en", "language: fr", "language must be en"),
        ("in: [in]", "in: [in", "not readable as YAML"),
    ],
)
def test_a_spoilt_file_is_named_with_what_is_wrong(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(ContentInvalid, match=complaint) as caught:
        Wishes(spoilt(tmp_path, old, new))
    assert str(tmp_path / "en" / "dates.yml") in str(caught.value)


def test_an_empty_section_is_named_but_stops_nobody(tmp_path: Path) -> None:
    scaffolded = (
        'language: xx\norder: day_first\nweekdays: {days}\ndays_ahead: {{}}\nparts: {{}}\nweeks: {{}}\n"not": []\n'
    )
    days = "{monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: []}"
    path = tmp_path / "xx" / "dates.yml"
    path.parent.mkdir()
    path.write_text(scaffolded.format(days=days), "utf-8")
    assert Wishes(tmp_path).read("tuesday", "xx", MONDAY, NEW_YORK) is None
    assert f"{path}: weeks holds no words" in empty_sections(tmp_path)
