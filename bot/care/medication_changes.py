"""What was changed in a medicine, when, and the recorded reason: another in its place, or the same told otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.care.medications import Medicine, as_medicine, words_by_language
from bot.records import MedicationRequest, MedicationRequestVersion


@dataclass(frozen=True, kw_only=True)
class Change:
    """`old` and `new` are two prescriptions, or one before and after; `reason` is words by language, or None."""

    old: Medicine
    new: Medicine
    changed_at: datetime
    reason: Mapping[str, str] | None

    @property
    def of_dose(self) -> bool:
        """The medicine is the same, its dose is not."""
        return self.old.name == self.new.name


def find_change(session: Session, medicine: Medicine) -> Change | None:
    """How this medicine came in the place of another, or another in the place of it, or its dose was changed.

    The latest counts.
    """
    replaced = (MedicationRequest.id == medicine.id) | (MedicationRequest.replaces_id == medicine.id)
    query = select(MedicationRequest).where(MedicationRequest.replaces_id.is_not(None), replaced)
    requests = select(MedicationRequest).where(MedicationRequest.id == medicine.id)
    return _latest(session, session.scalars(query).all(), session.scalars(requests).all())


def latest_change(session: Session, patient_id: UUID) -> Change | None:
    """The newest change on the patient's record."""
    own = select(MedicationRequest).where(MedicationRequest.patient_id == patient_id)
    requests = session.scalars(own).all()
    return _latest(session, [row for row in requests if row.replaces_id is not None], requests)


def _latest(
    session: Session, replacing: Sequence[MedicationRequest], requests: Sequence[MedicationRequest]
) -> Change | None:
    changes = [*(_replacement(session, row) for row in replacing), *(_in_place(session, row) for row in requests)]
    return max((change for change in changes if change), key=lambda change: change.changed_at, default=None)


def _replacement(session: Session, new: MedicationRequest) -> Change | None:
    old = session.get(MedicationRequest, new.replaces_id)
    if old is None:
        return None
    reason = words_by_language(new.change_reason_json)
    return Change(old=as_medicine(old), new=as_medicine(new), changed_at=new.authored_at, reason=reason)


def _in_place(session: Session, row: MedicationRequest) -> Change | None:
    """The last time that this prescription came to say something else of the medicine; its status is no change here."""
    query = (
        select(MedicationRequestVersion)
        .where(MedicationRequestVersion.medication_request_id == row.id)
        .order_by(MedicationRequestVersion.version.desc())
    )
    new = as_medicine(row)
    for version in session.scalars(query):
        old = replace(
            new,
            name=f"{version.medication} {version.strength}".strip(),
            medication=version.medication,
            dosage=tuple(version.dosage_instruction),
        )
        if (old.name, old.dosage) != (new.name, new.dosage):
            reason = words_by_language(version.change_reason_json)
            return Change(old=old, new=new, changed_at=version.replaced_at, reason=reason)
        new = old
    return None
