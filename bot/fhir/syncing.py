"""Takes over what a FHIR server has changed since the last time, and goes on where an earlier sync broke off.

Types come in the order of who refers to whom, in portions that are imported before more is read; no file is made of
them. How far a type is read is stored only when its portion is in the record, and what was not taken, or waits for
something else, is asked for again by the next sync: whenever this one ends, nothing is lost.
"""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.fhir.answers import ServerFailed
from bot.fhir.changes import NotOffered, by_id, changes
from bot.fhir.elements import Resource
from bot.fhir.importing import IN_ORDER, Import
from bot.fhir.report import Report
from bot.fhir.server import FhirServer
from bot.fhir.sources import Source
from bot.fhir.survey import Progress
from bot.fhir.written.due import is_ours
from bot.records import FhirSync
from bot.records.engine import Database

# So many resources are in memory at once, and are read again after a sync that broke off.
PORTION = 1_000
# A server stamps a change before others can see it: what was stamped shortly before the last one seen is read again.
OVERLAP = timedelta(minutes=2)
IDS_AT_ONCE = 50
WAITS = "refers to no"

Named = set[tuple[str, str]]


@dataclass(kw_only=True)
class Sync:
    """One pull from one server."""

    database: Database
    server: FhirServer
    importing: Import
    say: Progress
    _troubled: Named = field(default_factory=set)

    def run(self, *, everything: bool = False) -> Report:
        """`everything` asks for what is long known, too.

        Raises ServerFailed; what came before is on record and counted in the import's report.
        """
        before = self._to_ask_again()
        offered = [kind for kind in IN_ORDER if self._pull(kind, before, everything=everything)]
        if not offered:
            raise ServerFailed("The FHIR server knows none of the types that are read. Is this its FHIR base?")
        for kind in offered:
            ids = _of(kind, before)
            for start in range(0, len(ids), IDS_AT_ONCE):
                self._take(kind, by_id(self.server, kind, ids[start : start + IDS_AT_ONCE]))
        self.importing.open_phones()
        with self.database.write() as session:
            for kind in offered:
                self._cursor(session, kind).again = _of(kind, self._troubled)
        return self.importing.report

    def _pull(self, kind: str, before: Named, *, everything: bool) -> bool:
        """Everything that was changed of a type. False when the server has no such type."""
        with self.database.read() as session:
            known = self._cursor(session, kind).last_updated_at
        since = None if known is None or everything else known - OVERLAP
        count = 0
        try:
            for last, portion in _portions(changes(self.server, kind, since)):
                self._take(kind, portion)
                with self.database.write() as session:
                    cursor = self._cursor(session, kind)
                    cursor.last_updated_at = max(last, known or last)
                    cursor.again = _of(kind, before | self._troubled | self.importing.unopened)
                count += len(portion)
                self.say(f"reading {kind}", count, None)
        except NotOffered:
            return False
        return True

    def _take(self, kind: str, resources: Sequence[Resource]) -> None:
        """Into the record, but for what we wrote there ourselves."""
        theirs = [json.dumps(each) for each in resources if not is_ours(each)]
        if not theirs:
            return
        lines = "\n".join(theirs).encode()
        remarks = self.importing.report.remarks
        known = len(remarks)
        name = f"{self.server.base}/{kind}"
        self.importing.take([Source(name=name, size=len(lines), open=lambda: io.BytesIO(lines), has_lines=True)])
        for remark in remarks[known:]:
            named, _, fhir_id = remark.resource.partition("/")
            if fhir_id and (remark.rejected or remark.reason.startswith(WAITS)):
                self._troubled.add((named, fhir_id))

    def _to_ask_again(self) -> Named:
        with self.database.read() as session:
            cursors = session.scalars(select(FhirSync).where(FhirSync.source == self.server.base))
            return {(cursor.resource_type, fhir_id) for cursor in cursors for fhir_id in cursor.again}

    def _cursor(self, session: Session, kind: str) -> FhirSync:
        source = self.server.base
        found = session.scalar(select(FhirSync).filter_by(source=source, resource_type=kind))
        if found is None:
            found = FhirSync(source=source, resource_type=kind, last_updated_at=None, again=[])
            session.add(found)
        return found


def _of(kind: str, named: Named) -> list[str]:
    return sorted(fhir_id for each, fhir_id in named if each == kind)


def _portions(pages: Iterator[tuple[datetime, list[Resource]]]) -> Iterator[tuple[datetime, list[Resource]]]:
    """Pages put together; what came before a failure is still given."""
    last, portion = None, list[Resource]()
    try:
        for last, page in pages:
            portion += page
            if len(portion) >= PORTION:
                yield last, portion
                portion = []
    except ServerFailed:
        if last is not None and portion:
            yield last, portion
        raise
    if last is not None and portion:
        yield last, portion
