"""MedicationRequest (FHIR R4): what is prescribed, with structured timing and the clinician's own words."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.enums import MedicationRequestStatus
from bot.records.base import Record, references
from bot.records.practitioner import Practitioner
from bot.records.types import SealedOptional


class MedicationRequest(Record):
    """`dosage_instruction` is a list of FHIR R4 Dosage; `aliases` are brand and local names.

    `purpose` (what for) and `change_reason` are the clinician's words by BCP 47 language, as sealed JSON text
    would be: free text about a person. `replaces_id` is FHIR's priorPrescription. `authored_at` is told to people
    only where it was `dated` by whoever wrote it.
    """

    __tablename__ = "medication_request"

    patient_id: Mapped[UUID] = mapped_column(references("patient.id"), index=True)
    practitioner_id: Mapped[UUID | None] = mapped_column(references("practitioner.id"))
    status: Mapped[MedicationRequestStatus]
    medication: Mapped[str]
    strength: Mapped[str]
    aliases: Mapped[list[str]]
    dosage_instruction: Mapped[list[dict[str, Any]]]
    purpose_sealed: Mapped[bytes | None] = mapped_column("purpose")
    change_reason_sealed: Mapped[bytes | None] = mapped_column("change_reason")
    authored_at: Mapped[datetime]
    dated: Mapped[bool] = mapped_column(default=True)
    stopped_at: Mapped[datetime | None]
    refills_left: Mapped[int | None]
    replaces_id: Mapped[UUID | None] = mapped_column(references("medication_request.id"))
    version: Mapped[int] = mapped_column(default=1)

    practitioner: Mapped[Practitioner | None] = relationship(lazy="raise")

    purpose_json = SealedOptional("purpose_sealed")
    change_reason_json = SealedOptional("change_reason_sealed")
