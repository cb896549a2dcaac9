"""Verification: one-time codes for the web chat and link tokens for Telegram. Only hashes are stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import VerificationKind
from bot.records.base import Record, references


class Verification(Record):
    """Single use. `secret_hash` is SHA-256 over the row's id and the secret; `conversation_id` is who asked."""

    __tablename__ = "verification"

    kind: Mapped[VerificationKind]
    secret_hash: Mapped[bytes] = mapped_column(index=True)
    conversation_id: Mapped[UUID | None] = mapped_column(references("conversation.id"))
    patient_id: Mapped[UUID | None] = mapped_column(references("patient.id"))
    related_person_id: Mapped[UUID | None] = mapped_column(references("related_person.id"))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
