"""How regularly one medicine was taken, by what was reported: its doses, its local days, the share of days covered.

Pure arithmetic; `bot.care.adherence` reads the record for it. The measure is pharmacists' PDC, the days covered in a
period divided by its days: Pharmacy Quality Alliance, "PQA Adherence Measures"
(https://www.pqaalliance.org/adherence-measures), which also names the standard threshold of 80 %. PQA counts the days
for which a pharmacy gave out medicine. Here a day is covered when every dose that was due on it is reported as taken;
a day with a dose that nobody can tell of is left out on both sides, since silence is no missed dose.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self

from bot.domain.clock import instant, zone
from bot.domain.enums import AdministrationStatus

DAYS = 30
THRESHOLD = 0.8
# A share of fewer days says more about chance than about the person.
LEAST_KNOWN_DAYS = 7
# As long as the answer to a reminder is taken for one.
ANSWER_LASTS = timedelta(hours=12)


class DoseState(StrEnum):
    """`waiting`: it was due a short time ago, and the answer may still come."""

    TAKEN = "taken"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    WAITING = "waiting"


class DayState(StrEnum):
    """`partly`: some of the day's doses were taken and the others skipped. `nothing`: no dose is on record."""

    TAKEN = "taken"
    PARTLY = "partly"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    NOTHING = "nothing"


KNOWN = frozenset({DayState.TAKEN, DayState.PARTLY, DayState.SKIPPED})
REPORTED = {AdministrationStatus.COMPLETED: DoseState.TAKEN, AdministrationStatus.NOT_DONE: DoseState.SKIPPED}


@dataclass(frozen=True, kw_only=True)
class Dose:
    """One dose that was due. `reported_at` is when somebody said so, not when it was taken. Both UTC."""

    due_at: datetime
    state: DoseState
    reported_at: datetime | None = None


def dose_state(status: AdministrationStatus, due_at: datetime, now: datetime) -> DoseState:
    """What is known of a dose at `now`; one that was asked about and not answered counts as unknown after 12 hours."""
    if status in REPORTED:
        return REPORTED[status]
    waiting = status is AdministrationStatus.IN_PROGRESS and now - due_at < ANSWER_LASTS
    return DoseState.WAITING if waiting else DoseState.UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Period:
    """Local days of one IANA zone, the last one up to the instant `until` (UTC)."""

    first_day: date
    last_day: date
    time_zone: str
    until: datetime

    @classmethod
    def latest(cls, days: int, time_zone: str, now: datetime) -> Self:
        """So many days, today included. Raises UnknownTimeZone."""
        today = now.astimezone(zone(time_zone)).date()
        return cls(first_day=today - timedelta(days=days - 1), last_day=today, time_zone=time_zone, until=now)

    @property
    def starts_at(self) -> datetime:
        """The first local midnight, UTC."""
        return instant(self.first_day, time(0), self.time_zone)

    def days(self) -> Iterator[date]:
        """Each day, the oldest first."""
        for number in range((self.last_day - self.first_day).days + 1):
            yield self.first_day + timedelta(days=number)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Doses by what is known of them."""

    taken: int = 0
    skipped: int = 0
    unknown: int = 0
    waiting: int = 0

    @property
    def due(self) -> int:
        return self.taken + self.skipped + self.unknown + self.waiting

    @property
    def told(self) -> int:
        """Those that somebody answered."""
        return self.taken + self.skipped

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            taken=self.taken + other.taken,
            skipped=self.skipped + other.skipped,
            unknown=self.unknown + other.unknown,
            waiting=self.waiting + other.waiting,
        )


@dataclass(frozen=True, kw_only=True)
class Day:
    """A local day with the doses that were due on it, today those that were due so far."""

    day: date
    doses: tuple[Dose, ...]

    @property
    def state(self) -> DayState:
        states = {dose.state for dose in self.doses}
        if not states:
            return DayState.NOTHING
        for doubtful in (DoseState.UNKNOWN, DoseState.WAITING):
            if doubtful in states:
                return DayState(doubtful.value)
        return DayState(states.pop().value) if len(states) == 1 else DayState.PARTLY


@dataclass(frozen=True, kw_only=True)
class DaysCovered:
    """`covered` are among the `known` days; of the `unknown` ones nobody can tell."""

    covered: int
    known: int
    unknown: int

    @property
    def ratio(self) -> float | None:
        """The proportion of days covered, 0 to 1; None where too few days are known."""
        return self.covered / self.known if self.known >= LEAST_KNOWN_DAYS else None

    @property
    def reaches_threshold(self) -> bool | None:
        """Whether it is at least PQA's 80 %; None where there is no ratio."""
        return None if self.ratio is None else self.ratio >= THRESHOLD


@dataclass(frozen=True, kw_only=True)
class Reported:
    """Every day of a period, the oldest first, with what was reported of its doses."""

    days: tuple[Day, ...]

    @property
    def doses(self) -> tuple[Dose, ...]:
        return tuple(dose for day in self.days for dose in day.doses)

    @property
    def counts(self) -> Counts:
        states = [dose.state for dose in self.doses]
        return Counts(**{state.value: states.count(state) for state in DoseState})

    @property
    def days_covered(self) -> DaysCovered:
        """Days on which nothing was due, and those that still wait for an answer, are neither known nor unknown."""
        states = [day.state for day in self.days]
        return DaysCovered(
            covered=states.count(DayState.TAKEN),
            known=sum(state in KNOWN for state in states),
            unknown=states.count(DayState.UNKNOWN),
        )


def by_day(doses: Sequence[Dose], period: Period) -> Reported:
    """Lays the doses on the local days of the period; what was due outside of it is left out."""
    local = zone(period.time_zone)
    on: dict[date, list[Dose]] = {day: [] for day in period.days()}
    for dose in sorted(doses, key=lambda each: each.due_at):
        day = dose.due_at.astimezone(local).date()
        if dose.due_at <= period.until and day in on:
            on[day].append(dose)
    return Reported(days=tuple(Day(day=day, doses=tuple(due)) for day, due in on.items()))
