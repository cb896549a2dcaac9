"""TokenBucket: how many messages a sender may still hand to its provider, shared by all workers."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.records.base import Record


class TokenBucket(Record):
    """`name` is channel and sender (`sms:+15550100000`). `tokens` as of `refilled_at` (real time); below zero after
    urgent or long messages, which do not wait.
    """

    __tablename__ = "token_bucket"

    name: Mapped[str] = mapped_column(unique=True)
    tokens: Mapped[float]
    refilled_at: Mapped[datetime]
