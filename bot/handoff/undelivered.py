"""Messages that did not arrive: a person has to know."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.domain.enums import TicketReason
from bot.handoff.hours import OfficeHours
from bot.handoff.tickets import open_ticket
from bot.records import Communication, Conversation


def report_lost_message(session: Session, lost: Communication, now: datetime, hours: OfficeHours) -> None:
    """A message that did not arrive becomes a ticket, in the transaction that gives it up."""
    conversation = session.get_one(Conversation, lost.conversation_id)
    open_ticket(
        session,
        conversation,
        TicketReason.UNDELIVERED,
        patient_id=conversation.patient_id,
        facts={"words": [], "did": [key for key, _ in lost.detail["says"]], "error": lost.error_code},
        now=now,
        hours=hours,
    )
