"""Appointment (FHIR R4): a visit of one patient with one practitioner at one place."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.enums import AppointmentStatus, ParticipationStatus
from bot.records.base import Record, references
from bot.records.location import Location
from bot.records.practitioner import Practitioner


class Appointment(Record):
    """`description` and `preparation` are the clinic's words by BCP 47 language; a recurring visit shares `series`.

    `version` grows with each change of time, place or person, so that reminders of an older one are void. `slot_id` is
    the time that was taken for it, free again when the visit is moved or called off.
    """

    __tablename__ = "appointment"

    patient_id: Mapped[UUID] = mapped_column(references("patient.id"), index=True)
    practitioner_id: Mapped[UUID | None] = mapped_column(references("practitioner.id"))
    location_id: Mapped[UUID | None] = mapped_column(references("location.id"))
    status: Mapped[AppointmentStatus]
    participation: Mapped[ParticipationStatus] = mapped_column(default=ParticipationStatus.NEEDS_ACTION)
    participation_at: Mapped[datetime | None]
    description: Mapped[dict[str, str]]
    preparation: Mapped[dict[str, str]]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    telehealth_url: Mapped[str | None]
    series: Mapped[str | None]
    slot_id: Mapped[UUID | None] = mapped_column(references("slot.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)

    practitioner: Mapped[Practitioner | None] = relationship(lazy="raise")
    location: Mapped[Location | None] = relationship(lazy="raise")

    @property
    def spot(self) -> Location | None:
        """Where somebody has to be, None by video; `location` must be loaded."""
        return None if self.telehealth_url else self.location
