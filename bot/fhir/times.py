"""FHIR R4 dates and times as instants (UTC) and dates. What was checked by `elements` cannot fail here."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.domain.clock import instant

# FHIR R4 2.24.0.1: a year, a year and a month, or a whole date.
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
WHOLE_DATE = 10


def is_date(value: Any) -> bool:
    if not isinstance(value, str) or not DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(f"{value}-01-01"[:WHOLE_DATE] if len(value) < WHOLE_DATE else value)
    except ValueError:
        return False
    return True


def is_instant(value: Any) -> bool:
    """A time of a day needs a zone: without it nobody knows when it is. One that UTC has no year for is none."""
    if not isinstance(value, str) or "T" not in value:
        return False
    try:
        at = datetime.fromisoformat(value)
        return at.tzinfo is not None and at.astimezone(UTC) == at
    except (ValueError, OverflowError):
        return False


def read_date(text: str) -> date | None:
    """None for a year or a month alone."""
    return date.fromisoformat(text) if len(text) == WHOLE_DATE else None


def read_instant(text: str, time_zone: str) -> datetime | None:
    """UTC; of a whole date its local midnight in that zone. None for a year or a month alone."""
    if "T" in text:
        return datetime.fromisoformat(text).astimezone(UTC)
    day = read_date(text)
    return None if day is None else instant(day, time(0), time_zone)


def read_end(text: str, time_zone: str) -> datetime | None:
    """As `read_instant`, of the end of a period: a whole date still counts (FHIR R4 Period.end), to its last second.

    None, too, for the last day that a calendar knows: systems write 9999-12-31 for an end that nobody knows.
    """
    day = read_date(text)
    if day is None:
        return read_instant(text, time_zone)
    return None if day == date.max else instant(day + timedelta(days=1), time(0), time_zone) - timedelta(seconds=1)


def last_updated(resource: Mapping[str, Any]) -> datetime | None:
    """meta.lastUpdated in UTC, or None where it is missing or cannot be read."""
    meta = resource.get("meta")
    text = meta.get("lastUpdated") if isinstance(meta, Mapping) else None
    return read_instant(str(text), "UTC") if is_instant(text) else None
