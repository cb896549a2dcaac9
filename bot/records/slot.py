"""Slot (FHIR R4): a time that can be booked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import SlotStatus
from bot.records.base import Record, references


class Slot(Record):
    __tablename__ = "slot"

    practitioner_id: Mapped[UUID] = mapped_column(references("practitioner.id"), index=True)
    location_id: Mapped[UUID] = mapped_column(references("location.id"))
    status: Mapped[SlotStatus]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
