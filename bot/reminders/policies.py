"""What is reminded of, when and how often: values that the rest of the package decides by. Read by `policy_file`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from bot.care.dose_times import ClockTimes
from bot.domain.clock import instant, zone


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """From one wall time to another, over midnight too. Equal ones: never quiet."""

    from_local: time
    to_local: time

    def hold(self, at: datetime, time_zone: str) -> bool:
        """Whether the instant lies within them, where the person is."""
        wall, start, end = at.astimezone(zone(time_zone)).time(), self.from_local, self.to_local
        return start <= wall < end if start <= end else wall >= start or wall < end

    def end_after(self, at: datetime, time_zone: str) -> datetime:
        """When the quiet hours that hold that instant end, UTC."""
        local = at.astimezone(zone(time_zone))
        day = local.date() if local.time() < self.to_local else local.date() + timedelta(days=1)
        return instant(day, self.to_local, time_zone)


@dataclass(frozen=True, kw_only=True)
class VisitReminder:
    """`at_local` on the day that is `days_before` the visit, in the patient's zone."""

    name: str
    days_before: int
    at_local: time
    too_late_after: timedelta


@dataclass(frozen=True, kw_only=True)
class VisitPolicy:
    """Fits a visit when all that it names fits: by video, of a series, one of the words in its description."""

    kind: str
    video: bool | None
    series: bool | None
    words: tuple[str, ...]
    jitter: timedelta
    reminders: tuple[VisitReminder, ...]


class StepName(StrEnum):
    NUDGE = "nudge"
    CAREGIVER = "caregiver"
    COORDINATOR = "coordinator"


@dataclass(frozen=True, kw_only=True)
class Step:
    """What follows `after` the step before, while nobody has answered.

    A coordinator hears of it once so many doses in a row were `missed_in_a_row`, and `at_most_every` so often.
    """

    name: StepName
    after: timedelta
    missed_in_a_row: int
    at_most_every: timedelta


@dataclass(frozen=True, kw_only=True)
class DosePolicy:
    """`medicines` are names of drugs or families (`bot/care/drug_names.yml`); none: every medicine."""

    kind: str
    medicines: tuple[str, ...]
    jitter: timedelta
    too_late_after: timedelta
    answer_lasts: timedelta
    ladder: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The last kind of each list fits everything."""

    quiet_hours: QuietHours
    daily_cap: int
    visits: tuple[VisitPolicy, ...]
    doses: tuple[DosePolicy, ...]
    expand_ahead: timedelta
    clock_times: ClockTimes

    def for_visit(self, *, video: bool, series: bool, words: Collection[str]) -> VisitPolicy:
        """`words` are those of the description, folded (`bot.care.text`)."""
        return next(
            policy
            for policy in self.visits
            if policy.video in (None, video)
            and policy.series in (None, series)
            and (not policy.words or any(word in words for word in policy.words))
        )

    def for_doses(self, drugs: Sequence[Collection[str]]) -> DosePolicy:
        """For the medicines of one minute, each with the names that it goes by. The strictest stands first."""
        names = {name for each in drugs for name in each}
        return next(
            policy for policy in self.doses if not policy.medicines or any(name in names for name in policy.medicines)
        )

    def dose_kind(self, kind: str) -> DosePolicy:
        """The policy of that name; the last one where a clinic has taken it away meanwhile."""
        return next((policy for policy in self.doses if policy.kind == kind), self.doses[-1])


def jittered(due_at: datetime, jitter: timedelta, person: UUID) -> datetime:
    """The same delay for one person each time, so that their reminder keeps its minute."""
    share = int.from_bytes(person.bytes[-4:]) / 2**32
    return due_at + timedelta(seconds=int(jitter.total_seconds() * share))
