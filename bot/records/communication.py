"""Communication (FHIR R4): one message, in or out. Outgoing rows are the outbox, incoming rows the inbox."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.enums import Author, ChannelName, CommunicationStatus, Direction
from bot.records.base import Record, references
from bot.records.conversation import Conversation
from bot.records.types import Sealed, SealedJson


class Communication(Record):
    """`provider_id` is the carrier's id, unique per channel; `unique_key` keeps one cause from being sent twice.

    `detail` of an inbound message: {"media": [content types], "in_reply_to": our message whose button was pressed or
    None, "understood": {...}}; of an outbound one: {"says": [[utterance key, params], ...], "options": [[digit,
    label], ...]}. An `urgent` one (danger) waits for no other message of its conversation. `lease_until` is real time,
    not the clinic's. A new row wakes the workers. `fence` grows with each lease; who holds an older one has lost it.
    """

    __tablename__ = "communication"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        Index("ix_communication_conversation", "conversation_id", "id"),
        Index("ix_communication_waiting", "conversation_id", "status", "id"),
        Index("ix_communication_due", "direction", "status", "urgent", "next_attempt_at", "id"),
    )

    wakes_workers: ClassVar[bool] = True

    conversation_id: Mapped[UUID] = mapped_column(references("conversation.id"))
    channel: Mapped[ChannelName]
    direction: Mapped[Direction]
    author: Mapped[Author]
    coordinator_id: Mapped[UUID | None] = mapped_column(references("coordinator.id"))
    status: Mapped[CommunicationStatus]
    provider_id: Mapped[str | None]
    unique_key: Mapped[str | None] = mapped_column(unique=True)
    body_sealed: Mapped[bytes] = mapped_column("body")
    detail_sealed: Mapped[bytes] = mapped_column("detail")
    language: Mapped[str]
    urgent: Mapped[bool] = mapped_column(default=False)
    segments: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)

    conversation: Mapped[Conversation] = relationship(lazy="raise")

    body = Sealed("body_sealed")
    detail = SealedJson("detail_sealed")
