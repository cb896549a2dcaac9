"""What somebody would be sent in the coming days: the very handlers ring ahead, in a transaction that is undone.

So it shows what would really be sent, as the record is now and if nobody answers; a reply ends what follows it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.domain.enums import TimerKind, TimerStatus
from bot.records import Appointment, Communication, Conversation, Timer
from bot.reminders.firing import Done, Handler, Outcome, Postponed, Skipped, close
from bot.reminders.policies import Policies
from bot.reminders.schedule import schedule_patient
from bot.timers import DueTimer

SILENT = frozenset({TimerKind.EXPAND_DOSES, TimerKind.TICKET_DEADLINE})
MOST_TIMERS = 20_000


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """One timer at `at` (UTC): what it would send, to one person or several, or why it would send nothing.

    `sent` are (whether it goes to the patient, the text); `outcome` is what the timer would keep.
    """

    at: datetime
    kind: TimerKind
    step: str
    sent: tuple[tuple[bool, str], ...]
    outcome: str | None
    skipped: str | None


def foresee(
    session: Session,
    handlers: Mapping[TimerKind, Handler],
    policies: Policies,
    patient_id: UUID,
    *,
    now: datetime,
    until: datetime,
) -> Iterator[Foreseen]:
    """Ring the patient's timers in their order up to `until`. The caller undoes what that writes."""
    schedule_patient(session, policies, patient_id, now)
    for _ in range(MOST_TIMERS):
        timer = _next(session, patient_id, until)
        if timer is None:
            return
        at = max(timer.due_at, now)
        outcome = handlers[timer.kind](session, timer, at)
        close(session, [(timer, outcome)])
        if timer.kind not in SILENT:
            yield _foreseen(session, timer, patient_id, at, outcome)


def _next(session: Session, patient_id: UUID, until: datetime) -> DueTimer | None:
    visits = [f"appointment:{each}" for each in _visit_ids(session, patient_id)]
    row = session.scalars(
        select(Timer)
        .where(
            or_(Timer.cause.in_([f"dose:{patient_id}", f"expand:{patient_id}"]), Timer.cause.in_(visits)),
            Timer.status == TimerStatus.PENDING,
            Timer.due_at <= until,
        )
        .order_by(Timer.due_at, Timer.id)
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    return DueTimer(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        due_at=row.due_at,
        expires_at=row.expires_at,
        fence=row.fence,
        attempts=row.attempts,
    )


def _visit_ids(session: Session, patient_id: UUID) -> list[UUID]:
    return list(session.scalars(select(Appointment.id).where(Appointment.patient_id == patient_id)))


def _foreseen(session: Session, timer: DueTimer, patient_id: UUID, at: datetime, outcome: Outcome) -> Foreseen:
    session.flush()
    messages = session.scalars(
        select(Communication).where(Communication.unique_key.startswith(f"timer:{timer.id}")).order_by(Communication.id)
    )
    return Foreseen(
        at=at,
        kind=timer.kind,
        step=str(timer.subject.get("step", "")),
        sent=tuple(_is_for(session, message, patient_id) for message in messages),
        outcome=outcome.outcome if isinstance(outcome, Done) else None,
        skipped=_why_not(outcome),
    )


def _is_for(session: Session, message: Communication, patient_id: UUID) -> tuple[bool, str]:
    conversation = session.get_one(Conversation, message.conversation_id)
    return conversation.patient_id == patient_id, message.body


def _why_not(outcome: Outcome) -> str | None:
    match outcome:
        case Skipped(reason):
            return reason.value
        case Postponed(until, _):
            return f"postponed to {until.isoformat()}"
        case Done():
            return None
