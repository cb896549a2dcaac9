"""What the record says about how regularly each medicine is taken, whichever prescription the doses stand under."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bot.care.adherence import MedicineAdherence, read_adherence
from bot.care.days_covered import Counts, DayState
from bot.domain.enums import AdministrationStatus, MedicationRequestStatus
from bot.records import MedicationAdministration, MedicationRequest, Patient
from tests.unit.care_cast import NOW, Clinic, make_clinic

COMPLETED, NOT_DONE = AdministrationStatus.COMPLETED, AdministrationStatus.NOT_DONE
IN_PROGRESS, UNKNOWN = AdministrationStatus.IN_PROGRESS, AdministrationStatus.UNKNOWN
EIGHT = datetime(2026, 11, 18, 13, tzinfo=UTC)  # today in New York, four hours ago
DAY = timedelta(days=1)


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return make_clinic(tmp_path)


def add_dose(clinic: Clinic, request: UUID, due_at: datetime, status: AdministrationStatus = COMPLETED) -> None:
    reported_at = due_at + timedelta(minutes=6) if status in (COMPLETED, NOT_DONE) else None
    patient_id = clinic.patients["amina"]
    with clinic.database.write() as session:
        session.add(
            MedicationAdministration(
                patient_id=patient_id,
                medication_request_id=request,
                due_at=due_at,
                status=status,
                reported_at=reported_at,
            )
        )


def read(clinic: Clinic, now: datetime = NOW, who: str = "amina") -> dict[str, MedicineAdherence]:
    with clinic.database.read() as session:
        return {each.medicine.name: each for each in read_adherence(session, clinic.patients[who], now)}


def test_each_medicine_is_counted_by_itself_over_the_last_thirty_days(clinic: Clinic) -> None:
    metformin, lisinopril = clinic.add_medicine("amina", "metformin"), clinic.add_medicine("amina", "lisinopril")
    clinic.add_medicine("amina", "albuterol")
    for days in range(32):
        add_dose(clinic, metformin, EIGHT - days * DAY)
    add_dose(clinic, lisinopril, EIGHT - 2 * DAY, NOT_DONE)
    add_dose(clinic, lisinopril, EIGHT - DAY, IN_PROGRESS)
    add_dose(clinic, lisinopril, EIGHT, IN_PROGRESS)
    found = read(clinic)
    assert list(found) == ["metformin 500 mg", "lisinopril 500 mg"], "of albuterol nobody was asked"
    assert found["metformin 500 mg"].reported.counts == Counts(taken=30)
    assert found["metformin 500 mg"].reported.days_covered.ratio == 1.0
    assert found["lisinopril 500 mg"].reported.counts == Counts(skipped=1, unknown=1, waiting=1)
    days = {day.day: day.state for day in found["lisinopril 500 mg"].reported.days[-4:]}
    assert days == {
        date(2026, 11, 15): DayState.NOTHING,
        date(2026, 11, 16): DayState.SKIPPED,
        date(2026, 11, 17): DayState.UNKNOWN,
        date(2026, 11, 18): DayState.WAITING,
    }
    assert read(clinic, who="robert") == {}


def test_a_dose_that_is_still_to_come_is_not_due_yet(clinic: Clinic) -> None:
    metformin = clinic.add_medicine("amina", "metformin")
    add_dose(clinic, metformin, NOW, IN_PROGRESS)
    add_dose(clinic, metformin, NOW + timedelta(minutes=1), IN_PROGRESS)
    assert read(clinic)["metformin 500 mg"].reported.counts == Counts(waiting=1)


def test_versions_that_follow_one_another_are_one_medicine_under_the_newest_name(clinic: Clinic) -> None:
    stopped = MedicationRequestStatus.STOPPED
    first = clinic.add_medicine("amina", "Metformin", status=stopped, authored_at=NOW - 90 * DAY)
    second = clinic.add_medicine(
        "amina", "metformin", strength="850 mg", status=stopped, authored_at=NOW - 20 * DAY, replaces_id=first
    )
    third = clinic.add_medicine(
        "amina", "metformin", strength="1000 mg", authored_at=NOW - 10 * DAY, replaces_id=second
    )
    for request, days in ((first, 25), (second, 15), (third, 5)):
        add_dose(clinic, request, EIGHT - days * DAY)
    [medicine] = read(clinic).values()
    assert medicine.medicine.name == "metformin 1000 mg"
    assert medicine.request_ids == (first, second, third)
    assert medicine.reported.counts == Counts(taken=3)


def test_another_medicine_in_the_place_of_one_begins_anew(clinic: Clinic) -> None:
    metoprolol = clinic.add_medicine("amina", "metoprolol", authored_at=NOW - 90 * DAY)
    carvedilol = clinic.add_medicine("amina", "carvedilol", authored_at=NOW - 4 * DAY, replaces_id=metoprolol)
    add_dose(clinic, metoprolol, EIGHT - 5 * DAY)
    add_dose(clinic, carvedilol, EIGHT - DAY, NOT_DONE)
    counts = {name: each.reported.counts for name, each in read(clinic).items()}
    assert counts == {"metoprolol 500 mg": Counts(taken=1), "carvedilol 500 mg": Counts(skipped=1)}


def test_a_prescription_entered_in_error_counts_nothing_and_breaks_no_chain(clinic: Clinic) -> None:
    wrong = MedicationRequestStatus.ENTERED_IN_ERROR
    first = clinic.add_medicine("amina", "metformin", authored_at=NOW - 90 * DAY)
    error = clinic.add_medicine("amina", "metformin", status=wrong, authored_at=NOW - 20 * DAY, replaces_id=first)
    third = clinic.add_medicine("amina", "metformin", authored_at=NOW - 10 * DAY, replaces_id=error)
    for request in (first, error, third):
        add_dose(clinic, request, EIGHT - DAY)
    [medicine] = read(clinic).values()
    assert (medicine.request_ids, medicine.reported.counts) == ((first, third), Counts(taken=2))


def test_prescriptions_that_replace_one_another_in_a_circle_are_one_medicine(clinic: Clinic) -> None:
    first = clinic.add_medicine("amina", "metformin")
    second = clinic.add_medicine("amina", "metformin", replaces_id=first)
    with clinic.database.write() as session:
        session.get_one(MedicationRequest, first).replaces_id = second
    add_dose(clinic, first, EIGHT)
    add_dose(clinic, second, EIGHT - DAY)
    [medicine] = read(clinic).values()
    assert (set(medicine.request_ids), medicine.reported.counts) == ({first, second}, Counts(taken=2))


def test_days_are_those_of_the_zone_where_the_patient_lives_now(clinic: Clinic) -> None:
    metformin = clinic.add_medicine("amina", "metformin")
    add_dose(clinic, metformin, EIGHT)
    add_dose(clinic, metformin, NOW - timedelta(minutes=1), UNKNOWN)
    [today] = [day for day in read(clinic)["metformin 500 mg"].reported.days if day.doses]
    assert (today.day, len(today.doses)) == (date(2026, 11, 18), 2)
    with clinic.database.write() as session:
        session.get_one(Patient, clinic.patients["amina"]).time_zone = "Pacific/Auckland"
    days = {day.day: len(day.doses) for day in read(clinic)["metformin 500 mg"].reported.days if day.doses}
    assert days == {date(2026, 11, 19): 2}
