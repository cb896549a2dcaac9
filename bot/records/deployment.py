"""Deployment: the one row that belongs to the whole installation."""

from sqlalchemy.orm import Mapped, mapped_column

from bot.records.base import Record
from bot.records.types import Sealed


class Deployment(Record):
    """`key_probe` opens only with the right key file, so a lost key is noticed before anything is written.

    `clock_offset_s` is how far the demo clock was turned forward, in seconds; 0 in a real clinic.
    """

    __tablename__ = "deployment"

    key_probe_sealed: Mapped[bytes] = mapped_column("key_probe")
    clock_offset_s: Mapped[int] = mapped_column(default=0)

    key_probe = Sealed("key_probe_sealed")
