"""Takes the resources of files into the record: all are read to their end first, then written in several sweeps.

Who is referred to comes in an earlier sweep than who refers, so that the order of files and entries does not matter
and memory does not grow with them. A resource is written whole or not at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.ids import new_id
from bot.fhir.elements import Problem, Resource, check
from bot.fhir.identities import Identities, canonical, digest_of
from bot.fhir.mapping import appointments, consents, directory, dispenses, encounters, kept, medications, people
from bot.fhir.report import Outcome, Remark, Report
from bot.fhir.sources import Source
from bot.fhir.survey import Progress, Standing, Survey, survey
from bot.fhir.taking import Defaults, Number, Rejected, Taking
from bot.fhir.times import last_updated
from bot.records import FhirResource
from bot.reminders.policies import Policies
from bot.reminders.schedule import schedule_patient

TAKE: Mapping[str, Callable[[Taking], None]] = {
    "Organization": kept.keep,
    "Practitioner": directory.take_practitioner,
    "Medication": kept.keep,
    "Patient": people.take_patient,
    "Location": directory.take_location,
    "RelatedPerson": people.take_related_person,
    "PractitionerRole": directory.take_practitioner_role,
    "Schedule": kept.keep,
    "Condition": kept.keep_for_subject,
    "MedicationRequest": medications.take_medication_request,
    "MedicationDispense": dispenses.take_medication_dispense,
    "Appointment": appointments.take_appointment,
    "Encounter": encounters.take_encounter,
    "Slot": appointments.take_slot,
    "Consent": consents.take_consent,
    "CareTeam": kept.keep_for_subject,
    "CarePlan": kept.keep_for_subject,
    "AllergyIntolerance": kept.keep_for_patient,
    "Communication": kept.keep_for_subject,
}
# Types of which only some are of use: None for one that is, else what there is to say of it.
PASSED_OVER: Mapping[str, Callable[[Resource], tuple[Problem, ...] | None]] = {"Encounter": encounters.passed_over}
FIRST = frozenset({"Organization", "Practitioner", "Medication", "Patient"})
SECOND = frozenset({"Location", "RelatedPerson", "PractitionerRole", "Schedule", "Condition"})
THIRD = frozenset({"Slot"})
LAST = frozenset({"MedicationDispense"})
SWEEPS = (FIRST, SECOND, THIRD, frozenset(TAKE) - FIRST - SECOND - THIRD - LAST, LAST)
# Every type, who is referred to before who refers.
IN_ORDER = tuple(kind for sweep in SWEEPS for kind in TAKE if kind in sweep)
# A transaction of so many is over in a second or two: a turn or a webhook waits no longer for it.
BATCH = 300

T = TypeVar("T")


class Transactions(Protocol):
    """A Database, or one on which an import is only rehearsed."""

    def write(self) -> AbstractContextManager[Session]: ...


@dataclass(kw_only=True)
class Import:
    """One import into one database. `origin` names the system that the ids belong to; `now` is UTC."""

    database: Transactions
    policies: Policies
    defaults: Defaults
    now: datetime
    origin: str
    say: Progress
    report: Report = field(default_factory=Report)
    _run_id: UUID = field(default_factory=new_id)
    _touched: set[UUID] = field(default_factory=set)
    _waiting: set[tuple[str, str]] = field(default_factory=set)
    _new: dict[UUID, "_NewNumbers"] = field(default_factory=dict)

    def run(self, sources: Sequence[Source]) -> Report:
        """All of it. Raises ImportRefused, before anything is written, when a file cannot be read to its end."""
        self.take(sources)
        self.open_phones()
        return self.report

    def take(self, sources: Sequence[Source]) -> None:
        """Into the record, with its reminders; the phones of new people stay closed. Raises ImportRefused as `run`."""
        found = survey(sources, TAKE, self.report, self.say)
        for number, kinds in enumerate(SWEEPS, start=1):
            self._sweep(found, f"writing, part {number} of {len(SWEEPS)}", found.standing(kinds), found.count(kinds))
        if self._waiting:
            waiting = frozenset(self._waiting)
            again = (
                each for each in found.standing({kind for kind, _ in waiting}) if (each.kind, each.fhir_id) in waiting
            )
            self._sweep(found, "joining", again, len(waiting), again=True)
            self._waiting.clear()
        self._in_batches("setting reminders", self._touched, len(self._touched), self._schedule)
        self._touched.clear()

    def open_phones(self) -> None:
        """Of everybody new, once their records are whole."""
        self._in_batches("opening the phones", self._new.values(), len(self._new), self._add_numbers)
        self._new.clear()

    @property
    def unopened(self) -> set[tuple[str, str]]:
        """Type and id of the people whose phones are still closed."""
        return {new.resource for new in self._new.values()}

    def _sweep(
        self, found: Survey, what: str, standing: Iterable[Standing], total: int, *, again: bool = False
    ) -> None:
        self._in_batches(what, standing, total, lambda session, each: self._take(session, found, each, again=again))

    def _in_batches(self, what: str, work: Iterable[T], total: int, do: Callable[[Session, T], None]) -> None:
        done = 0
        for batch in _batches(work):
            with self.database.write() as session:
                for each in batch:
                    do(session, each)
            done += len(batch)
            self.say(what, done, total)

    def _take(self, session: Session, found: Survey, each: Standing, *, again: bool) -> None:
        identities = Identities(session=session, source=self.origin)
        before = identities.find(each.kind, each.fhir_id)
        if before is None and self._pass_over(each):
            return
        try:
            digest = digest_of(canonical(each.resource))
            outcome = self._compare(each, before, digest)
            if outcome is Outcome.UNCHANGED and before is not None and not before.part:
                before.run_id = self._run_id
                if before.patient_id is not None:  # An import that broke off may not have set the reminders.
                    self._touched.add(before.patient_id)
                self.report.count(each.kind, outcome)
                return
            with session.begin_nested():
                taking = self._start(identities, found, each, before, digest)
                TAKE[each.kind](taking)
                session.flush()
        except Rejected as rejected:
            self._remark(each, rejected.problems, rejected=True)
        except UnicodeError:
            self._remark(each, [Problem(each.kind, "holds text that is no Unicode")], rejected=True)
        except IntegrityError:
            self._remark(each, [Problem(each.kind, "contradicts what is on record")], rejected=True)
        else:
            self._finish(each, taking, outcome, again=again)

    def _pass_over(self, each: Standing) -> bool:
        """Whether it is of no use. What was of use when it came before is kept up to date, whatever it is now."""
        find = PASSED_OVER.get(each.kind)
        said = None if find is None else find(each.resource)
        if said is None:
            return False
        self._say(each, said, rejected=False)
        self.report.count(each.kind, Outcome.NOT_READ)
        return True

    def _compare(self, each: Standing, before: FhirResource | None, digest: bytes) -> Outcome:
        """Raises Rejected for an older version than ours, and for another text under the same id in one import."""
        if before is None:
            return Outcome.NEW
        if before.digest == digest:
            return Outcome.UNCHANGED
        at = last_updated(each.resource)
        known = before.last_updated_at
        if at is not None and known is not None and at < known:
            raise Rejected(f"{each.kind}.meta.lastUpdated", "is older than what is on record")
        if before.run_id == self._run_id and (at is None or known is None or at == known):
            raise Rejected(f"{each.kind}.id", "stands twice in these files, with other contents")
        return Outcome.UPDATED

    def _start(
        self, identities: Identities, found: Survey, each: Standing, before: FhirResource | None, digest: bytes
    ) -> Taking:
        checked = check(each.resource)
        if checked.resource is None:
            raise Rejected.all_of(checked.problems)
        meta = checked.resource.get("meta", {})
        entry = before or identities.add(each.kind, each.fhir_id)
        entry.version, entry.last_updated_at, entry.digest = meta.get("versionId"), last_updated(each.resource), digest
        entry.imported_at, entry.run_id = self.now, self._run_id
        return Taking(
            session=identities.session,
            identities=identities,
            names=found.names,
            defaults=self.defaults,
            now=self.now,
            resource=checked.resource,
            raw=each.resource,
            entry=entry,
            lost=checked.lost,
            problems=list(checked.problems),
        )

    def _finish(self, each: Standing, taking: Taking, outcome: Outcome, *, again: bool) -> None:
        """What refers to something that may still come is taken again, and reported then."""
        if taking.waits and not again:
            self._waiting.add((each.kind, each.fhir_id))
            taking.entry.part = True
            self.report.count(each.kind, outcome)
            return
        self._remark(each, taking.problems, rejected=False)
        taking.entry.part = bool(taking.problems or taking.numbers)
        if taking.numbers:
            numbers = tuple(taking.numbers)
            new = _NewNumbers((each.kind, each.fhir_id), taking.entry.id, numbers, whole=not taking.problems)
            self._new[new.entry_id] = new
        self._touched |= taking.touched
        if not again:
            self.report.count(each.kind, outcome)

    def _remark(self, each: Standing, problems: Sequence[Problem], *, rejected: bool) -> None:
        self._say(each, problems, rejected=rejected)
        if problems:
            self.report.count(each.kind, Outcome.REJECTED if rejected else Outcome.PARTLY)

    def _say(self, each: Standing, problems: Iterable[Problem], *, rejected: bool) -> None:
        self.report.remarks += [
            Remark(
                source=each.source,
                place=each.place,
                resource=f"{each.kind}/{each.fhir_id}",
                path=problem.path,
                reason=problem.reason,
                rejected=rejected,
            )
            for problem in problems
        ]

    def _add_numbers(self, session: Session, new: "_NewNumbers") -> None:
        people.add_numbers(session, new.entry_id, new.numbers)
        if new.whole:
            session.get_one(FhirResource, new.entry_id).part = False

    def _schedule(self, session: Session, patient_id: UUID) -> None:
        schedule_patient(session, self.policies, patient_id, self.now)


@dataclass(frozen=True)
class _NewNumbers:
    """The phones of somebody new, opened when the import is over; `whole`: nothing else of the resource is missing."""

    resource: tuple[str, str]
    entry_id: UUID
    numbers: Sequence[Number]
    whole: bool


def _batches(work: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(work)
    while batch := list(islice(rest, BATCH)):
        yield batch
