"""Writes to a FHIR server what came of its patients here: their answers about visits, messages, tickets.

What was written is remembered by itself right after it, in `fhir_resource`; when we break off in between, the server
finds it by its identifier (conditional create, FHIR R4 3.1.0.8.1), so that nothing is there twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bot.domain.ids import new_id
from bot.fhir.answers import Refused, version_of
from bot.fhir.elements import Resource
from bot.fhir.identities import Identities, canonical, digest_of
from bot.fhir.report import Remark, Report, Written
from bot.fhir.server import FhirServer
from bot.fhir.survey import Progress
from bot.fhir.taking import change
from bot.fhir.times import last_updated
from bot.fhir.written.due import Due
from bot.fhir.written.messages import due_messages
from bot.fhir.written.tasks import due_tasks
from bot.fhir.written.visits import Answer, due_answers, write_answer
from bot.records import FhirResource
from bot.records.engine import Database

BATCH = 200
NOBODY = UUID(int=0)
# 403, 404, 405, 501: the same would be said of every other of the type.
NEVER_TAKEN = frozenset({403, 404, 405, 501})
CHANGED_THERE = "was changed on the server meanwhile; the next sync writes it, unless that change settles it"
GONE_THERE = "is no longer on the server"
LEFT = {404: GONE_THERE, 410: GONE_THERE, 409: CHANGED_THERE, 412: CHANGED_THERE}

FindDue = Callable[[Session, str, datetime, UUID, int], list[Due]]


@dataclass(kw_only=True)
class WriteBack:
    """To one server, after a pull from it. `now` is the clinic's time, UTC."""

    database: Database
    server: FhirServer
    report: Report
    now: datetime
    say: Progress

    def run(self) -> None:
        """Raises ServerFailed; what came before is written, remembered and counted in the report."""
        self._write_answers()
        self._write(due_messages, "messages")
        self._write(due_tasks, "tickets")

    def _write_answers(self) -> None:
        with self.database.read() as session:
            answers = due_answers(session, self.server.base)
        for done, answer in enumerate(answers, start=1):
            self._write_answer(answer)
            self.say("writing answers", done, len(answers))

    def _write_answer(self, answer: Answer) -> None:
        resource = f"Appointment/{answer.fhir_id}"
        written = write_answer(self.server, answer)
        if isinstance(written, Refused):
            self._say_refused(resource, "Appointment.participant.status", written)
            if written.is_gone:
                self._settle(answer.entry_id, agreed_at=answer.at)
            return
        version, at = version_of(written), last_updated(written)
        digest = digest_of(canonical(written))
        self._settle(answer.entry_id, version=version, last_updated_at=at, digest=digest, agreed_at=answer.at)
        self.report.written["Appointment", Written.UPDATED] += 1

    def _write(self, find: FindDue, what: str) -> None:
        done, after = 0, NOBODY
        while True:
            with self.database.read() as session:
                batch = find(session, self.server.base, self.now, after, BATCH)
            for due in batch:
                if not self._put(due):
                    return
                after = due.local_id
            done += len(batch)
            self.say(f"writing {what}", done, None)
            if len(batch) < BATCH:
                return

    def _put(self, due: Due) -> bool:
        """False when the server takes none of this type."""
        digest = digest_of(canonical(due.resource))
        with self.database.read() as session:
            entry = Identities(session=session, source=self.server.base).of_row(due.kind, due.local_id)
        if entry is not None and entry.digest == digest:
            return True
        if entry is None:
            written, how = self.server.create(due.resource, due.identifier), Written.CREATED
        else:
            written, how = self._revise(due, entry.fhir_id), Written.UPDATED
        if isinstance(written, Refused):
            self._say_refused(f"{due.kind}/{due.local_id}", due.kind, written, was_there=entry is not None)
            if entry is not None and written.is_gone:
                self._settle(entry.id, part=False)
            return entry is not None or written.status not in NEVER_TAKEN
        self._remember(due, written, digest)
        self.report.written[due.kind, how] += 1
        return True

    def _revise(self, due: Due, fhir_id: str) -> Resource | Refused:
        """Our elements anew; what others have added stays."""
        there = self.server.read(due.kind, fhir_id)
        if isinstance(there, Refused):
            return there
        return self.server.update({**there, **due.resource}, version_of(there))

    def _remember(self, due: Due, written: Resource, digest: bytes) -> None:
        with self.database.write() as session:
            identities = Identities(session=session, source=self.server.base)
            fhir_id = str(written["id"])
            entry = identities.find(due.kind, fhir_id) or identities.add(due.kind, fhir_id)
            entry.version, entry.last_updated_at = version_of(written), last_updated(written)
            entry.local_id, entry.patient_id, entry.digest = due.local_id, due.patient_id, digest
            entry.part, entry.imported_at, entry.run_id = due.may_change, self.now, new_id()

    def _settle(self, entry_id: UUID, **values: Any) -> None:
        with self.database.write() as session:
            change(session.get_one(FhirResource, entry_id), **values)

    def _say_refused(self, resource: str, path: str, refused: Refused, *, was_there: bool = True) -> None:
        left = LEFT.get(refused.status) if was_there else None
        reason = left or f"is refused by the server ({refused})"
        how = Written.REFUSED if left is None else Written.LEFT
        self.report.written[path.partition(".")[0], how] += 1
        self.report.remarks.append(
            Remark(
                source=self.server.base,
                place="written back",
                resource=resource,
                path=path,
                reason=reason,
                rejected=left is None,
            )
        )
