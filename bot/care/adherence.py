"""How regularly somebody takes each medicine, from the doses that they were asked about.

What was reported is one source. Another are the pharmacies' records, a measure of its own with the same shape
(`bot.care.days_covered.DaysCovered`): a pharmacy knows what was given out, not what was taken, so the two stand side
by side and are never mixed. `MedicineAdherence.request_ids` says to which prescriptions both belong.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.care.days_covered import DAYS, Dose, Period, Reported, by_day, dose_state
from bot.care.medications import Medicine, as_medicine
from bot.domain.enums import MedicationRequestStatus
from bot.records import MedicationAdministration, MedicationRequest, Patient


@dataclass(frozen=True, kw_only=True)
class MedicineAdherence:
    """One medicine with all its versions; `medicine` is the newest of them."""

    medicine: Medicine
    request_ids: tuple[UUID, ...]
    reported: Reported


def read_adherence(session: Session, patient_id: UUID, now: datetime, *, days: int = DAYS) -> list[MedicineAdherence]:
    """Each medicine of which a dose was due in so many local days, today included, up to `now` (UTC).

    Days are those of the zone where the patient lives now. In the order in which the medicines were prescribed.
    """
    patient = session.get_one(Patient, patient_id)
    period = Period.latest(days, patient.time_zone, now)
    doses = _doses(session, patient_id, period)
    requests = session.scalars(select(MedicationRequest).where(MedicationRequest.patient_id == patient_id)).all()
    found = (_adherence(versions, doses, period) for versions in same_medicine(requests))
    asked = [each for each in found if each.reported.doses]
    return sorted(asked, key=lambda each: (each.medicine.authored_at, each.medicine.id))


def same_medicine(requests: Sequence[MedicationRequest]) -> list[tuple[MedicationRequest, ...]]:
    """Prescriptions that follow one another (`replaces_id`) and prescribe the same, whatever the strength.

    One that came in the place of another medicine begins anew: it is not that one, taken on. The oldest stands first.
    What was entered in error links the versions around it and is none.
    """
    by_id = {request.id: request for request in requests}
    versions: dict[UUID, list[MedicationRequest]] = defaultdict(list)
    for request in sorted(requests, key=lambda each: (each.authored_at, each.id)):
        if request.status is not MedicationRequestStatus.ENTERED_IN_ERROR:
            versions[_first_version(request, by_id)].append(request)
    return [tuple(each) for each in versions.values()]


def _first_version(request: MedicationRequest, by_id: Mapping[UUID, MedicationRequest]) -> UUID:
    seen = [request.id]
    while request.replaces_id is not None and (before := by_id.get(request.replaces_id)) is not None:
        if before.medication.casefold() != request.medication.casefold():
            break
        if before.id in seen:
            return min(seen)  # a circle, which only a broken import can make
        seen.append(before.id)
        request = before
    return request.id


def _doses(session: Session, patient_id: UUID, period: Period) -> Mapping[UUID, Sequence[Dose]]:
    """The doses that were due in the period, by prescription."""
    query = select(MedicationAdministration).where(
        MedicationAdministration.patient_id == patient_id,
        MedicationAdministration.due_at >= period.starts_at,
        MedicationAdministration.due_at <= period.until,
    )
    doses: dict[UUID, list[Dose]] = defaultdict(list)
    for row in session.scalars(query):
        state = dose_state(row.status, row.due_at, period.until)
        dose = Dose(due_at=row.due_at, state=state, reported_at=row.reported_at)
        doses[row.medication_request_id].append(dose)
    return doses


def _adherence(
    versions: Sequence[MedicationRequest], doses: Mapping[UUID, Sequence[Dose]], period: Period
) -> MedicineAdherence:
    due = [dose for version in versions for dose in doses.get(version.id, ())]
    return MedicineAdherence(
        medicine=as_medicine(versions[-1]),
        request_ids=tuple(version.id for version in versions),
        reported=by_day(due, period),
    )
