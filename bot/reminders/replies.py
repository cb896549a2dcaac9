"""Short replies to what we asked: a digit, or a word that means one. Never a word that carriers reserve."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from sqlalchemy.orm import Session

from bot import timers
from bot.domain.enums import (
    AdministrationStatus,
    ParticipationStatus,
    QuestionKind,
    TicketReason,
    TimerKind,
)
from bot.handoff.wished_days import settle_days
from bot.outbox import Say
from bot.records import Appointment, Location, MedicationAdministration, Patient, Question, Ticket

SNOOZE = timedelta(minutes=30)
SNOOZE_TOO_LATE_AFTER = timedelta(minutes=90)


class Answer(StrEnum):
    TAKEN = "taken"
    LATER = "later"
    NOT_TODAY = "not_today"
    WILL_COME = "will_come"
    CHANGE = "change"
    RIGHT = "right"
    WRONG = "wrong"


DIGITS: Mapping[QuestionKind, Mapping[str, Answer]] = {
    QuestionKind.DOSE: {"1": Answer.TAKEN, "2": Answer.LATER, "3": Answer.NOT_TODAY},
    QuestionKind.APPOINTMENT: {"1": Answer.WILL_COME, "2": Answer.CHANGE},
    QuestionKind.TIMES: {"1": Answer.RIGHT, "2": Answer.WRONG},
}
WORDS: Mapping[QuestionKind, Mapping[str, Answer]] = {
    QuestionKind.DOSE: {
        "taken": Answer.TAKEN,
        "later": Answer.LATER,
        "skip": Answer.NOT_TODAY,
    },
    QuestionKind.APPOINTMENT: {"yes": Answer.WILL_COME, "no": Answer.CHANGE},
    QuestionKind.TIMES: {"yes": Answer.RIGHT, "no": Answer.WRONG},
}
OPTIONS: Mapping[QuestionKind, Sequence[tuple[str, str]]] = {
    QuestionKind.DOSE: (("1", "option_taken"), ("2", "option_later"), ("3", "option_not_today")),
    QuestionKind.APPOINTMENT: (("1", "option_will_come"), ("2", "option_change")),
    QuestionKind.TIMES: (("1", "option_right"), ("2", "option_wrong")),
}
# What Rasa may have read in a longer reply ("ya me la tomé hace rato"). An "ok" to a dose may mean that it will be
# taken, a "no" later or not today: neither is stored, both are asked again.
INTENTS = {"affirm": "yes", "deny": "no", "taken": "taken", "skip": "skip", "later": "later"}


@dataclass(frozen=True, kw_only=True)
class AnswerOutcome:
    """`ticket`: a reason to open one for. `waiting`: one that is open already, of whose deadline the person is told."""

    says: tuple[Say, ...] = ()
    ticket: TicketReason | None = None
    waiting: Ticket | None = None


def bare_digit(text: str) -> int | None:
    """The number in a reply that is one digit and nothing else ("1", "1.", "１", "١")."""
    digit = text.strip().strip(".!)").strip()
    return int(digit) if len(digit) == 1 and digit.isdecimal() else None


def read_digit(kind: QuestionKind, text: str) -> Answer | None:
    """What a bare digit answers."""
    return DIGITS.get(kind, {}).get(str(bare_digit(text)))


def read_word(kind: QuestionKind, word: str | None) -> Answer | None:
    """What a short word (`bot.conversation.keywords.Short`) or a reply intent answers."""
    return WORDS.get(kind, {}).get(word or "")


def record_answer(session: Session, question: Question, answer: Answer, now: datetime) -> AnswerOutcome:
    """Store the answer on the record. `now` is clinic time, UTC."""
    question.answered_at = now
    question.answer = answer.value
    match answer:
        case Answer.TAKEN:
            patient = _report_doses(session, question, AdministrationStatus.COMPLETED, now)
            at = {"at": now.isoformat(), "time_zone": patient.time_zone}
            return AnswerOutcome(says=(Say("answer_taken", {"time": at}),))
        case Answer.NOT_TODAY:
            _report_doses(session, question, AdministrationStatus.NOT_DONE, now)
            return AnswerOutcome()
        case Answer.LATER:
            return _snooze(session, question, now)
        case Answer.WILL_COME:
            return _participate(session, question, ParticipationStatus.ACCEPTED, now)
        case Answer.CHANGE:
            outcome = _participate(session, question, ParticipationStatus.TENTATIVE, now)
            return AnswerOutcome(says=(), ticket=outcome.ticket or TicketReason.RESCHEDULE)
        case Answer.RIGHT | Answer.WRONG:
            return _settle_days(session, question, answer, now)
        case _:
            assert_never(answer)


def _doses(session: Session, question: Question) -> list[MedicationAdministration]:
    return [session.get_one(MedicationAdministration, UUID(text)) for text in question.subject["administrations"]]


def _report_doses(session: Session, question: Question, status: AdministrationStatus, now: datetime) -> Patient:
    doses = _doses(session, question)
    for dose in doses:
        dose.status = status
        dose.reported_at = now
    _stop_asking(session, doses)
    return session.get_one(Patient, doses[0].patient_id)


def _stop_asking(session: Session, doses: Sequence[MedicationAdministration]) -> None:
    """Whatever was still to come for these doses: a reminder, or what follows one."""
    times = tuple(dose.due_at.isoformat() for dose in doses)
    timers.cancel(session, f"dose:{doses[0].patient_id}", only=lambda name: name.startswith(times))


def _snooze(session: Session, question: Question, now: datetime) -> AnswerOutcome:
    doses = _doses(session, question)
    patient = session.get_one(Patient, doses[0].patient_id)
    _stop_asking(session, doses)
    due_at = now + SNOOZE
    timers.schedule(
        session,
        TimerKind.DOSE_REMINDER,
        cause=f"dose:{patient.id}",
        name=f"{doses[0].due_at.isoformat()}:again:{question.id}",
        subject={
            "patient": str(patient.id),
            "due_at": doses[0].due_at.isoformat(),
            "requests": [str(dose.medication_request_id) for dose in doses],
            "asked_for": True,
        },
        due_at=due_at,
        expires_at=due_at + SNOOZE_TOO_LATE_AFTER,
    )
    at = {"at": due_at.isoformat(), "time_zone": patient.time_zone}
    return AnswerOutcome(says=(Say("answer_later", {"time": at}),))


def _settle_days(session: Session, question: Question, answer: Answer, now: datetime) -> AnswerOutcome:
    ticket = settle_days(session, UUID(question.subject["ticket"]), right=answer is Answer.RIGHT, now=now)
    return AnswerOutcome(ticket=TicketReason.RESCHEDULE) if ticket is None else AnswerOutcome(waiting=ticket)


def _participate(
    session: Session, question: Question, participation: ParticipationStatus, now: datetime
) -> AnswerOutcome:
    appointment = session.get_one(Appointment, UUID(question.subject["appointment"]))
    appointment.participation = participation
    appointment.participation_at = now
    patient = session.get_one(Patient, appointment.patient_id)
    place = session.get(Location, appointment.location_id) if appointment.location_id else None
    zone = place.time_zone if place else patient.time_zone
    start = {"at": appointment.starts_at.isoformat(), "time_zone": zone}
    return AnswerOutcome(says=(Say("answer_will_come", {"start": start}),))
