"""`northstar export patient`: whose file, into which folder, and who can read it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.care.whose import PatientNotFound
from bot.fhir.export.writing import ExportRefused
from bot.records import PatientIdentifier
from bot.settings import CHECKOUT
from tests.support.cast import Cast, add_patient
from tests.support.clinic import Clinic
from tests.support.fhir_export import FATOU, export


def test_the_folder_is_the_owners_alone_and_is_never_written_over(clinic: Clinic, cast: Cast, tmp_path: Path) -> None:
    export(clinic, cast.amina, tmp_path)
    folder = tmp_path / f"patient-{cast.amina}"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [each.stat().st_mode & 0o777 for each in folder.iterdir()] == [0o600, 0o600]
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    with pytest.raises(ExportRefused, match="is there already"):
        export(clinic, cast.amina, tmp_path)
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before
    with pytest.raises(ExportRefused, match="Nothing can be written"):
        export(clinic, cast.amina, tmp_path / "nowhere")


def test_a_disk_that_is_full_leaves_nothing_behind(
    clinic: Clinic, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ExportRefused, match="the disk is full"):
        export(clinic, cast.amina, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_record_number_names_the_patient_unless_two_systems_gave_it(
    clinic: Clinic, cast: Cast, tmp_path: Path
) -> None:
    with clinic.database.write() as session:
        fatou = add_patient(session, "Fatou", FATOU)
        for patient, system in ((cast.amina, "urn:a"), (fatou, "urn:b")):
            session.add(PatientIdentifier(patient_id=patient, system=system, value="7", value_index="7"))
    with pytest.raises(PatientNotFound, match=r"urn:a, urn:b"):
        export(clinic, "7", tmp_path)
    export(clinic, "urn:b|7", tmp_path)
    assert [each.name for each in tmp_path.glob("patient-*")] == [f"patient-{fatou}"]
    with pytest.raises(PatientNotFound, match="Nobody on record") as refused:
        export(clinic, "no such number", tmp_path)
    assert "no such number" not in str(refused.value)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_says_where_the_file_is_and_names_nobody(
    clinic: Clinic, cast: Cast, database_url: str, tmp_path: Path
) -> None:
    names = {"NORTHSTAR_DATA_DIR": str(tmp_path), "NORTHSTAR_DATABASE_URL": database_url, "COLUMNS": "200"}

    def run(asked: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", "export", "patient", str(asked), "--output", str(tmp_path)]
        environment = {**os.environ, **names}
        return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120)

    done, unknown = run(cast.amina), run("MRN-1")
    folder = tmp_path / f"patient-{cast.amina}"
    assert done.returncode == 0, done.stderr
    assert str(folder) in done.stdout
    assert sorted(each.name for each in folder.iterdir()) == [f"{folder.name}.html", f"{folder.name}.json"]
    assert unknown.returncode == 1
    assert "Nobody on record" in unknown.stderr
    said = done.stdout + done.stderr + unknown.stdout + unknown.stderr
    for private in ("Amina", "MRN-1", "Traceback"):
        assert private not in said
