"""Timer: something that has to happen at an instant. One table for reminders, deadlines and expansions."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import TimerKind, TimerStatus
from bot.records.base import Record


class Timer(Record):
    """`cause` is what it hangs on (`appointment:ID`) and is cancelled with; `unique_key` adds a name to it
    (`appointment:ID:v3:day-before`) so that it is set once. `subject` holds ids and wall times only.

    `due_at` and `expires_at` are clinic time; `lease_until` is real time.
    """

    __tablename__ = "timer"
    __table_args__ = (Index("ix_timer_due", "status", "due_at"), Index("ix_timer_cause", "cause", "status"))

    kind: Mapped[TimerKind]
    cause: Mapped[str]
    unique_key: Mapped[str] = mapped_column(unique=True)
    subject: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    status: Mapped[TimerStatus]
    outcome: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
