"""Stays in a hospital come in with an import; visits to an office do not, and a stay that was a mistake is none."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.care.stays import in_hospital, last_discharge
from bot.domain.enums import EncounterStatus
from bot.fhir.report import Outcome
from bot.records import Encounter, FhirResource, Patient
from tests.support.clinic import Clinic
from tests.support.fhir import amina, bundle, everything_stored, said, take, to
from tests.support.stays import ACT_CODE, stay

SATURDAY = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
SUNDAY = {"start": "2026-11-21T09:30:00-05:00", "end": "2026-11-22T16:00:00-05:00"}


def is_there(clinic: Clinic) -> bool:
    """Whether Amina is in hospital now."""
    (patient,) = clinic.rows(Patient)
    with clinic.database.read() as session:
        return in_hospital(session, patient.id, clinic.clock.now())


def discharged(clinic: Clinic) -> datetime | None:
    (patient,) = clinic.rows(Patient)
    with clinic.database.read() as session:
        return last_discharge(session, patient.id, clinic.clock.now())


@pytest.mark.parametrize("code", ["IMP", "ACUTE", "NONAC", "SS", "EMER"])
def test_somebody_is_in_hospital_from_the_day_their_stay_began(clinic: Clinic, tmp_path: Path, code: str) -> None:
    report = take(clinic, tmp_path, bundle(stay(code), amina()))
    assert (report.remarks, report.counts["Encounter", Outcome.NEW]) == ([], 1)
    (row,), (patient,) = clinic.rows(Encounter), clinic.rows(Patient)
    assert (row.patient_id, row.status, row.class_code) == (patient.id, EncounterStatus.IN_PROGRESS, code)
    assert (row.starts_at, row.ends_at, row.version) == (SATURDAY, None, 1)
    assert is_there(clinic)


@pytest.mark.parametrize("system", [None, "urn:oid:2.16.840.1.113883.5.4", "http://hl7.org/fhir/v3/ActCode"])
def test_the_code_system_goes_by_several_names(clinic: Clinic, tmp_path: Path, system: str | None) -> None:
    named = {"code": "IMP", **({"system": system} if system else {})}
    take(clinic, tmp_path, bundle(amina(), stay(class_=named)))
    assert is_there(clinic)


@pytest.mark.parametrize("code", ["AMB", "VR", "HH", "FLD", "OBSENC", "PRENC"])
def test_other_encounters_are_counted_and_not_read(clinic: Clinic, tmp_path: Path, code: str) -> None:
    report = take(clinic, tmp_path, bundle(amina(), stay(code, subject=None)))
    assert report.counts["Encounter", Outcome.NOT_READ] == 1
    assert report.total(Outcome.NEW) == 1
    assert report.remarks == []
    assert clinic.rows(Encounter) == []
    assert [each.resource_type for each in clinic.rows(FhirResource)] == ["Patient"]


def test_a_class_of_another_code_system_is_not_read_and_said(clinic: Clinic, tmp_path: Path) -> None:
    own = {"system": "https://ehr.example.org/classes", "code": "IMP", "display": "Hospital Encounter"}
    report = take(clinic, tmp_path, bundle(amina(), stay(class_=own)))
    assert said(report, rejected=False) == [("Encounter/stay", "Encounter.class")]
    assert (report.counts["Encounter", Outcome.NOT_READ], report.counts["Encounter", Outcome.PARTLY]) == (1, 0)
    assert report.is_clean
    assert clinic.rows(Encounter) == []


def test_the_same_again_changes_nothing(clinic: Clinic, tmp_path: Path) -> None:
    records = bundle(amina(), stay(), stay("AMB", "office"), stay("EMER", "undated", period=None))
    take(clinic, tmp_path, records)
    before = everything_stored(clinic)
    report = take(clinic, tmp_path, records)
    assert everything_stored(clinic) == before
    assert (report.total(Outcome.UNCHANGED), report.total(Outcome.UPDATED)) == (3, 0)
    assert report.counts["Encounter", Outcome.NOT_READ] == 1


def test_a_newer_version_ends_the_stay(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(amina(), stay(meta={"lastUpdated": "2026-11-21T15:00:00Z"})))
    over = stay(status="finished", period=SUNDAY, meta={"lastUpdated": "2026-11-22T22:00:00Z"})
    report = take(clinic, tmp_path, bundle(over))
    assert report.counts["Encounter", Outcome.UPDATED] == 1
    (row,) = clinic.rows(Encounter)
    assert (row.status, row.ends_at) == (EncounterStatus.FINISHED, datetime(2026, 11, 22, 21, tzinfo=UTC))
    assert row.version == 2
    assert not is_there(clinic)
    assert discharged(clinic) == row.ends_at
    report = take(clinic, tmp_path, bundle(stay(meta={"lastUpdated": "2026-11-21T15:00:00Z"})))
    assert said(report, rejected=True) == [("Encounter/stay", "Encounter.meta.lastUpdated")]


def test_a_change_of_something_else_leaves_the_version(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(amina(), stay()))
    take(clinic, tmp_path, bundle(stay(priority={"text": "urgent"})))
    assert [each.version for each in clinic.rows(Encounter)] == [1]


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
@pytest.mark.parametrize("period", [{"start": "2026-11-21T09:30:00-05:00"}, SUNDAY])
def test_a_stay_that_was_called_off_or_a_mistake_is_none(
    clinic: Clinic, tmp_path: Path, status: str, period: dict[str, str]
) -> None:
    take(clinic, tmp_path, bundle(amina(), stay()))
    take(clinic, tmp_path, bundle(stay(status=status, period=period)))
    assert not is_there(clinic)
    assert discharged(clinic) is None


@pytest.mark.parametrize(
    ("changed", "stored"),
    [
        ({"system": ACT_CODE, "code": "AMB"}, "AMB"),
        ({"system": "https://ehr.example.org/classes", "code": "IMP"}, ""),
    ],
)
def test_a_stay_that_turns_out_to_be_none_ends(
    clinic: Clinic, tmp_path: Path, changed: dict[str, str], stored: str
) -> None:
    """It is on record, so it is not passed over: she would be in hospital for ever."""
    take(clinic, tmp_path, bundle(amina(), stay()))
    report = take(clinic, tmp_path, bundle(stay(class_=changed)))
    assert report.counts["Encounter", Outcome.UPDATED] == 1
    assert [(each.class_code, each.version) for each in clinic.rows(Encounter)] == [(stored, 2)]
    assert not is_there(clinic)


@pytest.mark.parametrize(
    ("period", "starts_at", "ends_at"),
    [
        # Midnight, and the last second of a day, in Chicago, the deployment's zone.
        (
            {"start": "2026-11-03", "end": "2026-11-05"},
            datetime(2026, 11, 3, 6, tzinfo=UTC),
            datetime(2026, 11, 6, 5, 59, 59, tzinfo=UTC),
        ),
        # The day on which the clocks go back there has 25 hours.
        (
            {"start": "2026-11-01", "end": "2026-11-01"},
            datetime(2026, 11, 1, 5, tzinfo=UTC),
            datetime(2026, 11, 2, 5, 59, 59, tzinfo=UTC),
        ),
    ],
)
def test_a_day_without_a_time_counts_whole(
    clinic: Clinic, tmp_path: Path, period: dict[str, str], starts_at: datetime, ends_at: datetime
) -> None:
    report = take(clinic, tmp_path, bundle(amina(), stay(status="finished", period=period)))
    assert report.remarks == []
    (row,) = clinic.rows(Encounter)
    assert (row.starts_at, row.ends_at) == (starts_at, ends_at)
    assert discharged(clinic) == ends_at


@pytest.mark.parametrize(
    ("period", "path", "kept"),
    [
        (None, "Encounter.period.start", (False, False)),
        ({"start": "2026-11"}, "Encounter.period.start", (False, False)),
        ({"start": "2026-11-21T09:30:00"}, "Encounter.period.start", (False, False)),
        ({"start": "2026-11-21", "end": "2026-11"}, "Encounter.period.end", (True, False)),
        ({"start": "2026-11-21", "end": "2026-11-20"}, "Encounter.period.end", (True, False)),
        ({"start": "2026-11-21", "end": "9999-12-31"}, "Encounter.period.end", (True, False)),
    ],
)
def test_a_time_that_cannot_be_told_is_said(
    clinic: Clinic, tmp_path: Path, period: dict[str, str] | None, path: str, kept: tuple[bool, bool]
) -> None:
    report = take(clinic, tmp_path, bundle(amina(), stay(period=period)))
    assert said(report, rejected=False) == [("Encounter/stay", path)]
    (row,) = clinic.rows(Encounter)
    assert (row.starts_at is not None, row.ends_at is not None) == kept
    assert is_there(clinic) is kept[0]


def test_a_stay_that_is_only_planned_needs_no_time(clinic: Clinic, tmp_path: Path) -> None:
    report = take(clinic, tmp_path, bundle(amina(), stay(status="planned", period=None)))
    assert report.remarks == []
    assert not is_there(clinic)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"status": "nope"}, "Encounter.status"),
        ({"status": "completed"}, "Encounter.status"),  # FHIR R5
        ({"class_": [{"coding": [{"system": ACT_CODE, "code": "IMP"}]}]}, "Encounter.class"),  # FHIR R5
        ({"class_": {"system": ACT_CODE, "display": "inpatient encounter"}}, "Encounter.class.code"),
        ({"class_": None}, "Encounter.class"),
        ({"subject": None}, "Encounter.subject"),
        ({"subject": to("Patient", "nobody")}, "Encounter.subject"),
        ({"modifierExtension": [{"url": "https://example.org/not"}]}, "Encounter.modifierExtension"),
    ],
)
def test_what_cannot_be_a_stay_is_rejected_with_its_path(
    clinic: Clinic, tmp_path: Path, wrong: dict[str, Any], path: str
) -> None:
    elements = {name.rstrip("_"): value for name, value in wrong.items()}
    report = take(clinic, tmp_path, bundle(amina(), stay(**elements)))
    assert said(report, rejected=True) == [("Encounter/stay", path)]
    assert clinic.rows(Encounter) == []


def test_a_stay_does_not_pass_to_another_patient(clinic: Clinic, tmp_path: Path) -> None:
    rose = {**amina(telecom=None), "id": "rose"}
    take(clinic, tmp_path, bundle(amina(), rose, stay()))
    report = take(clinic, tmp_path, bundle(stay(subject=to("Patient", "rose"))))
    assert said(report, rejected=True) == [("Encounter/stay", "Encounter.subject")]
