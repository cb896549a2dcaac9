"""The first reading: every row of every file is proved before anything is written.

Memory grows with the ids of the rows, by which they are compared, not with what the rows hold.
"""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path

from bot.fhir.csv.appointments import make_appointment
from bot.fhir.csv.column_map import ColumnMap
from bot.fhir.csv.directory import Directory
from bot.fhir.csv.faults import Fault, FileBroken
from bot.fhir.csv.fields import REQUIRED, Kind
from bot.fhir.csv.making import Making
from bot.fhir.csv.medicines import make_medicine
from bot.fhir.csv.patients import make_patient
from bot.fhir.csv.resources import Resource, id_of
from bot.fhir.csv.table import Row, Table, open_table
from bot.fhir.elements import check
from bot.fhir.survey import Progress

MAKE: Mapping[Kind, Callable[[Row, Making], list[Resource]]] = {
    Kind.PATIENTS: make_patient,
    Kind.APPOINTMENTS: make_appointment,
    Kind.MEDICINES: make_medicine,
}
# More than anybody reads at once; the rest is found when these are mended.
MOST_FAULTS = 1000


@dataclass(kw_only=True)
class Checking:
    """`on_record` are the ids of the patients who came before, from the same origin."""

    column_map: ColumnMap
    making: Making
    on_record: AbstractSet[str]
    say: Progress
    tables: list[Table] = field(default_factory=list)
    directory: Directory = field(default_factory=Directory)
    faults: list[Fault] = field(default_factory=list)
    _patients: set[str] = field(default_factory=set)
    _patients_known: bool = True

    def read(self, files: Mapping[Kind, Path]) -> None:
        """All files, patients first, until too much is wrong."""
        for kind in (kind for kind in Kind if kind in files):
            try:
                table = open_table(kind, files[kind], self.column_map)
                self.tables.append(table)
                self._read(table)
            except FileBroken as broken:
                self.faults.append(_fault(files[kind], broken))
                self._patients_known = self._patients_known and kind is not Kind.PATIENTS

    def _read(self, table: Table) -> None:
        rows_of: dict[str, int] = {}
        for done, row in enumerate(table.rows, start=1):
            if not row.faults:
                self._check(row, rows_of)
            self.faults += row.faults
            self.say(f"checking {table.kind}", done, None)
            if len(self.faults) >= MOST_FAULTS:
                return
        if not rows_of and not self.faults:
            raise FileBroken(None, "has no rows behind its header; export it again")

    def _check(self, row: Row, rows_of: dict[str, int]) -> None:
        for group in REQUIRED[row.table.kind]:
            if not any(row.text(name) for name in group):
                present = [name for name in group if name in row.table.columns]
                row.wrong(present[0], "is blank; every row needs it")
        own = row.text("id")
        if own and rows_of.setdefault(own, row.number) != row.number:
            row.wrong("id", f"is also the id of row {rows_of[own]}; each row needs its own")
        if row.table.kind is Kind.PATIENTS:
            self._patients.add(id_of("Patient", own))
        else:
            self._check_patient(row)
        made = MAKE[row.table.kind](row, self.making)
        self.directory.learn(row, made)
        if not row.faults:
            for path, reason in _problems(made):
                row.fault(row.table.title_of(path), reason)

    def _check_patient(self, row: Row) -> None:
        wanted = row.text("patient_id")
        fhir_id = id_of("Patient", wanted)
        if wanted and self._patients_known and fhir_id not in self._patients and fhir_id not in self.on_record:
            row.wrong("patient_id", "is no id of the patients' file or of an earlier import; add the patient there")


def _problems(made: list[Resource]) -> Iterator[tuple[str, str]]:
    for each in made:
        for problem in check(each).problems:
            yield problem.path, problem.reason


def _fault(path: Path, broken: FileBroken) -> Fault:
    return Fault(file=str(path), row=broken.row, column=broken.column, reason=broken.reason)
