"""Relative days: what `day: 3` and `time: "10:30"` in clinic.yml mean at a given instant."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from bot.domain.clock import instant, zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SUNDAY = WEEKDAYS.index("sun")


class RelativeDays:
    """Days counted from today, which is the local date of `now` in one IANA zone."""

    def __init__(self, now: datetime, time_zone: str) -> None:
        self.time_zone = time_zone
        self.today = now.astimezone(zone(time_zone)).date()

    def day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def visit_day(self, offset: int) -> date:
        """As `day`, but a Sunday moves one day further away from today. Tomorrow stays tomorrow."""
        day = self.day(offset)
        if day.weekday() != SUNDAY or offset == 1:
            return day
        return day + timedelta(days=1 if offset > 0 else -1)

    def weekly(self, weekdays: Iterable[str], first: int, last: int) -> list[date]:
        """The days of those weekdays from offset `first` to offset `last`, without today."""
        wanted = {WEEKDAYS.index(name) for name in weekdays}
        days = (self.day(offset) for offset in range(first, last + 1) if offset != 0)
        return [day for day in days if day.weekday() in wanted]

    def at(self, day: date, wall_local: str) -> datetime:
        """The UTC instant of a wall time such as "10:30" on that day."""
        return instant(day, time.fromisoformat(wall_local), self.time_zone)

    def noon(self, offset: int | None) -> datetime | None:
        """Noon of that day, UTC; None for no day. For events that no hour is recorded of."""
        return None if offset is None else self.at(self.day(offset), "12:00")
