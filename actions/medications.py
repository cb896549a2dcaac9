"""Which medicines, how much, when, how, what for, from whom, how many refills, why changed: from the record only."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, assert_never

from sqlalchemy.orm import Session

from actions.base import Asked, Message, OpenSession, RecordAction, moment, offer_help, open_ticket, say
from bot.care.access import Access
from bot.care.dose_times import ClockTimes, next_dose
from bot.care.medication_changes import Change, find_change, latest_change
from bot.care.medications import Medicine, current_medicines, ended_medicines, prescriber
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
from bot.domain.enums import ConsentScope, ResourceTopic, TicketReason

# More of them at once are too much for one message.
MOST_TOLD_APART = 6
LATEST = datetime.max.replace(tzinfo=UTC)


def match_medicine(session: Session, asked: Asked) -> Match:
    patient_id = asked.subject.patient_id
    current, ended = current_medicines(session, patient_id), ended_medicines(session, patient_id)
    return find_medicine(asked.text, current, ended, asked.medications)


class MedicineAction(RecordAction):
    """Answers about one medicine; what is not clearly one of the patient's is asked or handed over.

    `all_at_once`: an answer about all of them answers too, when none is named.
    """

    scope = ConsentScope.MEDICATIONS
    all_at_once = False

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        match match_medicine(session, asked):
            case Found(medicine):
                return self.about(session, asked, medicine)
            case NotNamed(medicines) if self.all_at_once:
                return self.about_all(session, asked, medicines)
            case found:
                return _not_one(asked, found)

    def about_all(self, session: Session, asked: Asked, medicines: Sequence[Medicine]) -> Iterator[Message]:
        yield _listed(medicines)

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

    def about_all(self, session: Session, asked: Asked, medicines: Sequence[Medicine]) -> Iterator[Message]:
        """Each with its next time, what is due first before the rest; only their list where they are many."""
        if len(medicines) > MOST_TOLD_APART:
            yield _listed(medicines)
            return
        due = {medicine.id: self._next(asked, medicine) for medicine in medicines}
        for medicine in sorted(medicines, key=lambda each: due[each.id] or LATEST):
            yield from self.about(session, asked, medicine)

    def about(self, session: Session, asked: Asked, medicine: Medicine) -> Iterator[Message]:
        due_at = self._next(asked, medicine)
        if medicine.only_when_needed:
            yield say("medication_as_needed", **_named(medicine))
        elif due_at is None:
            yield say("medication_dose", **_named(medicine))
        else:
            yield say("medication_when", **_named(medicine), next=moment(due_at, asked.subject.time_zone))

    def _next(self, asked: Asked, medicine: Medicine) -> datetime | None:
        if medicine.only_when_needed:
            return None
        return next_dose(
            medicine.dosage,
            time_zone=asked.subject.time_zone,
            after=asked.now,
            starts_at=medicine.authored_at,
            clock_times=self._clock_times,
        )


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
                yield say("medication_refills_how")


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


class MedicationPrescriber(MedicineAction):
    """Who prescribed it, and the day on the prescription."""

    action_name = "action_medication_prescriber"

    def about(self, session: Session, asked: Asked, medicine: Medicine) -> Iterator[Message]:
        name = medicine.name
        practitioner = prescriber(session, medicine)
        date = moment(medicine.authored_at, asked.subject.time_zone)
        match practitioner, medicine.dated:
            case None, True:
                yield say("medication_dated", name=name, date=date)
            case None, False:
                yield say("medication_prescriber_unknown", name=name)
                yield open_ticket(TicketReason.NOT_ON_RECORD, medication=str(medicine.id), asked="prescriber")
            case _, True:
                yield say("medication_prescribed", name=name, practitioner=practitioner, date=date)
            case _:
                yield say("medication_prescribed_undated", name=name, practitioner=practitioner)


class MedicationHandoff(RecordAction):
    """For a person in any case, also from somebody who may know nothing; with the medicine, where it is clear which."""

    reason = TicketReason.REFILL
    scope = ConsentScope.MEDICATIONS

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        match match_medicine(session, asked):
            case Found(medicine):
                yield from self.before(medicine)
                yield self.hand_over(medication=str(medicine.id), medicine=medicine.name)
            case _:
                yield self.hand_over()

    def before(self, medicine: Medicine) -> Iterator[Message]:
        """What the record says to it."""
        return iter(())

    def hand_over(self, **facts: str) -> Message:
        return open_ticket(self.reason, **facts)

    def without_subject(self, access: Access) -> list[Message]:
        return [self.hand_over()]


class RequestRefill(MedicationHandoff):
    action_name = "action_request_refill"


class RanOut(MedicationHandoff):
    action_name = "action_ran_out"
    reason = TicketReason.RAN_OUT


class StoppedTaking(MedicationHandoff):
    action_name = "action_stopped_taking"
    reason = TicketReason.STOPPED_TAKING


class MissedDose(MedicationHandoff):
    """The clinician's own words, where the record has some; what to do now a person says."""

    action_name = "action_missed_dose"
    reason = TicketReason.MISSED_DOSE

    def before(self, medicine: Medicine) -> Iterator[Message]:
        if medicine.instruction:
            yield say("medication_instruction", name=medicine.name, instruction=medicine.instruction)


class CannotAfford(MedicationHandoff):
    """With the programmes that help to pay, as far as the clinic knows some."""

    action_name = "action_cannot_afford"
    reason = TicketReason.COST

    def hand_over(self, **facts: str) -> Message:
        return offer_help([ResourceTopic.MEDICATION_ASSISTANCE], self.reason, always=True, **facts)


def medication_actions(open_session: OpenSession, clock: Clock, clock_times: ClockTimes) -> list[RecordAction]:
    kinds: tuple[type[RecordAction], ...] = (
        MedicationList,
        MedicationDose,
        MedicationHow,
        MedicationPurpose,
        MedicationRefills,
        MedicationChange,
        MedicationPrescriber,
        RequestRefill,
        RanOut,
        StoppedTaking,
        MissedDose,
        CannotAfford,
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
        if change.new.active:
            yield from _teach_back(change)
        return
    yield say(f"{key}_no_reason", **what, date=date)
    yield open_ticket(TicketReason.MEDICATION_CHANGE, medication=str(change.new.id), asked="why")


def _teach_back(change: Change) -> Iterator[Message]:
    """Old and new to choose from, in the order of the alphabet, which tells nothing."""
    pair = sorted((change.old, change.new), key=lambda each: (each.name, json.dumps(_dosage(each), sort_keys=True)))
    if change.of_dose:
        first, second = map(_dosage, pair)
        yield say("teach_back", name=change.new.name, first=first, second=second)
    else:
        yield say("teach_back_medicine", first=pair[0].name, second=pair[1].name)
    right = 1 if pair[0] is change.new else 2
    yield {"effect": "teach_back", "medication": str(change.new.id), "right": right}
