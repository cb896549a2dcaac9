"""Takes a clinic's CSV files into the record: all of them, or nothing.

Every row is checked, then the whole import is rehearsed where nothing of it stays, and only then is it written, in
the same small transactions as an import of FHIR, so that nobody's text waits for it. Should the machine stop in the
middle, the same files again complete it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from bot.fhir.csv.cells import Conventions
from bot.fhir.csv.checking import Checking
from bot.fhir.csv.column_map import ColumnMap
from bot.fhir.csv.faults import Fault
from bot.fhir.csv.fields import Kind
from bot.fhir.csv.making import Making
from bot.fhir.csv.sources import source_of
from bot.fhir.csv.table import Table
from bot.fhir.importing import Import, Transactions
from bot.fhir.report import Remark, Report
from bot.fhir.sources import Source
from bot.fhir.survey import Progress
from bot.fhir.taking import Defaults
from bot.records import FhirResource
from bot.records.engine import Database
from bot.reminders.policies import Policies

ROW = re.compile(r"line (\d+)")


@dataclass(frozen=True)
class Refused:
    """Nothing was written."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Taken:
    """`remarks` are what was taken without something that is said; `rejected` what changed on record meanwhile."""

    report: Report
    remarks: tuple[Fault, ...]
    rejected: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CsvImport:
    """One import into one database. `origin` names the system that the rows' ids belong to; `now` is UTC."""

    database: Database
    policies: Policies
    defaults: Defaults
    now: datetime
    origin: str
    say: Progress

    def run(self, files: Mapping[Kind, Path], column_map: ColumnMap, *, only_check: bool = False) -> Refused | Taken:
        """Everything or nothing; with `only_check` nothing, and the report says what would have been taken."""
        making = self._making(column_map)
        patients = self._ids_on_record("Patient")
        checking = Checking(column_map=column_map, making=making, on_record=patients, say=self.say)
        checking.read(files)
        if checking.faults:
            return Refused(tuple(checking.faults))
        sources = [source_of(table, making, checking.directory) for table in checking.tables]
        rehearsed = self._rehearse(sources)
        outcome = _outcome(rehearsed, checking.tables)
        if outcome.rejected:
            return Refused(outcome.rejected)
        return outcome if only_check else _outcome(self._import(self.database, sources), checking.tables)

    def _making(self, column_map: ColumnMap) -> Making:
        conventions = Conventions(
            date_format=column_map.date_format,
            time_format=column_map.time_format,
            time_zone=column_map.time_zone or self.defaults.time_zone,
            country=self.defaults.country,
            now=self.now,
        )
        return Making(conventions=conventions, language=column_map.language, consents=self._ids_on_record("Consent"))

    def _ids_on_record(self, kind: str) -> frozenset[str]:
        query = select(FhirResource.fhir_id).where(
            FhirResource.source == self.origin, FhirResource.resource_type == kind, FhirResource.local_id.is_not(None)
        )
        with self.database.read() as session:
            return frozenset(session.scalars(query))

    def _rehearse(self, sources: list[Source]) -> Report:
        with self.database.rehearsal() as stage:
            return self._import(stage, sources, "trying: ")

    def _import(self, database: Transactions, sources: list[Source], what: str = "") -> Report:
        return Import(
            database=database,
            policies=self.policies,
            defaults=self.defaults,
            now=self.now,
            origin=self.origin,
            say=lambda part, done, total: self.say(what + part, done, total),
        ).run(sources)


def _outcome(report: Report, tables: Iterable[Table]) -> Taken:
    by_name = {f"{table.kind}.ndjson": table for table in tables}
    told = [(remark.rejected, _fault(remark, by_name[remark.source])) for remark in report.remarks]
    remarks = tuple(fault for rejected, fault in told if not rejected)
    return Taken(report, remarks, tuple(fault for rejected, fault in told if rejected))


def _fault(remark: Remark, table: Table) -> Fault:
    row = ROW.match(remark.place)
    return Fault(
        file=str(table.path),
        row=None if row is None else int(row[1]),
        column=table.title_of(remark.path),
        reason=remark.reason,
    )
