"""Who has died is known from the day that the source names, else from the day on which we learnt of it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.enums import TimerKind, TimerStatus
from bot.fhir.report import Outcome
from bot.records import Patient
from tests.support.clinic import Clinic
from tests.support.csv_files import AMINA, faults_of, import_files, places, table
from tests.support.fhir import AMINA_PHONE, amina, bundle, everything_stored, nguyen, riverside, said, take, visit
from tests.support.fhir_export import export, of_kind

DAY = datetime(2026, 11, 3, 5, tzinfo=UTC)  # midnight in New York, where Amina lived


def imported(clinic: Clinic, folder: Path, **elements: Any) -> Patient:
    """Amina, as the files now have her."""
    take(clinic, folder, bundle(amina(**elements)))
    (patient,) = clinic.rows(Patient)
    return patient


@pytest.mark.parametrize(
    ("died", "at"),
    [
        ({"deceasedDateTime": "2026-11-03"}, DAY),
        ({"deceasedDateTime": "2026-11-03T22:15:00-05:00"}, datetime(2026, 11, 4, 3, 15, tzinfo=UTC)),
        ({"deceasedBoolean": True}, None),
        ({"deceasedDateTime": "2026-11"}, None),
        ({"deceasedDateTime": "2026-11-03T22:15:00"}, None),
    ],
)
def test_somebody_who_died_is_not_active_whatever_the_source_says_of_the_record(
    clinic: Clinic, tmp_path: Path, died: dict[str, Any], at: datetime | None
) -> None:
    """Without a day that can be read it counts from the import."""
    patient = imported(clinic, tmp_path, active=True, **died)
    assert (patient.active, patient.deceased_dated) == (False, at is not None)
    assert patient.deceased_at == (at or clinic.clock.now())


@pytest.mark.parametrize("living", [{}, {"deceasedBoolean": False}, {"deceasedBoolean": "yes"}])
def test_a_record_that_does_not_say_so_is_of_somebody_alive(
    clinic: Clinic, tmp_path: Path, living: dict[str, Any]
) -> None:
    patient = imported(clinic, tmp_path, **living)
    assert (patient.active, patient.deceased_at, patient.deceased_dated) == (True, None, False)


def test_a_day_that_cannot_be_read_is_said(clinic: Clinic, tmp_path: Path) -> None:
    for text in ("2026", "2026-11-03T22:15:00"):
        report = take(clinic, tmp_path, bundle(amina(deceasedDateTime=text)))
        assert said(report, rejected=False) == [("Patient/amina", "Patient.deceasedDateTime")]


@pytest.mark.parametrize("corrected", [{}, {"deceasedBoolean": False}])
def test_a_correction_brings_the_person_back_to_life(clinic: Clinic, tmp_path: Path, corrected: dict[str, Any]) -> None:
    imported(clinic, tmp_path, deceasedDateTime="2026-11-03")
    patient = imported(clinic, tmp_path, **corrected)
    assert (patient.active, patient.deceased_at, patient.deceased_dated) == (True, None, False)


def test_a_record_that_is_not_in_use_is_not_of_somebody_who_died(clinic: Clinic, tmp_path: Path) -> None:
    patient = imported(clinic, tmp_path, active=False)
    assert (patient.active, patient.deceased_at) == (False, None)


def test_what_is_known_of_the_day_stays_while_other_things_change(clinic: Clinic, tmp_path: Path) -> None:
    first = imported(clinic, tmp_path, deceasedBoolean=True).deceased_at
    clinic.clock.forward(days=2)
    assert imported(clinic, tmp_path, deceasedBoolean=True, birthDate="1958-03-03").deceased_at == first
    dated = imported(clinic, tmp_path, deceasedDateTime="2026-11-03")
    assert (dated.deceased_at, dated.deceased_dated) == (DAY, True)
    # A flag that cannot be read takes back nothing.
    for vague in (True, "no"):
        patient = imported(clinic, tmp_path, deceasedBoolean=vague)
        assert (patient.deceased_at, patient.deceased_dated, patient.active) == (DAY, True, False)


@pytest.mark.parametrize("died", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026"}])
def test_the_same_again_changes_nothing_also_where_the_day_is_not_known(
    clinic: Clinic, tmp_path: Path, died: dict[str, Any]
) -> None:
    imported(clinic, tmp_path, **died)
    before = everything_stored(clinic)
    clinic.clock.forward(days=2)
    report = take(clinic, tmp_path, bundle(amina(**died)))
    assert report.total(Outcome.UNCHANGED) == 1
    assert everything_stored(clinic) == before


def test_nobody_is_reminded_of_the_visit_of_somebody_who_died(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(amina(), nguyen(), riverside(), visit()))
    take(clinic, tmp_path, bundle(amina(deceasedBoolean=True)))
    clinic.clock.turn_to(datetime(2026, 11, 25, 15, tzinfo=UTC))  # 10:00 in New York, the day before
    clinic.work()
    assert clinic.received(AMINA_PHONE) == []
    (timer,) = clinic.timers(kind=TimerKind.APPOINTMENT_REMINDER)
    assert timer.status is TimerStatus.CANCELLED


@pytest.mark.parametrize(
    ("cell", "at", "dated"),
    [("2026-11-03", DAY, True), ("yes", None, False), ("TRUE", None, False)],
)
def test_a_column_says_who_died(clinic: Clinic, tmp_path: Path, cell: str, at: datetime | None, dated: bool) -> None:
    import_files(clinic, tmp_path, patients=table({**AMINA, "deceased": cell}))
    (patient,) = clinic.rows(Patient)
    assert (patient.deceased_at, patient.deceased_dated) == (at or clinic.clock.now(), dated)
    assert not patient.active
    for lives in ("", "no"):
        import_files(clinic, tmp_path, patients=table({**AMINA, "deceased": lives}))
        (patient,) = clinic.rows(Patient)
        assert (patient.deceased_at, patient.active) == (None, True)


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("2026-11-24", "in the future"),
        ("1958-03-01", "before the birth"),
        ("last year", "is no date as 2026-11-23; the year has four digits; or write yes or no"),
        ("active", "or write yes or no"),
        ("inactive", "or write yes or no"),
    ],
)
def test_a_cell_that_may_mean_anything_kills_nobody(clinic: Clinic, tmp_path: Path, cell: str, why: str) -> None:
    faults = faults_of(import_files(clinic, tmp_path, patients=table({**AMINA, "deceased": cell})))
    assert places(faults) == [("patients", 2, "deceased")]
    assert why in faults[0].reason


def test_the_file_of_somebody_who_died_tells_the_day_only_where_the_source_does(clinic: Clinic, tmp_path: Path) -> None:
    patient = imported(clinic, tmp_path, deceasedBoolean=True)
    document, _ = export(clinic, patient.id, tmp_path)
    (told,) = of_kind(document, "Patient")
    assert (told["deceasedBoolean"], "deceasedDateTime" in told) == (True, False)
    imported(clinic, tmp_path, deceasedDateTime="2026-11-03")
    (tmp_path / "later").mkdir()
    document, _ = export(clinic, patient.id, tmp_path / "later")
    (told,) = of_kind(document, "Patient")
    assert (told["deceasedDateTime"], "deceasedBoolean" in told) == (DAY.isoformat(), False)
