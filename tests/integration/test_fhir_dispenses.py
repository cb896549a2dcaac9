"""What pharmacies handed over comes in with an import, and only what was handed over counts as supply."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.care.supply import Supply, supplies
from bot.domain.enums import MedicationDispenseStatus
from bot.fhir.report import Outcome
from bot.records import MedicationDispense, MedicationRequest, Patient
from tests.support.clinic import Clinic
from tests.support.dispenses import dispense
from tests.support.fhir import amina, bundle, everything_stored, metformin, nguyen, resource, said, take, to

HANDED_OVER = datetime(2026, 11, 2, 20, 10, tzinfo=UTC)
PEOPLE = (amina(), nguyen())


def supplied(clinic: Clinic) -> list[Supply]:
    patient = clinic.rows(Patient)[0]
    with clinic.database.read() as session:
        return supplies(session, patient.id)


def test_what_was_handed_over_joins_its_prescription_whatever_their_order(clinic: Clinic, tmp_path: Path) -> None:
    report = take(clinic, tmp_path, bundle(dispense(), metformin(), *PEOPLE))
    assert (report.remarks, report.counts["MedicationDispense", Outcome.NEW]) == ([], 1)
    (row,), (request,), (patient,) = (
        clinic.rows(MedicationDispense),
        clinic.rows(MedicationRequest),
        clinic.rows(Patient),
    )
    assert (row.patient_id, row.medication_request_id) == (patient.id, request.id)
    assert (row.status, row.handed_over_at) == (MedicationDispenseStatus.COMPLETED, HANDED_OVER)
    assert (row.medication, row.aliases) == (request.medication, ["metformin hydrochloride 500 MG Oral Tablet"])
    assert (row.days_supply, row.quantity, row.quantity_unit) == (30, 60, "tablet")
    assert supplied(clinic) == [
        Supply(
            medication_request_id=request.id,
            names=(row.medication, *row.aliases),
            handed_over_at=HANDED_OVER,
            days_supply=30,
        )
    ]


@pytest.mark.parametrize("status", MedicationDispenseStatus)
def test_only_what_is_completed_is_supply(clinic: Clinic, tmp_path: Path, status: MedicationDispenseStatus) -> None:
    report = take(clinic, tmp_path, bundle(*PEOPLE, metformin(), dispense(status=status.value)))
    assert report.remarks == []
    assert [each.status for each in clinic.rows(MedicationDispense)] == [status]
    assert len(supplied(clinic)) == (status == "completed")


def test_the_same_again_changes_nothing_and_a_newer_version_updates(clinic: Clinic, tmp_path: Path) -> None:
    records = bundle(*PEOPLE, metformin(), dispense(), dispense("lost", authorizingPrescription=[to("X", "1")]))
    take(clinic, tmp_path, records)
    before = everything_stored(clinic)
    take(clinic, tmp_path, records)
    assert everything_stored(clinic) == before
    report = take(clinic, tmp_path, bundle(dispense(status="entered-in-error")))
    assert report.counts["MedicationDispense", Outcome.UPDATED] == 1
    assert [each.medication_request_id for each in supplied(clinic)] == [None]


def test_several_supplies_come_the_oldest_first(clinic: Clinic, tmp_path: Path) -> None:
    newer = dispense("newer", whenHandedOver="2026-11-20")
    take(clinic, tmp_path, bundle(*PEOPLE, metformin(), newer, dispense()))
    assert [each.handed_over_at for each in supplied(clinic)] == [
        HANDED_OVER,
        datetime(2026, 11, 20, 6, tzinfo=UTC),  # midnight in Chicago, the deployment's zone
    ]


@pytest.mark.parametrize(
    ("when", "at", "remarks"),
    [
        ({"whenHandedOver": None}, datetime(2026, 11, 1, 5, tzinfo=UTC), []),
        ({"whenHandedOver": "2026-11"}, datetime(2026, 11, 1, 5, tzinfo=UTC), []),
        ({"whenHandedOver": "yesterday"}, datetime(2026, 11, 1, 5, tzinfo=UTC), ["whenHandedOver"]),
        ({"whenHandedOver": None, "whenPrepared": None}, None, ["whenHandedOver"]),
        ({"whenHandedOver": "2026", "whenPrepared": "2026"}, None, ["whenHandedOver"]),
        ({"whenHandedOver": None, "whenPrepared": "2026-11-01T10:00:00"}, None, ["whenPrepared"]),
    ],
)
def test_it_was_handed_over_when_it_was_prepared_where_nobody_says_more(
    clinic: Clinic, tmp_path: Path, when: dict[str, Any], at: datetime | None, remarks: list[str]
) -> None:
    report = take(clinic, tmp_path, bundle(*PEOPLE, metformin(), dispense(**when)))
    assert [path for _, path in said(report, rejected=False)] == [f"MedicationDispense.{name}" for name in remarks]
    assert [each.handed_over_at for each in clinic.rows(MedicationDispense)] == [at]
    assert len(supplied(clinic)) == (at is not None)


@pytest.mark.parametrize(
    ("supply", "stored"),
    [
        ({"value": 90.0, "code": "d"}, 90),
        ({"value": 90, "unit": "Days"}, 90),
        ({"value": 90}, None),
        ({"unit": "days"}, None),
        ({"value": 3, "unit": "mo", "code": "mo"}, None),
        ({"value": 3, "unit": "days", "code": "mo"}, None),
        ({"value": 10.5, "code": "d"}, None),
        ({"value": 0, "code": "d"}, None),
        ({"value": -30, "code": "d"}, None),
        ({"value": 99999999999, "code": "d"}, None),
    ],
)
def test_a_supply_is_counted_in_whole_days_and_otherwise_left_out_and_said(
    clinic: Clinic, tmp_path: Path, supply: dict[str, Any], stored: int | None
) -> None:
    report = take(clinic, tmp_path, bundle(*PEOPLE, metformin(), dispense(daysSupply=supply)))
    assert [each.days_supply for each in clinic.rows(MedicationDispense)] == [stored]
    remarks = [] if stored else [("MedicationDispense/dispense", "MedicationDispense.daysSupply")]
    assert said(report, rejected=False) == remarks
    assert len(supplied(clinic)) == (stored is not None)


def test_what_the_source_leaves_out_is_not_known(clinic: Clinic, tmp_path: Path) -> None:
    bare = dispense(daysSupply=None, quantity=None, authorizingPrescription=None)
    report = take(clinic, tmp_path, bundle(*PEOPLE, bare))
    assert report.remarks == []
    (row,) = clinic.rows(MedicationDispense)
    assert (row.medication_request_id, row.days_supply, row.quantity, row.quantity_unit) == (None, None, None, None)
    assert supplied(clinic) == []


def test_a_prescription_that_comes_later_is_found_by_the_next_import(clinic: Clinic, tmp_path: Path) -> None:
    report = take(clinic, tmp_path, bundle(*PEOPLE, dispense()))
    assert said(report, rejected=False) == [
        ("MedicationDispense/dispense", "MedicationDispense.authorizingPrescription")
    ]
    assert [each.days_supply for each in supplied(clinic)] == [30]
    take(clinic, tmp_path, bundle(metformin(), dispense()))
    (request,) = clinic.rows(MedicationRequest)
    assert [each.medication_request_id for each in supplied(clinic)] == [request.id]


@pytest.mark.parametrize(
    "named",
    [
        {"medicationReference": {"reference": "#inside"}},
        {"medicationReference": to("Medication", "apart")},
        {"medicationReference": {"reference": "Medication/elsewhere", "display": "lisinopril 10 MG"}},
    ],
)
def test_the_medicine_is_named_wherever_its_name_stands(clinic: Clinic, tmp_path: Path, named: dict[str, Any]) -> None:
    code = {"text": "lisinopril 10 MG"}
    inside = [{"resourceType": "Medication", "id": "inside", "code": code}]
    handed = dispense(medicationCodeableConcept=None, contained=inside, **named)
    take(clinic, tmp_path, bundle(*PEOPLE, metformin(), handed, resource("Medication", "apart", code=code)))
    assert [each.medication for each in clinic.rows(MedicationDispense)] == ["lisinopril 10 MG"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"status": "nope"}, "status"),
        ({"status": "active"}, "status"),
        ({"subject": None}, "subject"),
        ({"subject": to("Patient", "nobody")}, "subject"),
        ({"medicationCodeableConcept": {"coding": [{"code": "860975"}]}}, "medicationCodeableConcept"),
        ({"authorizingPrescription": [to("MedicationRequest", "of-rose")]}, "authorizingPrescription"),
    ],
)
def test_what_is_wrong_is_rejected_with_its_path(
    clinic: Clinic, tmp_path: Path, wrong: dict[str, Any], path: str
) -> None:
    rose = {**amina(telecom=None), "id": "rose"}
    of_rose = {**metformin(subject=to("Patient", "rose")), "id": "of-rose"}
    report = take(clinic, tmp_path, bundle(*PEOPLE, rose, metformin(), of_rose, dispense(**wrong)))
    assert said(report, rejected=True) == [("MedicationDispense/dispense", f"MedicationDispense.{path}")]
    assert clinic.rows(MedicationDispense) == []


def test_a_supply_does_not_pass_to_another_patient(clinic: Clinic, tmp_path: Path) -> None:
    rose = {**amina(telecom=None), "id": "rose"}
    take(clinic, tmp_path, bundle(*PEOPLE, rose, metformin(), dispense()))
    moved = dispense(subject=to("Patient", "rose"), authorizingPrescription=None)
    assert said(take(clinic, tmp_path, bundle(moved)), rejected=True) == [
        ("MedicationDispense/dispense", "MedicationDispense.subject")
    ]
