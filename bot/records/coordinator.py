"""Coordinator: a member of staff who answers, and their signed-in sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.records.base import Record, references


class Coordinator(Record):
    """`password_hash` is argon2id; `time_zone` is the desk's."""

    __tablename__ = "coordinator"

    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    time_zone: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)


class ConsoleSession(Record):
    """Only the SHA-256 of the cookie's token is stored."""

    __tablename__ = "console_session"

    token_hash: Mapped[bytes] = mapped_column(unique=True)
    csrf_token: Mapped[str]
    coordinator_id: Mapped[UUID] = mapped_column(references("coordinator.id"))
    expires_at: Mapped[datetime]

    coordinator: Mapped[Coordinator] = relationship(lazy="raise")
