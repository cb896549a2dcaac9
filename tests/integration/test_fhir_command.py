"""`northstar import fhir` as somebody in a clinic runs it: what it prints, its exit codes, its report."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bot.settings import CHECKOUT
from tests.support.dispenses import dispense
from tests.support.fhir import amina, bundle, metformin, resource
from tests.support.stays import stay


def import_fhir(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NORTHSTAR_DATA_DIR": str(folder / "var"), "COLUMNS": "120", **variables}
    command = [sys.executable, "-m", "bot", "import", "fhir", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120)


def test_it_says_what_it_took_and_what_not_and_keeps_the_list(tmp_path: Path) -> None:
    file, list_of_remarks = tmp_path / "records.json", tmp_path / "remarks.jsonl"
    file.write_text(json.dumps(bundle(amina(), metformin(status="nope"), resource("Observation", "weight"))), "utf-8")
    done = import_fhir(tmp_path, str(file), "--report", str(list_of_remarks))
    assert done.returncode == 1, done.stderr
    assert "rejected: MedicationRequest.status is no code of medicationrequest-status" in done.stdout
    assert f"MedicationRequest/metformin in {file}, entry[1]" in done.stdout
    assert "Amina" not in done.stdout + done.stderr
    (remark,) = (json.loads(line) for line in list_of_remarks.read_text("utf-8").splitlines())
    assert (remark["resource"], remark["rejected"]) == ("MedicationRequest/metformin", True)
    file.write_text(json.dumps(bundle(amina())), "utf-8")
    again = import_fhir(tmp_path, str(file))
    assert again.returncode == 0
    assert "unchanged" in again.stdout


def test_it_counts_each_type_in_eighty_columns(tmp_path: Path) -> None:
    file = tmp_path / "records.json"
    file.write_text(json.dumps(bundle(amina(), metformin(), dispense(), stay(), stay("AMB", "office"))), "utf-8")
    done = import_fhir(tmp_path, str(file), COLUMNS="80")
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["MedicationDispense", "1"] in lines
    assert ["Encounter", "1", "1"] in lines  # one new, one not read
    counts = ("resource", "Encounter", "MedicationDispense")
    assert all(len(line) <= 80 for line in done.stdout.splitlines() if line.startswith(counts))


def test_a_user_mistake_is_said_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "records.xml").write_text("<Bundle/>", "utf-8")
    (tmp_path / "broken.zip").write_bytes(b"PK no zip")
    for path, words in (
        ("nowhere", "is not there"),
        ("empty", "There is no .json, .ndjson, .jsonl or zip file"),
        ("records.xml", "is XML"),
        ("broken.zip", "cannot be opened as a zip"),
    ):
        done = import_fhir(tmp_path, str(tmp_path / path))
        assert done.returncode == 1
        assert words in done.stderr
        assert "Traceback" not in done.stderr
