"""`northstar import csv` as somebody in a clinic runs it: what it prints, its exit codes, its report."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bot.settings import CHECKOUT
from tests.support.csv_files import AMINA, METFORMIN, table


def import_csv(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NORTHSTAR_DATA_DIR": str(folder / "var"), "COLUMNS": "120"}
    command = [sys.executable, "-m", "bot", "import", "csv", *arguments]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120)


def test_it_says_which_cells_are_wrong_and_imports_when_they_are_mended(tmp_path: Path) -> None:
    patients, medicines, report = tmp_path / "patients.csv", tmp_path / "medicines.csv", tmp_path / "faults.jsonl"
    patients.write_bytes(table(AMINA, {**AMINA, "id": "P-2", "phone": "ask her son"}))
    medicines.write_bytes(table(METFORMIN))
    arguments = ("--patients", str(patients), "--medicines", str(medicines), "--report", str(report))
    refused = import_csv(tmp_path, *arguments)
    assert refused.returncode == 1, refused.stderr
    assert "wrong: column phone is no phone number" in refused.stdout
    assert f"{patients}, row 3" in refused.stdout
    assert "Nothing was imported" in refused.stdout
    assert not [word for word in ("Amina", "her son", "metformin") if word in refused.stdout + refused.stderr]
    (fault,) = (json.loads(line) for line in report.read_text("utf-8").splitlines())
    assert (fault["file"], fault["row"], fault["column"]) == (str(patients), 3, "phone")
    patients.write_bytes(table(AMINA))
    checked = import_csv(tmp_path, *arguments, "--check")
    assert checked.returncode == 0, checked.stderr
    assert "this was a check" in checked.stdout
    done = import_csv(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    assert "Patient" in done.stdout
    assert "Nothing" not in done.stdout
    assert report.read_text("utf-8") == ""


def test_a_user_mistake_is_said_without_a_traceback(tmp_path: Path) -> None:
    example, wrong = tmp_path / "example", tmp_path / "map.yml"
    assert import_csv(tmp_path, "--example", str(example)).returncode == 0
    wrong.write_text("patients:\n  surname: Name\n", "utf-8")
    named = ("--patients", str(example / "patients.csv"))
    for arguments, words in (
        ((), "Name at least one file"),
        (("--example", str(example)), "is there already"),
        ((*named, "--map", str(wrong)), "map.yml, line 2: surname is not known here"),
        ((*named, "--map", str(tmp_path / "nowhere.yml")), "cannot be read"),
        (("--patients", str(tmp_path)), "cannot be read; name a CSV file"),
        (("--patients", str(tmp_path / "nowhere.csv")), "is not there; name a CSV file"),
    ):
        done = import_csv(tmp_path, *arguments)
        assert done.returncode == 1
        assert words in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
