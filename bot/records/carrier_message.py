"""CarrierMessage: what the local carrier holds, as a mobile network would. Empty where Twilio is configured."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.records.base import Record
from bot.records.types import BlindIndex, Sealed


class CarrierMessage(Record):
    """`sid` as Twilio's (SM and 32 hex digits); `handset_index` is the phone that shows it; `status` Twilio's."""

    __tablename__ = "carrier_message"

    sid: Mapped[str] = mapped_column(unique=True)
    handset_index: Mapped[str] = mapped_column(BlindIndex, index=True)
    from_handset: Mapped[bool]
    body_sealed: Mapped[bytes] = mapped_column("body")
    segments: Mapped[int]
    status: Mapped[str]
    created_at: Mapped[datetime]

    body = Sealed("body_sealed")
