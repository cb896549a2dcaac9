"""Files of a clinic without FHIR, and an import of them."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from bot.fhir.csv.column_map import load_column_map
from bot.fhir.csv.faults import Fault
from bot.fhir.csv.fields import Kind
from bot.fhir.csv.importing import CsvImport, Refused, Taken
from tests.support.clinic import Clinic
from tests.support.fhir import DEFAULTS

AMINA = {
    "id": "P-1",
    "name": "Amina Diallo",
    "given": "Amina",
    "birth_date": "1958-03-02",
    "phone": "(212) 555-0171",
    "language": "Spanish",
    "time_zone": "America/New_York",
}
VISIT = {
    "id": "V-1",
    "patient_id": "P-1",
    "start": "2026-11-26 10:30",
    "minutes": "30",
    "practitioner": "Dr. Linh Nguyen",
    "location": "Riverside Clinic",
    "location_address": "48 Harbor Street, Boston",
    "description": "check-up",
}
METFORMIN = {
    "id": "R-1",
    "patient_id": "P-1",
    "medicine": "metformin 500 MG Oral Tablet",
    "instruction": 'Take 1 tablet, "with the larger meals", twice a day',
    "start": "2026-05-04",
}
Row = dict[str, str]


def table(*rows: Row, delimiter: str = ",") -> bytes:
    """A CSV file with a column for every name that a row has."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def import_files(
    clinic: Clinic,
    folder: Path,
    *,
    patients: bytes | None = None,
    appointments: bytes | None = None,
    medicines: bytes | None = None,
    column_map: str = "",
    only_check: bool = False,
) -> Refused | Taken:
    """As `northstar import csv` does it."""
    contents = {Kind.PATIENTS: patients, Kind.APPOINTMENTS: appointments, Kind.MEDICINES: medicines}
    files = {kind: folder / f"{kind}.csv" for kind, content in contents.items() if content is not None}
    for kind, path in files.items():
        path.write_bytes(contents[kind] or b"")
    (folder / "map.yml").write_text(column_map, "utf-8")
    run = CsvImport(
        database=clinic.database,
        policies=clinic.parts.policies,
        defaults=DEFAULTS,
        now=clinic.clock.now(),
        origin="csv",
        say=lambda what, done, total: None,
    )
    return run.run(files, load_column_map(folder / "map.yml"), only_check=only_check)


def places(faults: Iterable[Fault]) -> list[tuple[str, int | None, str | None]]:
    """File, row and column of each."""
    return [(Path(fault.file).stem, fault.row, fault.column) for fault in faults]


def faults_of(outcome: Refused | Taken) -> tuple[Fault, ...]:
    """Of an import that was refused."""
    assert isinstance(outcome, Refused)
    return outcome.faults
