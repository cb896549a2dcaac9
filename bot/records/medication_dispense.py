"""MedicationDispense (FHIR R4): what a pharmacy prepared for a patient and handed over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import MedicationDispenseStatus
from bot.records.base import Record, references


class MedicationDispense(Record):
    """`medication` and `aliases` name the medicine as MedicationRequest's do; only what is completed is supply.

    `handed_over_at` is when it was prepared where nobody says when it was handed over. `days_supply` are the days for
    which it is enough, `quantity` how much it is in the pharmacy's own `quantity_unit`; each may be unknown.
    """

    __tablename__ = "medication_dispense"

    patient_id: Mapped[UUID] = mapped_column(references("patient.id"), index=True)
    medication_request_id: Mapped[UUID | None] = mapped_column(references("medication_request.id"), index=True)
    status: Mapped[MedicationDispenseStatus]
    medication: Mapped[str]
    aliases: Mapped[list[str]]
    handed_over_at: Mapped[datetime | None]
    days_supply: Mapped[int | None]
    quantity: Mapped[float | None]
    quantity_unit: Mapped[str | None]
