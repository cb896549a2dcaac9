"""An import of FHIR records: how long 1,000 patients take, and whether memory grows with them, beside `json.load`."""

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

PATIENTS, FEW = 1_000, 250
# What a public generator writes for one patient that we do not read: observations, claims and the like.
UNREAD = 480
MEDICINES = ("metformin 500 MG Oral Tablet", "lisinopril 10 MG Oral Tablet", "atorvastatin 20 MG Oral Tablet")
READ_WHOLE = "import json, sys; json.load(open(sys.argv[1], encoding='utf-8'))"

Resource = dict[str, Any]


def measure_imports(folder: Path) -> dict[str, float]:
    """Seconds and peak memory in MB of `northstar import fhir`, and of Python reading the same file whole."""
    many, few = folder / "many.json", folder / "few.json"
    for path, patients in ((many, PATIENTS), (few, FEW)):
        _write(path, patients)
    few_clinic, many_clinic = (_new_clinic(folder / name) for name in ("few", "many"))
    _, few_mb = _run(("-m", "bot", "import", "fhir", str(few)), few_clinic)
    seconds, many_mb = _run(("-m", "bot", "import", "fhir", str(many)), many_clinic)
    whole_seconds, whole_mb = _run(("-c", READ_WHOLE, str(many)), dict(os.environ))
    return {
        "import_1000_patients_s": seconds,
        "import_1000_patients_file_mb": many.stat().st_size / 1e6,
        "import_peak_rss_mb": many_mb,
        "import_memory_1000_over_250": many_mb / few_mb,
        "import_memory_over_json_load": many_mb / whole_mb,
        "import_seconds_over_json_load": seconds / whole_seconds,
    }


def _new_clinic(folder: Path) -> dict[str, str]:
    folder.mkdir()
    own = {"NORTHSTAR_DATA_DIR": str(folder), "NORTHSTAR_DATABASE_URL": f"sqlite:///{folder / 'northstar.db'}"}
    return {**os.environ, **own}


def _run(arguments: Sequence[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak resident memory in MB. Raises RuntimeError when it fails."""
    began = time.monotonic()
    command = [sys.executable, *arguments]
    silent = [(os.POSIX_SPAWN_OPEN, out, os.devnull, os.O_WRONLY, 0) for out in (1, 2)]
    process = os.posix_spawn(sys.executable, command, environment, file_actions=silent)
    _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{' '.join(command)} failed")
    # Kilobytes, on macOS bytes.
    return time.monotonic() - began, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _write(path: Path, patients: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"resourceType": "Bundle", "type": "collection", "entry": [')
        for number in range(patients):
            for place, resource in enumerate(_record(number)):
                entry = json.dumps({"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource})
                file.write(entry if number == place == 0 else f",\n{entry}")
        file.write("]}")


def _record(number: int) -> Iterator[Resource]:
    patient = f"patient-{number}"
    subject = {"reference": f"urn:uuid:{patient}"}
    yield {
        "resourceType": "Patient",
        "id": patient,
        "name": [{"use": "official", "family": f"Rivers{number}", "given": ["Alma"]}],
        "birthDate": "1956-03-14",
        "telecom": [{"system": "phone", "use": "mobile", "value": f"+1212555{number:04}"}],
    }
    for index, medicine in enumerate(MEDICINES):
        dose = {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}
        yield {
            "resourceType": "MedicationRequest",
            "id": f"medicine-{number}-{index}",
            "status": "active",
            "intent": "order",
            "subject": subject,
            "authoredOn": "2026-05-04T09:00:00-04:00",
            "medicationCodeableConcept": {"text": medicine},
            "dosageInstruction": [{**dose, "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}],
        }
    for index in range(UNREAD):
        yield {
            "resourceType": "Observation",
            "id": f"observation-{number}-{index}",
            "status": "final",
            "subject": subject,
            "code": {
                "coding": [{"system": "http://loinc.org", "code": "8480-6", "display": "Systolic blood pressure"}]
            },
            "effectiveDateTime": "2026-05-04T09:00:00-04:00",
            "valueQuantity": {"value": 120 + index % 40, "unit": "mmHg", "system": "http://unitsofmeasure.org"},
        }
