"""The doses of one minute on the record (MedicationAdministration), with their prescriptions."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.care.own_medicines import drug_names_of
from bot.domain.enums import AdministrationStatus, MedicationRequestStatus
from bot.records import MedicationAdministration, MedicationRequest, Patient
from bot.reminders.policies import DosePolicy, Policies


@dataclass(frozen=True)
class OpenDose:
    """A dose that is still to be taken, and its prescription."""

    record: MedicationAdministration
    request: MedicationRequest

    @property
    def name(self) -> str:
        return f"{self.request.medication} {self.request.strength}".strip()

    @property
    def line(self) -> list[object]:
        """One line of a message: the medicine and its dose."""
        return ["medication_line", {"name": self.name, "dosage": self.request.dosage_instruction}]


def current_doses(session: Session, patient: Patient, request_ids: Iterable[UUID], dose_at: datetime) -> list[OpenDose]:
    """Those of medicines that are still taken and that nobody has answered for; what is not on record yet is put there.

    `dose_at` is UTC.
    """
    doses = []
    for request, record in _found(session, request_ids, dose_at):
        if request.status is not MedicationRequestStatus.ACTIVE:
            continue
        if record is None:
            record = MedicationAdministration(
                patient_id=patient.id,
                medication_request_id=request.id,
                due_at=dose_at,
                status=AdministrationStatus.IN_PROGRESS,
            )
            session.add(record)
        if record.status is AdministrationStatus.IN_PROGRESS:
            doses.append(OpenDose(record, request))
    return doses


def open_doses(session: Session, patient: Patient, request_ids: Iterable[UUID], dose_at: datetime) -> list[OpenDose]:
    """Those that were asked for and not answered. One of a medicine that was stopped since is closed."""
    doses = []
    for request, record in _found(session, request_ids, dose_at):
        if record is None or record.status is not AdministrationStatus.IN_PROGRESS:
            continue
        if request.status is MedicationRequestStatus.ACTIVE:
            doses.append(OpenDose(record, request))
        else:
            record.status = AdministrationStatus.UNKNOWN
    return doses


def close_unknown(session: Session, doses: Sequence[OpenDose], reason: str | None) -> None:
    """Nobody said, or nobody was asked (`reason`, a SkipReason). Unknown is not skipped."""
    for dose in doses:
        dose.record.status = AdministrationStatus.UNKNOWN
        dose.record.status_reason = reason


def policy_for(policies: Policies, doses: Sequence[OpenDose]) -> DosePolicy:
    """How the doses of one minute are followed: the strictest kind among them."""
    return policies.for_doses([drug_names_of(dose.request.medication, tuple(dose.request.aliases)) for dose in doses])


def unanswered_in_a_row(session: Session, doses: Sequence[OpenDose]) -> int:
    """How many doses up to now had no answer, of the medicine with the most. Doses nobody was asked about count not."""
    return max(_unanswered(session, dose.record) for dose in doses)


def _unanswered(session: Session, last: MedicationAdministration) -> int:
    count = 0
    rows = session.execute(
        select(MedicationAdministration.status, MedicationAdministration.status_reason)
        .where(
            MedicationAdministration.medication_request_id == last.medication_request_id,
            MedicationAdministration.due_at <= last.due_at,
        )
        .order_by(MedicationAdministration.due_at.desc())
        .limit(100)
    )
    for status, reason in rows:
        if status not in (AdministrationStatus.UNKNOWN, AdministrationStatus.IN_PROGRESS):
            break
        count += reason is None
    return count


def _found(
    session: Session, request_ids: Iterable[UUID], dose_at: datetime
) -> Iterator[tuple[MedicationRequest, MedicationAdministration | None]]:
    for request_id in request_ids:
        record = session.scalar(
            select(MedicationAdministration).where(
                MedicationAdministration.medication_request_id == request_id,
                MedicationAdministration.due_at == dose_at,
            )
        )
        yield session.get_one(MedicationRequest, request_id), record
