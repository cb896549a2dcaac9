"""How well wished days are read in texts that nobody of this project wrote, ours beside dateparser's reading.

The set is Recognizers-Text's (MIT): a text, the moment it was written, and what it names. Counted are the texts that
name one date, date with time or stretch of days which is not past; "right" is the same first and last day, without days
that have passed. Of "from the 4th to the 23rd" the set leaves out the 23rd: with it is right too. Some wrong ones are
ours by choice: the set reads "next Tuesday" in every language as that of next week, and 12/05 in Spanish as May.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.i18n.wishes import Wishes
from tests.evaluate.figures import Better, Figure, share

FILE = "recognizers_datetime_multilang.jsonl"
# Our languages by the set's names for them.
LANGUAGES = {"en": "en", "es": "es", "zh": "zh-Hans", "ar": "ar", "fr": "fr", "pt": "pt-BR", "ko": "ko", "hi": "hi"}
ONE_DAY = ("datetimeV2.date", "datetimeV2.datetime")
SEVERAL_DAYS = ("datetimeV2.daterange",)
# The set's way to write a stretch from one named day to another; "next month" is written otherwise.
_NAMED_DAYS = re.compile(r"\([^,]*-\d\d,[^,]*-\d\d,P\d+D\)$")

Span = tuple[date | None, date | None]
Read = Callable[["Row"], Span | None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A text, when it was written (local), and the days that count as right; None leaves that end open."""

    text: str
    language: str
    written_local: datetime
    right: Sequence[Span]


def read_rows(folder: Path) -> list[Row]:
    """The rows that count, in the file's order."""
    with (folder / FILE).open(encoding="utf-8") as stored:
        return [row for row in map(_row, map(json.loads, stored)) if row is not None]


def date_figures(folder: Path, intents: Path) -> Iterator[Figure]:
    """For each language the share read rightly and the share read wrongly; the rest is left to a person.

    The same for dateparser where it can be imported.
    """
    rows = read_rows(folder)
    readers: dict[str, Read] = {"dates": _ours(Wishes(intents))}
    if find_spec("dateparser") is not None:
        readers["dates_dateparser"] = _dateparser()
    for name, read in readers.items():
        found = [(row, read(row)) for row in rows]
        for language in (*LANGUAGES.values(), "all"):
            pairs = [(row, days) for row, days in found if language in (row.language, "all")]
            right = sum(is_right(row, days) for row, days in pairs)
            wrong = sum(days is not None for _, days in pairs) - right
            yield share(f"{name}_{language}_right", right, len(pairs), Better.HIGHER)
            yield share(f"{name}_{language}_wrong", wrong, len(pairs), Better.LOWER)


def is_right(row: Row, days: Span | None) -> bool:
    """An end that the text leaves open may be anything."""
    if days is None:
        return False
    return any(all(want in (None, got) for want, got in zip(right, days, strict=True)) for right in row.right)


def _ours(wishes: Wishes) -> Read:
    def read(row: Row) -> Span | None:
        wish = wishes.read(row.text, row.language, row.written_local.replace(tzinfo=UTC), "UTC")
        return None if wish is None else (wish.first, wish.last)

    return read


def _dateparser() -> Read:
    """Its search, told to prefer the future: a day where it finds one and only one."""
    from dateparser.search import search_dates  # type: ignore[import-not-found,import-untyped,unused-ignore]

    codes = {ours: {"zh-Hans": "zh", "pt-BR": "pt"}.get(ours, ours) for ours in LANGUAGES.values()}

    def read(row: Row) -> Span | None:
        settings = {"PREFER_DATES_FROM": "future", "RELATIVE_BASE": row.written_local}
        found = search_dates(row.text, languages=[codes[row.language]], settings=settings) or []
        days = {at.date() for _, at in found}
        return (min(days), min(days)) if len(days) == 1 else None

    return read


def _row(stored: Mapping[str, Any]) -> Row | None:
    named = [each for each in stored["results"] if each["type"] in ONE_DAY + SEVERAL_DAYS]
    if stored["lang"] not in LANGUAGES or not stored["reference"] or len(named) != 1 or len(stored["results"]) != 1:
        return None
    written_local = datetime.fromisoformat(stored["reference"])
    spans = [span for value in named[0]["values"] or () for span in _spans(value)]
    right = [_from(span, written_local.date()) for span in spans if _last(span) >= written_local.date()]
    if not right:
        return None
    language = LANGUAGES[stored["lang"]]
    return Row(text=stored["text"], language=language, written_local=written_local, right=right)


def _last(span: Span) -> date:
    return span[1] or span[0] or date.min


def _from(span: Span, today: date) -> Span:
    """Without the days before today, of which nobody can be given one."""
    first, last = span
    return (None if first is None else max(first, today)), last


def _spans(value: Mapping[str, Any]) -> Iterator[Span]:
    """The days of one value. Its `end` is the day after the last, or the last one that the text names."""
    try:
        if "value" in value:
            day = date.fromisoformat(value["value"][:10])
            yield day, day
            return
        first = date.fromisoformat(value["start"][:10]) if "start" in value else None
        end = date.fromisoformat(value["end"][:10]) if "end" in value else None
    except ValueError:
        return
    if first is not None or end is not None:
        yield first, end - timedelta(days=1) if end else None
    if first is not None and end is not None and _NAMED_DAYS.match(value["timex"]):
        yield first, end
