"""MedicationAdministration (FHIR R4), as the patient reports it: one due dose of one medicine."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import AdministrationStatus
from bot.records.base import Record, references


class MedicationAdministration(Record):
    """`due_at` is UTC; `status` is in-progress from the reminder until the person says, unknown when they do not.

    `status_reason` is why it was not taken (DoseReason), or why nobody was asked (SkipReason).
    """

    __tablename__ = "medication_administration"
    __table_args__ = (UniqueConstraint("medication_request_id", "due_at"),)

    patient_id: Mapped[UUID] = mapped_column(references("patient.id"), index=True)
    medication_request_id: Mapped[UUID] = mapped_column(references("medication_request.id"))
    due_at: Mapped[datetime]
    status: Mapped[AdministrationStatus]
    status_reason: Mapped[str | None]
    reported_at: Mapped[datetime | None]
    communication_id: Mapped[UUID | None] = mapped_column(references("communication.id"))
