"""A patient's medicines, as prescribed. Strings are copied from the record, never put together from knowledge."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import MedicationRequestStatus
from bot.records import MedicationRequest, Practitioner

ENDED = (MedicationRequestStatus.STOPPED, MedicationRequestStatus.COMPLETED, MedicationRequestStatus.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class Medicine:
    """`name` is medication and strength; `dosage` a list of FHIR R4 Dosage; `purpose` words by language, or None.

    `authored_at` may be told only when it is `dated`.
    """

    id: UUID
    name: str
    medication: str
    aliases: tuple[str, ...]
    dosage: Sequence[Mapping[str, Any]]
    purpose: Mapping[str, str] | None
    refills_left: int | None
    authored_at: datetime
    stopped_at: datetime | None
    active: bool
    dated: bool = True
    practitioner_id: UUID | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.medication, *self.aliases)

    @property
    def only_when_needed(self) -> bool:
        """True when every dose of it is marked as needed."""
        return bool(self.dosage) and all(
            dose.get("asNeededBoolean") is True or "asNeededCodeableConcept" in dose for dose in self.dosage
        )

    @property
    def instruction(self) -> str:
        """The clinician's words to the patient, in whatever language they were written; may be empty."""
        texts = (str(dose["patientInstruction"]) for dose in self.dosage if dose.get("patientInstruction"))
        return "\n".join(dict.fromkeys(texts))


def current_medicines(session: Session, patient_id: UUID) -> list[Medicine]:
    """Active prescriptions in the order in which they were written."""
    return _medicines(session, patient_id, (MedicationRequestStatus.ACTIVE,))


def ended_medicines(session: Session, patient_id: UUID) -> list[Medicine]:
    """Stopped, completed and cancelled prescriptions; those entered in error never existed."""
    return _medicines(session, patient_id, ENDED)


def _medicines(session: Session, patient_id: UUID, statuses: Sequence[MedicationRequestStatus]) -> list[Medicine]:
    query = (
        select(MedicationRequest)
        .where(MedicationRequest.patient_id == patient_id, MedicationRequest.status.in_(statuses))
        .order_by(MedicationRequest.authored_at, MedicationRequest.id)
    )
    return [as_medicine(row) for row in session.scalars(query)]


def as_medicine(row: MedicationRequest) -> Medicine:
    return Medicine(
        id=row.id,
        name=f"{row.medication} {row.strength}".strip(),
        medication=row.medication,
        aliases=tuple(row.aliases),
        dosage=tuple(row.dosage_instruction),
        purpose=words_by_language(row.purpose_json),
        refills_left=row.refills_left,
        authored_at=row.authored_at,
        stopped_at=row.stopped_at,
        dated=row.dated,
        practitioner_id=row.practitioner_id,
        active=row.status is MedicationRequestStatus.ACTIVE,
    )


def prescriber(session: Session, medicine: Medicine) -> str | None:
    """The name of who prescribed it, where the record has it."""
    if medicine.practitioner_id is None:
        return None
    return session.get_one(Practitioner, medicine.practitioner_id).name


def words_by_language(sealed_json: str | None) -> Mapping[str, str] | None:
    """Words by language; None for none, so that an empty document is not taken for an answer."""
    return (json.loads(sealed_json) or None) if sealed_json else None
