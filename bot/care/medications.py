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
from bot.records import MedicationRequest

ENDED = (MedicationRequestStatus.STOPPED, MedicationRequestStatus.COMPLETED, MedicationRequestStatus.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class Medicine:
    """`name` is medication and strength; `dosage` a list of FHIR R4 Dosage; `purpose` words by language, or None."""

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


@dataclass(frozen=True, kw_only=True)
class Change:
    """One prescription that took another's place; `reason` is the clinician's words by language, or None."""

    old: Medicine
    new: Medicine
    changed_at: datetime
    reason: Mapping[str, str] | None


def current_medicines(session: Session, patient_id: UUID) -> list[Medicine]:
    """Active prescriptions in the order in which they were written."""
    return _medicines(session, patient_id, (MedicationRequestStatus.ACTIVE,))


def ended_medicines(session: Session, patient_id: UUID) -> list[Medicine]:
    """Stopped, completed and cancelled prescriptions; those entered in error never existed."""
    return _medicines(session, patient_id, ENDED)


def find_change(session: Session, medicine: Medicine) -> Change | None:
    """How this medicine came in the place of another, or another in the place of it; the latest counts."""
    query = (
        select(MedicationRequest)
        .where(
            MedicationRequest.replaces_id.is_not(None),
            (MedicationRequest.id == medicine.id) | (MedicationRequest.replaces_id == medicine.id),
        )
        .order_by(MedicationRequest.authored_at.desc())
        .limit(1)
    )
    return _change(session, session.scalar(query))


def latest_change(session: Session, patient_id: UUID) -> Change | None:
    """The newest replacement on the patient's record."""
    query = (
        select(MedicationRequest)
        .where(MedicationRequest.replaces_id.is_not(None), MedicationRequest.patient_id == patient_id)
        .order_by(MedicationRequest.authored_at.desc())
        .limit(1)
    )
    return _change(session, session.scalar(query))


def _change(session: Session, new: MedicationRequest | None) -> Change | None:
    old = None if new is None else session.get(MedicationRequest, new.replaces_id)
    if new is None or old is None:
        return None
    reason = _words(new.change_reason_json)
    return Change(old=_medicine(old), new=_medicine(new), changed_at=new.authored_at, reason=reason)


def _medicines(session: Session, patient_id: UUID, statuses: Sequence[MedicationRequestStatus]) -> list[Medicine]:
    query = (
        select(MedicationRequest)
        .where(MedicationRequest.patient_id == patient_id, MedicationRequest.status.in_(statuses))
        .order_by(MedicationRequest.authored_at, MedicationRequest.id)
    )
    return [_medicine(row) for row in session.scalars(query)]


def _medicine(row: MedicationRequest) -> Medicine:
    return Medicine(
        id=row.id,
        name=f"{row.medication} {row.strength}".strip(),
        medication=row.medication,
        aliases=tuple(row.aliases),
        dosage=tuple(row.dosage_instruction),
        purpose=_words(row.purpose_json),
        refills_left=row.refills_left,
        authored_at=row.authored_at,
        stopped_at=row.stopped_at,
        active=row.status is MedicationRequestStatus.ACTIVE,
    )


def _words(sealed_json: str | None) -> Mapping[str, str] | None:
    """Words by language; None for none, so that an empty document is not taken for an answer."""
    return (json.loads(sealed_json) or None) if sealed_json else None
