"""What each kind of timer does."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from bot.bootstrap.parts import Parts
from bot.domain.enums import TimerKind
from bot.handoff.tickets import ring_deadline
from bot.reminders.asking import Reminding
from bot.reminders.dead import DeadTimers
from bot.reminders.doses import DoseReminders
from bot.reminders.escalating import Escalation
from bot.reminders.firing import Done, DueTimers, Handler, Outcome
from bot.reminders.preview import Foreseen, foresee
from bot.reminders.schedule import schedule_doses
from bot.reminders.visits import VisitReminders
from bot.timers import DueTimer


def make_preview(parts: Parts, session: Session, patient_id: UUID, *, days: int) -> Iterator[Foreseen]:
    """What the patient would be sent in the coming days; the caller undoes what the looking ahead writes."""
    now = parts.clock.now()
    until = now + timedelta(days=days)
    return foresee(session, _handlers(parts), parts.policies, patient_id, now=now, until=until)


def make_timers(parts: Parts) -> DueTimers:
    """The timers of this process; every kind has its handler."""
    return DueTimers(
        database=parts.database,
        clock=parts.clock,
        handlers=_handlers(parts),
        report_dead=DeadTimers(hours=parts.settings.office_hours).report,
        lease_s=parts.settings.lease_s,
    )


def _handlers(parts: Parts) -> dict[TimerKind, Handler]:
    settings = parts.settings
    reminding = Reminding(
        words=parts.words,
        policies=parts.policies,
        disclosure=settings.disclosure,
        default_language=settings.language,
    )

    escalation = Escalation(reminding=reminding, hours=settings.office_hours)
    doses = DoseReminders(reminding=reminding, escalation=escalation)

    def expand_doses(session: Session, timer: DueTimer, now: datetime) -> Outcome:
        session.flush()  # After an outage a batch may hold two expansions of one person: the second sees the first.
        schedule_doses(session, parts.policies, UUID(timer.subject["patient"]), now)
        return Done()

    def ring(session: Session, timer: DueTimer, now: datetime) -> Outcome:
        rang = ring_deadline(session, UUID(timer.subject["ticket"]), now, settings.office_hours)
        return Done("overdue" if rang else "answered")

    return {
        TimerKind.APPOINTMENT_REMINDER: VisitReminders(reminding=reminding).remind,
        TimerKind.DOSE_REMINDER: doses.remind,
        TimerKind.DOSE_FOLLOW_UP: doses.follow_up,
        TimerKind.EXPAND_DOSES: expand_doses,
        TimerKind.TICKET_DEADLINE: ring,
    }
