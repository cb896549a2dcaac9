"""Which times suit somebody, as far as their words say it. All values are wall-clock values in their own time zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Self

NOON, EVENING = time(12), time(17)


@dataclass(frozen=True, kw_only=True)
class Suiting:
    """Days and times that somebody named. What is empty was not named and sets no limit.

    `spans`: stretches of days, first and last included, any of which suits; `weekdays`: Monday is 0. `parts` are of
    "morning", "afternoon", "evening". The `not_` ones do not suit. `after`: at that time or later; `before`: done by
    then; `at`: exactly then. `either`: one of these has to suit as well ("Friday afternoon or any time next week").
    """

    spans: tuple[tuple[date, date], ...] = ()
    weekdays: frozenset[int] = frozenset()
    parts: frozenset[str] = frozenset()
    not_spans: tuple[tuple[date, date], ...] = ()
    not_weekdays: frozenset[int] = frozenset()
    not_parts: frozenset[str] = frozenset()
    after: time | None = None
    before: time | None = None
    at: time | None = None
    either: tuple["Suiting", ...] = ()

    @property
    def names_days(self) -> bool:
        return bool(self.spans or self.weekdays) or any(each.names_days for each in self.either)

    def fits(self, starts_local: datetime, ends_local: datetime) -> bool:
        """Whether something from then to then suits."""
        if self.either and not any(each.fits(starts_local, ends_local) for each in self.either):
            return False
        return self.fits_day(starts_local.date()) and self._fits_time(starts_local, ends_local)

    def fits_day(self, day: date) -> bool:
        if self.either and not any(each.fits_day(day) for each in self.either):
            return False
        if day.weekday() in self.not_weekdays or _within(day, self.not_spans):
            return False
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        return not self.spans or _within(day, self.spans)

    def _fits_time(self, starts_local: datetime, ends_local: datetime) -> bool:
        wall, part = starts_local.time(), part_of_day(starts_local.time())
        if part in self.not_parts or (self.parts and part not in self.parts):
            return False
        if self.at is not None and wall != self.at:
            return False
        ends_in_time = self.before is None or (
            ends_local.date() == starts_local.date() and ends_local.time() <= self.before
        )
        return ends_in_time and (self.after is None or wall >= self.after)

    def as_json(self) -> dict[str, Any]:
        """For the metadata of a message; read again by `from_json`."""
        lists = {name: sorted(getattr(self, name)) for name in ("weekdays", "parts", "not_weekdays", "not_parts")}
        days = {
            name: [[first.isoformat(), last.isoformat()] for first, last in getattr(self, name)]
            for name in ("spans", "not_spans")
        }
        walls = {name: getattr(self, name) for name in ("after", "before", "at")}
        times = {name: wall and wall.isoformat("minutes") for name, wall in walls.items()}
        return {**lists, **days, **times, "either": [each.as_json() for each in self.either]}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError and ValueError for another shape."""
        values: dict[str, Any] = {
            name: frozenset(document[name]) for name in ("weekdays", "parts", "not_weekdays", "not_parts")
        }
        for name in ("spans", "not_spans"):
            values[name] = tuple(
                (date.fromisoformat(first), date.fromisoformat(last)) for first, last in document[name]
            )
        for name in ("after", "before", "at"):
            values[name] = document[name] and time.fromisoformat(document[name])
        return cls(either=tuple(cls.from_json(each) for each in document["either"]), **values)


def part_of_day(wall: time) -> str:
    """ "morning" before noon, "afternoon" before five, "evening" from then on."""
    if wall < NOON:
        return "morning"
    return "afternoon" if wall < EVENING else "evening"


def _within(day: date, spans: tuple[tuple[date, date], ...]) -> bool:
    return any(first <= day <= last for first, last in spans)


ANY_TIME = Suiting()
