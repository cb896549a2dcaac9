"""Question: what we asked and a short reply may answer. The newest open one of a conversation counts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import QuestionKind
from bot.records.base import Record, references


class Question(Record):
    """`subject` holds ids and codes only, by kind: {"administrations": [...]}, {"appointment": ...},
    {"patients": [...], "text_of": the message to answer then}, {"languages": [...]}, {"ticket": ...},
    {"slots": [...], "ticket": ..., "appointment": ...}, {"visits": [...], "reason": ..., "text_of": ...},
    {"appointment": ..., "ticket": ...}, {"medication": ..., "right": the digit}, {"reason": ..., "text_of": ...} or
    {"ticket": ..., "reason": ...}.
    """

    __tablename__ = "question"

    conversation_id: Mapped[UUID] = mapped_column(references("conversation.id"), index=True)
    communication_id: Mapped[UUID | None] = mapped_column(references("communication.id"))
    kind: Mapped[QuestionKind]
    subject: Mapped[dict[str, Any]]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None]
