"""Which medicines, how much, when, how, what for, how many refills, and why one was changed: from the record only."""

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from sqlalchemy.orm import Session

from actions.base import Asked, Message, OpenSession, RecordAction, moment, open_ticket, say
from bot.care.dose_times import ClockTimes, next_dose
from bot.care.medication_changes import Change, find_change, latest_change
from bot.care.medications import Medicine, current_medicines, ended_medicines
from bot.care.medicine_names import (
    Ended,
    Found,
    Match,
    NoMedicines,
    NotNamed,
    NotOnList,
    SeveralClose,
    find_medicine,
)
from bot.domain.clock import Clock
from bot.domain.enums import ConsentScope, TicketReason


def match_medicine(session: Session, asked: Asked) -> Match:
    patient_id = asked.subject.patient_id
    current, ended = current_medicines(session, patient_id), ended_medicines(session, patient_id)
    return find_medicine(asked.text, current, ended, asked.medications)


class MedicineAction(RecordAction):
    """Answers about one medicine; what is not clearly one of the patient's is asked or handed over.

    `all_at_once`: the list of all with their doses answers too, when none is named.
    """

    scope = ConsentScope.MEDICATIONS
    all_at_once = False

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        match match_medicine(session, asked):
            case Found(medicine):
                return self.about(session, asked, medicine)
            case NotNamed(medicines) if self.all_at_once:
                return iter([_listed(medicines)])
            case found:
                return _not_one(asked, found)

    def about(self, session: Session, asked: Asked, medicine: Medicine) -> Iterator[Message]:
        raise NotImplementedError


class MedicationList(RecordAction):
    action_name = "action_medication_list"
    scope = ConsentScope.MEDICATIONS

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        medicines = current_medicines(session, asked.subject.patient_id)
        if not medicines:
            yield say("medication_none")
            return
        yield _listed(medicines)


class MedicationDose(MedicineAction):
    action_name = "action_medication_dose"
    all_at_once = True

    def about(self, session: Session, asked: Asked, medicine: Medicine) -> Iterator[Message]:
        yield say("medication_dose", **_named(medicine))


class MedicationWhen(MedicineAction):
    action_name = "action_medication_when"
    all_at_once = True

    def __init__(self, open_session: OpenSession, clock: Clock, clock_times: ClockTimes) -> None:
        super().__init__(open_session, clock)
        self._clock_times = clock_times

    def about(self, session: Session, asked: Asked, medicine: Medicine) -> Iterator[Message]:
        time_zone = asked.subject.time_zone
        due_at = next_dose(
            medicine.dosage,
            time_zone=time_zone,
            after=asked.now,
            starts_at=medicine.authored_at,
            clock_times=self._clock_times,
        )
        if medicine.only_when_needed:
            yield say("medication_as_needed", **_named(medicine))
        elif due_at is None:
            yield say("medication_dose", **_named(medicine))
        else:
            yield say("medication_when", **_named(medicine), next=moment(due_at, time_zone))


class MedicationHow(MedicineAction):
    action_name = "action_medication_how"

    def about(self, session: Session, asked: Asked, medicine: Medicine) -> Iterator[Message]:
        yield say("medication_how", **_named(medicine), instruction=medicine.instruction)


class MedicationPurpose(MedicineAction):
    action_name = "action_medication_purpose"

    def about(self, session: Session, asked: Asked, medicine: Medicine) -> Iterator[Message]:
        if medicine.purpose:
            yield say("medication_purpose", name=medicine.name, purpose=dict(medicine.purpose))
            return
        yield say("medication_purpose_unknown", name=medicine.name)
        yield open_ticket(TicketReason.CLINICAL, medication=str(medicine.id), asked="purpose")


class MedicationRefills(MedicineAction):
    action_name = "action_medication_refills"

    def about(self, session: Session, asked: Asked, medicine: Medicine) -> Iterator[Message]:
        match medicine.refills_left:
            case None:
                yield say("medication_refills_unknown", name=medicine.name)
                yield open_ticket(TicketReason.NOT_ON_RECORD, medication=str(medicine.id), asked="refills")
            case 0:
                yield say("medication_refills_none", name=medicine.name)
            case left:
                yield say("medication_refills", name=medicine.name, count=left)


class MedicationChange(RecordAction):
    """Why a medicine was changed: of the one that is named, else the latest change on record."""

    action_name = "action_medication_change"
    scope = ConsentScope.MEDICATIONS

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        match match_medicine(session, asked):
            case Found(medicine):
                change = find_change(session, medicine)
            case Ended(medicine):
                change = find_change(session, medicine)
                if change is None:
                    yield _ended(asked, medicine)
                    return
            case NotOnList() as other:
                yield from _not_one(asked, other)
                return
            case _:
                change = latest_change(session, asked.subject.patient_id)
        yield from _changed(asked, change)


def medication_actions(open_session: OpenSession, clock: Clock, clock_times: ClockTimes) -> list[RecordAction]:
    kinds: tuple[type[RecordAction], ...] = (
        MedicationList,
        MedicationDose,
        MedicationHow,
        MedicationPurpose,
        MedicationRefills,
        MedicationChange,
    )
    return [*(kind(open_session, clock) for kind in kinds), MedicationWhen(open_session, clock, clock_times)]


def _named(medicine: Medicine) -> dict[str, Any]:
    return {"name": medicine.name, "dosage": _dosage(medicine)}


def _dosage(medicine: Medicine) -> list[dict[str, Any]]:
    return [dict(dose) for dose in medicine.dosage]


def _listed(medicines: Sequence[Medicine]) -> Message:
    items = [["medication_line", _named(medicine)] for medicine in medicines]
    return say("medication_list", count=len(items), items=items)


def _not_one(asked: Asked, found: Ended | SeveralClose | NotNamed | NotOnList | NoMedicines) -> Iterator[Message]:
    match found:
        case Ended(medicine):
            yield _ended(asked, medicine)
        case SeveralClose(medicines) | NotNamed(medicines):
            yield say("medication_which", names=list(dict.fromkeys(each.name for each in medicines)))
        case NotOnList():
            yield say("medication_not_on_list")
            yield open_ticket(TicketReason.NOT_ON_RECORD, asked="a medicine that is not on the list")
        case NoMedicines():
            yield say("medication_none")
        case _:
            assert_never(found)


def _ended(asked: Asked, medicine: Medicine) -> Message:
    if medicine.stopped_at is None:
        return say("medication_stopped_undated", name=medicine.name)
    return say("medication_stopped", name=medicine.name, date=moment(medicine.stopped_at, asked.subject.time_zone))


def _changed(asked: Asked, change: Change | None) -> Iterator[Message]:
    if change is None:
        yield say("medication_change_unknown")
        yield open_ticket(TicketReason.MEDICATION_CHANGE, asked="a change that is not on record")
        return
    date = moment(change.changed_at, asked.subject.time_zone)
    key = "medication_change"
    what: dict[str, Any] = {"old": change.old.name, "new": change.new.name}
    if change.of_dose:
        doses = {"old": _dosage(change.old), "new": _dosage(change.new)}
        key, what = "medication_change_dose", {"name": change.new.name, **doses}
    if change.reason:
        yield say(key, **what, date=date, reason=dict(change.reason))
        return
    yield say(f"{key}_no_reason", **what, date=date)
    yield open_ticket(TicketReason.MEDICATION_CHANGE, medication=str(change.new.id), asked="why")
