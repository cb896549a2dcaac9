"""Ticket (FHIR Task): something that a person has to answer, with what is already known."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.enums import TicketReason, TicketStatus, Urgency
from bot.records.base import Record, references
from bot.records.conversation import Conversation
from bot.records.coordinator import Coordinator
from bot.records.types import SealedJson


class Ticket(Record):
    """`facts` is what the bot gathered: {"words": the person's, "did": utterance keys, "understood": {...}, ...}.

    `version` grows with each change, so that two coordinators cannot both take it. `due_at` is when the first
    answer is owed; a timer rings then.
    """

    __tablename__ = "ticket"
    __table_args__ = (Index("ix_ticket_open", "status", "urgency", "opened_at"),)

    conversation_id: Mapped[UUID] = mapped_column(references("conversation.id"), index=True)
    patient_id: Mapped[UUID | None] = mapped_column(references("patient.id"), index=True)
    reason: Mapped[TicketReason]
    urgency: Mapped[Urgency]
    status: Mapped[TicketStatus]
    facts_sealed: Mapped[bytes] = mapped_column("facts")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    last_message_at: Mapped[datetime]
    overdue_alarms: Mapped[int] = mapped_column(default=0)
    claimed_by_id: Mapped[UUID | None] = mapped_column(references("coordinator.id"))
    claimed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    conversation: Mapped[Conversation] = relationship(lazy="raise")
    claimed_by: Mapped[Coordinator | None] = relationship(lazy="raise")

    facts = SealedJson("facts_sealed")
