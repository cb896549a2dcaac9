"""MedicationRequestVersion: what a prescription said before it was changed (FHIR's `_history`)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import MedicationRequestStatus
from bot.records.base import Record, references
from bot.records.types import SealedOptional


class MedicationRequestVersion(Record):
    """`replaced_at` is when it stopped to hold; `replaced_by_id` is who wrote the version after it.

    `change_reason` is the clinician's words by BCP 47 language, sealed JSON text, or none on record.
    """

    __tablename__ = "medication_request_version"

    medication_request_id: Mapped[UUID] = mapped_column(references("medication_request.id"), index=True)
    version: Mapped[int]
    status: Mapped[MedicationRequestStatus]
    medication: Mapped[str]
    strength: Mapped[str]
    dosage_instruction: Mapped[list[dict[str, Any]]]
    practitioner_id: Mapped[UUID | None] = mapped_column(references("practitioner.id"))
    replaced_at: Mapped[datetime]
    replaced_by_id: Mapped[UUID | None] = mapped_column(references("practitioner.id"))
    change_reason_sealed: Mapped[bytes | None] = mapped_column("change_reason")

    change_reason_json = SealedOptional("change_reason_sealed")
