"""Short replies to what we asked: digits and words, stored on the record, never taken for another question."""

from datetime import timedelta
from uuid import UUID

import pytest

from bot.channels.base import InboundMessage
from bot.conversation import inbox
from bot.domain.enums import AdministrationStatus, ChannelName, ParticipationStatus, TicketReason, TimerStatus
from bot.records import Appointment, ContactPoint, Conversation, MedicationAdministration, Patient, Question
from bot.reminders.schedule import schedule_appointment, schedule_doses
from tests.support.cast import AMINA, VISIT_AT, Cast
from tests.support.clinic import Clinic
from tests.support.clock import NOW

DOSE_AT = NOW + timedelta(hours=22)  # Tuesday, 08:00 in New York
WHY = (
    "Thank you for telling me. I have noted it. If you like, tell me why, so that we can help: 1 it costs too much, "
    "2 it makes me feel unwell, 3 I have run out, 4 I am not sure I should take it, 5 I forgot, 6 I feel well without "
    "it, 7 another reason."
)
DOSE_REMINDER = (
    "It is time for your medicine:\n"
    "metformin 500 mg: 1 tablet, once a day, at 8:00 AM\n"
    "lisinopril 10 mg: 1 tablet, once a day, at 8:00 AM\n"
    "Reply 1 if taken, 2 later, 3 not today."
)


def remind_of_doses(clinic: Clinic, cast: Cast) -> None:
    with clinic.database.write() as session:
        schedule_doses(session, clinic.parts.policies, cast.amina, clinic.clock.now())
    clinic.clock.turn_to(DOSE_AT)
    clinic.work()


def remind_of_visit(clinic: Clinic, cast: Cast) -> None:
    with clinic.database.write() as session:
        visit = session.get_one(Appointment, cast.visit)
        schedule_appointment(session, clinic.parts.policies, visit, clinic.clock.now())
    clinic.clock.turn_to(VISIT_AT - timedelta(hours=24, minutes=30))  # Wednesday, 10:00
    clinic.work()


def doses(clinic: Clinic) -> set[AdministrationStatus]:
    rows = clinic.rows(MedicationAdministration, MedicationAdministration.due_at == DOSE_AT)
    assert len(rows) == 2
    return {row.status for row in rows}


def visit(clinic: Clinic, cast: Cast) -> Appointment:
    return clinic.row(Appointment, cast.visit)


def test_two_medicines_of_one_minute_come_in_one_message(clinic: Clinic, cast: Cast) -> None:
    remind_of_doses(clinic, cast)
    assert clinic.received(AMINA) == [DOSE_REMINDER]
    assert doses(clinic) == {AdministrationStatus.IN_PROGRESS}


@pytest.mark.parametrize("reply", ["1", "1.", " 1 ", "１", "taken", "Yes", "👍", "ya me la tomé", "TOOK IT!"])
def test_taken_is_stored_for_each_medicine(clinic: Clinic, cast: Cast, reply: str) -> None:
    remind_of_doses(clinic, cast)
    clinic.clock.forward(minutes=7)
    assert clinic.text(AMINA, reply) == ["Thank you. I have noted it as taken at 8:07 AM."]
    assert doses(clinic) == {AdministrationStatus.COMPLETED}
    assert {row.reported_at for row in clinic.rows(MedicationAdministration)} == {DOSE_AT + timedelta(minutes=7)}
    (question,) = clinic.rows(Question)
    assert question.answer == "taken"


@pytest.mark.parametrize("reply", ["3", "skip", "hoy no", "not today"])
def test_not_today_is_stored_without_blame(clinic: Clinic, cast: Cast, reply: str) -> None:
    remind_of_doses(clinic, cast)
    assert clinic.text(AMINA, reply) == [WHY]
    assert doses(clinic) == {AdministrationStatus.NOT_DONE}


@pytest.mark.parametrize("reply", ["2", "later", "al rato"])
def test_later_asks_again_in_half_an_hour_and_that_answer_counts(clinic: Clinic, cast: Cast, reply: str) -> None:
    remind_of_doses(clinic, cast)
    assert clinic.text(AMINA, reply) == ["All right. I will ask you again at 8:30 AM."]
    assert doses(clinic) == {AdministrationStatus.IN_PROGRESS}
    clinic.clock.forward(minutes=30)
    clinic.work()
    assert clinic.received(AMINA)[-1] == DOSE_REMINDER
    clinic.text(AMINA, "1")
    assert doses(clinic) == {AdministrationStatus.COMPLETED}


def test_a_snooze_that_the_worker_slept_through_is_skipped(clinic: Clinic, cast: Cast) -> None:
    remind_of_doses(clinic, cast)
    clinic.text(AMINA, "2")
    before = len(clinic.received(AMINA))
    clinic.clock.forward(hours=5)
    clinic.work()
    assert clinic.received(AMINA)[before:] == []
    (snooze,) = [timer for timer in clinic.timers(kind="dose_reminder") if ":again:" in timer.unique_key]
    assert (snooze.status, snooze.outcome) == (TimerStatus.SKIPPED, "too_late")


@pytest.mark.parametrize("reply", ["ok", "Okay", "no"])
def test_a_word_that_may_mean_either_is_asked_again_and_nothing_is_stored(
    clinic: Clinic, cast: Cast, reply: str
) -> None:
    remind_of_doses(clinic, cast)
    assert clinic.text(AMINA, reply) == ["Please reply with 1, 2, or 3. To reach a person, write: person"]
    assert doses(clinic) == {AdministrationStatus.IN_PROGRESS}


def test_a_wrong_digit_is_asked_again_and_changes_nothing(clinic: Clinic, cast: Cast) -> None:
    remind_of_doses(clinic, cast)
    assert clinic.text(AMINA, "7") == ["Please reply with 1, 2, or 3. To reach a person, write: person"]
    assert doses(clinic) == {AdministrationStatus.IN_PROGRESS}
    clinic.text(AMINA, "1")
    assert doses(clinic) == {AdministrationStatus.COMPLETED}


def test_a_longer_reply_is_read_by_the_model(clinic: Clinic, cast: Cast) -> None:
    remind_of_doses(clinic, cast)
    clinic.rasa.understands("i had it with breakfast", "taken", {"utterance": "no_open_question", "params": {}})
    assert clinic.text(AMINA, "i had it with breakfast") == ["Thank you. I have noted it as taken at 8:00 AM."]
    assert doses(clinic) == {AdministrationStatus.COMPLETED}


def test_an_expired_question_is_not_answered(clinic: Clinic, cast: Cast) -> None:
    remind_of_doses(clinic, cast)
    clinic.clock.forward(hours=12, minutes=1)
    (answer,) = clinic.text(AMINA, "1")
    assert answer.startswith("I am not waiting for an answer right now.")
    assert doses(clinic) == {AdministrationStatus.UNKNOWN}


def test_an_answered_question_is_not_answered_twice(clinic: Clinic, cast: Cast) -> None:
    remind_of_doses(clinic, cast)
    clinic.text(AMINA, "1")
    (answer,) = clinic.text(AMINA, "3")
    assert answer.startswith("I am not waiting for an answer right now.")
    assert doses(clinic) == {AdministrationStatus.COMPLETED}


@pytest.mark.parametrize("reply", ["1", "yes", "ok", "sí voy", "👍", "I will come"])
def test_i_will_come_is_stored_on_the_visit(clinic: Clinic, cast: Cast, reply: str) -> None:
    remind_of_visit(clinic, cast)
    assert clinic.text(AMINA, reply) == [
        "Thank you. We look forward to seeing you on Thursday, November 26 at 10:30 AM."
    ]
    assert visit(clinic, cast).participation is ParticipationStatus.ACCEPTED
    assert visit(clinic, cast).participation_at == clinic.clock.now()
    assert clinic.rasa.heard == []


@pytest.mark.parametrize("reply", ["2", "no", "no puedo ir"])
def test_change_it_opens_a_ticket_and_the_visit_stays(clinic: Clinic, cast: Cast, reply: str) -> None:
    remind_of_visit(clinic, cast)
    assert clinic.text(AMINA, reply) == [
        "Thank you. Someone at Riverside Clinic will look for a new time and write to you by Wednesday, November 25 at "
        "5:00 PM. Until then your visit stays as it is."
    ]
    assert visit(clinic, cast).participation is ParticipationStatus.TENTATIVE
    assert clinic.ticket().reason is TicketReason.RESCHEDULE


def test_three_is_no_answer_to_a_visit(clinic: Clinic, cast: Cast) -> None:
    remind_of_visit(clinic, cast)
    assert clinic.text(AMINA, "3") == ["Please reply with 1 or 2. To reach a person, write: person"]
    assert visit(clinic, cast).participation is ParticipationStatus.NEEDS_ACTION


def test_the_newest_open_question_is_the_one_that_a_digit_answers(clinic: Clinic, cast: Cast) -> None:
    remind_of_doses(clinic, cast)
    with clinic.database.write() as session:
        row = session.get_one(Appointment, cast.visit)
        row.starts_at, row.ends_at = DOSE_AT + timedelta(hours=26), DOSE_AT + timedelta(hours=27)
        row.version = 2
        schedule_appointment(session, clinic.parts.policies, row, clinic.clock.now())
    clinic.clock.forward(hours=2)
    clinic.work()
    clinic.text(AMINA, "1")
    assert visit(clinic, cast).participation is ParticipationStatus.ACCEPTED
    assert doses(clinic) == {AdministrationStatus.IN_PROGRESS}


def test_the_button_of_an_older_message_answers_that_message(clinic: Clinic, cast: Cast) -> None:
    """A channel with buttons says which message was pressed; a newer question is not answered by it."""
    remind_of_doses(clinic, cast)
    (asked,) = clinic.rows(Question)
    newer = Question(
        conversation_id=asked.conversation_id,
        kind=asked.kind,
        subject={"administrations": [str(UUID(int=1))]},
        asked_at=DOSE_AT,
        expires_at=DOSE_AT + timedelta(hours=1),
    )
    with clinic.database.write() as session:
        session.add(newer)
    press = InboundMessage(
        channel=ChannelName.SMS, provider_id="press-1", address=AMINA, text="1", in_reply_to=asked.communication_id
    )
    inbox.accept(clinic.database, clinic.clock, "en", press, urgent=False)
    clinic.work()
    assert doses(clinic) == {AdministrationStatus.COMPLETED}
    assert clinic.row(Question, newer.id).answered_at is None


def test_the_language_of_the_person_is_the_language_of_the_reminder(clinic: Clinic, cast: Cast) -> None:
    clinic.change(Patient, cast.amina, language="es")
    remind_of_visit(clinic, cast)
    assert clinic.received(AMINA) == [
        "Recordatorio de Riverside Clinic: cita con Dr. Linh Nguyen el jueves 26 de noviembre a las 10:30 a.m., en "
        "Riverside Clinic. Responda 1 si vendrá, 2 para cambiarla.\nCómo prepararse: Traiga sus medicinas."
    ]
    assert clinic.text(AMINA, "sí") == ["Gracias. Le esperamos el jueves 26 de noviembre a las 10:30 a.m."]


def test_nobody_is_reminded_at_an_address_that_was_not_verified(clinic: Clinic, cast: Cast) -> None:
    with clinic.database.write() as session:
        for contact in session.query(ContactPoint).filter(ContactPoint.patient_id == cast.amina):
            contact.verified_at = None
    remind_of_doses(clinic, cast)
    assert clinic.received(AMINA) == []
    (timer,) = clinic.timers(kind="dose_reminder", status="skipped")
    assert timer.outcome == "not_addressable"
    assert clinic.rows(Conversation) == []
