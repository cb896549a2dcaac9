"""Conversation: one thread with one address on one channel. Its id is what the Rasa server knows of anybody."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import ChannelName
from bot.records.base import Record, references
from bot.records.types import BlindIndex, Sealed


class Conversation(Record):
    """`patient_id` or `related_person_id` is who writes, when known; `about_patient_id` whom it is about.

    `opted_out_at` is the person's STOP, which belongs to the address, so it is kept here. `heard_language` is another
    language than theirs that the last message was in; `interpreter_offered_at` says that they know why we answer in
    one that is not theirs.
    """

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "address_index"),)

    channel: Mapped[ChannelName]
    address_sealed: Mapped[bytes] = mapped_column("address")
    address_index: Mapped[str] = mapped_column(BlindIndex)
    patient_id: Mapped[UUID | None] = mapped_column(references("patient.id"), index=True)
    related_person_id: Mapped[UUID | None] = mapped_column(references("related_person.id"), index=True)
    about_patient_id: Mapped[UUID | None] = mapped_column(references("patient.id"))
    language: Mapped[str]
    heard_language: Mapped[str | None]
    interpreter_offered_at: Mapped[datetime | None]
    misunderstandings: Mapped[int] = mapped_column(default=0)
    opted_out_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    address = Sealed("address_sealed")
