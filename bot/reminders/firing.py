"""Acts on timers that are due, many in one commit. What a kind of timer does stands in its own module.

A timer is closed in the transaction of its effect, and its fence is checked there: a worker that was held up past its
lease, or a change that came between, undoes what was prepared. When one of a batch cannot be done, each is done alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import timers
from bot.domain.clock import Clock
from bot.domain.enums import SkipReason, TimerKind, TimerStatus
from bot.domain.errors import LeaseLost, place_of
from bot.records import MedicationRequest, Patient, Record
from bot.records.engine import Database
from bot.timers import DueTimer

log = structlog.get_logger(__name__)

BATCH = 50
MAX_ATTEMPTS = 8
RETRY_S = 5.0
UNHEARD_RETRY_S = 600.0


@dataclass(frozen=True)
class Done:
    """It rang, and this came of it."""

    outcome: str | None = None


@dataclass(frozen=True)
class Skipped:
    """It rang for nothing, and this is why."""

    reason: SkipReason


@dataclass(frozen=True)
class Postponed:
    """It rings again at `until`, clinic time, UTC; after `expires_at` that is too late."""

    until: datetime
    expires_at: datetime | None


Outcome = Done | Skipped | Postponed
Handler = Callable[[Session, DueTimer, datetime], Outcome]
"""Does what a timer is for at the instant `now` (clinic time, UTC), in the caller's transaction."""

Bury = Callable[[Session, DueTimer, datetime], bool]
"""Lets a person know of a timer that failed too often. False when there is nobody whom it could be told about."""


@dataclass(frozen=True, kw_only=True)
class DueTimers:
    """Rings what is due."""

    database: Database
    clock: Clock
    handlers: Mapping[TimerKind, Handler]
    report_dead: Bury
    lease_s: float

    def fire_batch(self) -> int:
        """Act on up to BATCH due timers. Returns how many were due."""
        with self.database.write() as session:
            due = timers.claim_due(session, now=self.clock.now(), limit=BATCH, lease_s=self.lease_s)
        if due and not self._fire_together(due):
            for timer in due:
                self._fire_alone(timer)
        return len(due)

    def _fire_together(self, due: list[DueTimer]) -> bool:
        try:
            # What the handlers add is written at the end, each table's rows in one statement.
            with self.database.write() as session, session.no_autoflush:
                rows = _rows_of(session, due)
                ended = [(timer, self._act(session, timer)) for timer in due]
                close(session, ended)
                rows.clear()
        except Exception as error:
            log.info("timers_one_by_one", count=len(due), error=type(error).__name__, at=place_of(error))
            return False
        for timer, outcome in ended:
            _log(timer, outcome)
        return True

    def _fire_alone(self, timer: DueTimer) -> None:
        try:
            with self.database.write() as session:
                outcome = self._act(session, timer)
                close(session, [(timer, outcome)])
        except LeaseLost:
            return
        except Exception as error:
            log.error(
                "timer_failed", timer=str(timer.id), kind=timer.kind, error=type(error).__name__, at=place_of(error)
            )
            self._give_back(timer)
            return
        _log(timer, outcome)

    def _act(self, session: Session, timer: DueTimer) -> Outcome:
        return self.handlers[timer.kind](session, timer, self.clock.now())

    def _give_back(self, timer: DueTimer) -> None:
        """Try again a little later; in the end a person hears of it, and until one has, it goes on being tried."""
        if timer.attempts >= MAX_ATTEMPTS and self._bury(timer):
            return
        seconds = RETRY_S * timer.attempts if timer.attempts < MAX_ATTEMPTS else UNHEARD_RETRY_S
        try:
            with self.database.write() as session:
                timers.retry_later(session, timer, seconds=seconds)
        except LeaseLost:
            return

    def _bury(self, timer: DueTimer) -> bool:
        try:
            with self.database.write() as session:
                heard = self.report_dead(session, timer, self.clock.now())
                if heard:
                    timers.bury(session, timer)
                return heard
        except LeaseLost:
            return True
        except Exception as error:
            log.error("timer_unheard", timer=str(timer.id), error=type(error).__name__, at=place_of(error))
            return False


def _rows_of(session: Session, due: Sequence[DueTimer]) -> list[Record]:
    """The people and prescriptions that the timers name, read at once: the handlers find them in the session for as
    long as they are kept.
    """
    patients = {UUID(timer.subject["patient"]) for timer in due if "patient" in timer.subject}
    requests = {UUID(text) for timer in due for text in timer.subject.get("requests", ())}
    return [
        *session.scalars(select(Patient).where(Patient.id.in_(patients))),
        *session.scalars(select(MedicationRequest).where(MedicationRequest.id.in_(requests))),
    ]


def close(session: Session, ended: list[tuple[DueTimer, Outcome]]) -> None:
    session.flush()
    closed: list[tuple[DueTimer, TimerStatus, str | None]] = []
    for timer, outcome in ended:
        match outcome:
            case Done(said):
                closed.append((timer, TimerStatus.DONE, said))
            case Skipped(reason):
                closed.append((timer, TimerStatus.SKIPPED, reason.value))
            case Postponed(until, expires_at):
                timers.postpone(session, timer, until, expires_at)
    timers.finish_all(session, closed)


def _log(timer: DueTimer, outcome: Outcome) -> None:
    match outcome:
        case Done(said):
            log.info("timer", timer=str(timer.id), kind=timer.kind, status="done", outcome=said)
        case Skipped(reason):
            log.info("timer", timer=str(timer.id), kind=timer.kind, status="skipped", outcome=reason.value)
        case Postponed():
            log.info("timer", timer=str(timer.id), kind=timer.kind, status="postponed")
