"""A timer that failed again and again: a person hears of it, because what it was for did not happen."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import TicketReason
from bot.handoff.hours import OfficeHours
from bot.handoff.tickets import open_ticket
from bot.records import Appointment, Conversation
from bot.timers import DueTimer


@dataclass(frozen=True, kw_only=True)
class DeadTimers:
    hours: OfficeHours

    def report(self, session: Session, timer: DueTimer, now: datetime) -> bool:
        """Open a ticket about the patient whom the timer is for. False when they have no conversation to hang it on."""
        patient_id = _patient_of(session, timer)
        conversation = session.scalar(
            select(Conversation).where(Conversation.patient_id == patient_id).order_by(Conversation.id.desc()).limit(1)
        )
        if patient_id is None or conversation is None:
            return False
        open_ticket(
            session,
            conversation,
            TicketReason.REMINDER_FAILED,
            patient_id=patient_id,
            facts={"words": [], "did": [], "timer": timer.kind.value},
            now=now,
            hours=self.hours,
        )
        return True


def _patient_of(session: Session, timer: DueTimer) -> UUID | None:
    if (patient := timer.subject.get("patient")) is not None:
        return UUID(patient)
    if (appointment := timer.subject.get("appointment")) is not None:
        return session.scalar(select(Appointment.patient_id).where(Appointment.id == UUID(appointment)))
    return None
