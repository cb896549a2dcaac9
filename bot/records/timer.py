"""Timer: something that has to happen at an instant. One table for reminders, deadlines and expansions."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import TimerKind, TimerStatus
from bot.records.base import Record


class Timer(Record):
    """`unique_key` names the cause (`appointment:ID:v3:day-before`); `subject` holds ids and wall times only.

    `due_at` and `expires_at` are clinic time; `lease_until` is real time.
    """

    __tablename__ = "timer"
    __table_args__ = (Index("ix_timer_due", "status", "due_at"),)

    kind: Mapped[TimerKind]
    unique_key: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    status: Mapped[TimerStatus]
    outcome: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
