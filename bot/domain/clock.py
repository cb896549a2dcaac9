"""Instants are UTC and aware; wall-clock times stand beside an IANA zone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.errors import UnknownTimeZone


class Clock(Protocol):
    """The clinic's time. Only the demo's clock may differ from the machine's."""

    def now(self) -> datetime:
        """The present instant, UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises UnknownTimeZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UnknownTimeZone(name) from error


def instant(day: date, wall_local: time, time_zone: str) -> datetime:
    """The UTC instant of a wall time in a zone.

    A time that does not exist (clocks go forward) moves forward by the gap; a time that happens twice is
    taken the first time, so it fires once.
    """
    local = datetime.combine(day, wall_local, tzinfo=zone(time_zone))
    return local.astimezone(UTC)


def start_of_local_day(at: datetime, time_zone: str) -> datetime:
    """Local midnight of the day that holds `at`, as UTC."""
    return instant(at.astimezone(zone(time_zone)).date(), time(0), time_zone)


def end_of_local_day(at: datetime, time_zone: str) -> datetime:
    """The next local midnight after `at`, as UTC."""
    return instant(at.astimezone(zone(time_zone)).date() + timedelta(days=1), time(0), time_zone)
