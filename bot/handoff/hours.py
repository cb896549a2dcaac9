"""When a coordinator owes a first answer."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.domain.clock import instant, zone
from bot.domain.enums import Urgency

URGENT_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class OfficeHours:
    """The desk's hours. `weekdays` as in `datetime.weekday` (Monday is 0); wall times in `time_zone` (IANA)."""

    weekdays: frozenset[int]
    opens_local: time
    closes_local: time
    time_zone: str

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(zone(self.time_zone))
        return local.weekday() in self.weekdays and self.opens_local <= local.time() < self.closes_local

    def next_open(self, at: datetime) -> datetime:
        """The instant itself while somebody is on duty, else the next opening, UTC."""
        if self.is_open(at):
            return at
        local = at.astimezone(zone(self.time_zone))
        day = local.date()
        if local.time() >= self.closes_local:
            day += timedelta(days=1)
        while day.weekday() not in self.weekdays:
            day += timedelta(days=1)
        return instant(day, self.opens_local, self.time_zone)

    def answer_due(self, now: datetime, urgency: Urgency) -> datetime:
        """UTC instant by which a person answers: urgent soon at any hour, routine within the working day.

        A routine question of the morning is answered the same day by closing; later ones by noon of the next
        working day.
        """
        if urgency is Urgency.URGENT:
            return now + URGENT_WITHIN
        local = now.astimezone(zone(self.time_zone))
        closes_today = instant(local.date(), self.closes_local, self.time_zone)
        if local.weekday() in self.weekdays and closes_today - now >= timedelta(hours=4):
            return closes_today
        day = local.date() + timedelta(days=1)
        while day.weekday() not in self.weekdays:
            day += timedelta(days=1)
        return instant(day, time(12), self.time_zone)
