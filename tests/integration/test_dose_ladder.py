"""A dose that nobody answers for: asked once more, then those who may know, then a coordinator; each end is stored."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from bot.domain.enums import (
    AdministrationStatus,
    ConsentScope,
    EncounterStatus,
    MedicationRequestStatus,
    TicketReason,
    TimerKind,
    TimerStatus,
)
from bot.records import Consent, Conversation, Encounter, MedicationAdministration, MedicationRequest, Patient
from bot.reminders.schedule import schedule_doses, schedule_patient
from tests.support.cast import AMINA, BRUNO, Cast, add_caregiver, add_medicine, add_patient
from tests.support.clinic import Clinic
from tests.support.clock import NOW

DOSE_AT = NOW + timedelta(hours=22)  # Tuesday, 08:00 in New York
TOLD = "Reply 1 if taken, 2 later, 3 not today."
LINES = (
    "metformin 500 mg: 1 tablet, once a day, at 8:00 AM\nlisinopril 10 mg: 1 tablet, once a day, at 8:00 AM\n" + TOLD
)
REMINDER = f"It is time for your medicine:\n{LINES}"
NUDGE = f"We have not heard from you about your medicine of 8:00 AM:\n{LINES}"
ALERT = (
    "A note from Riverside Clinic: Amina has not answered the medicine reminder of 8:00 AM. Perhaps nobody looked at "
    "the phone. Please check in with Amina."
)
OPEN, UNKNOWN = AdministrationStatus.IN_PROGRESS, AdministrationStatus.UNKNOWN
TAKEN, NOT_DONE = AdministrationStatus.COMPLETED, AdministrationStatus.NOT_DONE


@pytest.fixture
def asked(clinic: Clinic, cast: Cast) -> Cast:
    """Amina was reminded at 08:00 and has not answered."""
    schedule(clinic, cast.amina)
    ring_at(clinic, DOSE_AT)
    assert clinic.received(AMINA) == [REMINDER]
    return cast


def schedule(clinic: Clinic, patient: UUID) -> None:
    with clinic.database.write() as session:
        schedule_doses(session, clinic.parts.policies, patient, clinic.clock.now())


def ring_at(clinic: Clinic, at: datetime) -> None:
    clinic.clock.turn_to(at)
    clinic.work()


def wait(clinic: Clinic, **amount: float) -> None:
    ring_at(clinic, clinic.clock.now() + timedelta(**amount))


def statuses(clinic: Clinic, at: datetime = DOSE_AT) -> set[tuple[AdministrationStatus, str | None]]:
    rows = clinic.rows(MedicationAdministration, MedicationAdministration.due_at == at)
    return {(row.status, row.status_reason) for row in rows}


def consent_to_alerts(clinic: Clinic, cast: Cast) -> None:
    (consent,) = clinic.rows(Consent, Consent.patient_id == cast.amina)
    clinic.change(Consent, consent.id, scopes=[ConsentScope.ADHERENCE.value])


def follow_ups(clinic: Clinic) -> list[tuple[str, TimerStatus, str | None]]:
    timers = sorted(clinic.timers(kind=TimerKind.DOSE_FOLLOW_UP), key=lambda timer: timer.due_at)
    return [(timer.subject["step"], timer.status, timer.outcome) for timer in timers]


def test_who_does_not_answer_is_asked_once_more(clinic: Clinic, asked: Cast) -> None:
    wait(clinic, minutes=44)
    assert clinic.received(AMINA) == [REMINDER]
    wait(clinic, minutes=1)
    assert clinic.received(AMINA) == [REMINDER, NUDGE]
    wait(clinic, hours=3)
    assert clinic.received(AMINA) == [REMINDER, NUDGE]


@pytest.mark.parametrize(("reply", "status"), [("1", TAKEN), ("3", NOT_DONE)])
def test_an_answer_ends_it(clinic: Clinic, asked: Cast, reply: str, status: AdministrationStatus) -> None:
    consent_to_alerts(clinic, asked)
    clinic.text(AMINA, reply)
    said = clinic.received(AMINA)
    wait(clinic, hours=12)
    assert (clinic.received(AMINA), clinic.received(BRUNO)) == (said, [])
    assert statuses(clinic) == {(status, None)}
    assert follow_ups(clinic) == [("nudge", TimerStatus.CANCELLED, None)]


def test_a_reply_after_the_second_question_counts_for_the_same_dose(clinic: Clinic, asked: Cast) -> None:
    wait(clinic, minutes=45)
    wait(clinic, minutes=5)
    assert clinic.text(AMINA, "1") == ["Thank you. I have noted it as taken at 8:50 AM."]
    assert statuses(clinic) == {(TAKEN, None)}
    assert [timer.status for timer in clinic.timers(kind=TimerKind.DOSE_FOLLOW_UP)].count(TimerStatus.PENDING) == 0


def test_later_starts_anew_from_the_time_that_was_promised(clinic: Clinic, asked: Cast) -> None:
    clinic.text(AMINA, "2")
    wait(clinic, minutes=30)
    assert clinic.received(AMINA)[-1] == REMINDER
    wait(clinic, minutes=44)
    assert clinic.received(AMINA)[-1] == REMINDER
    wait(clinic, minutes=1)
    assert clinic.received(AMINA)[-1] == NUDGE


def test_a_caregiver_who_may_know_of_missed_doses_is_told_and_no_drug_is_named(clinic: Clinic, asked: Cast) -> None:
    consent_to_alerts(clinic, asked)
    wait(clinic, minutes=45)
    wait(clinic, minutes=89)
    assert clinic.received(BRUNO) == []
    wait(clinic, minutes=1)
    assert clinic.received(BRUNO) == [ALERT]
    wait(clinic, hours=9)
    assert clinic.received(BRUNO) == [ALERT]


def without_scope(clinic: Clinic, cast: Cast) -> None:
    """Bruno may know of visits and medicines, as in the cast."""


def revoked(clinic: Clinic, cast: Cast) -> None:
    consent_to_alerts(clinic, cast)
    (consent,) = clinic.rows(Consent, Consent.patient_id == cast.amina)
    clinic.change(Consent, consent.id, revoked_at=clinic.clock.now())


def opted_out(clinic: Clinic, cast: Cast) -> None:
    consent_to_alerts(clinic, cast)
    clinic.text(BRUNO, "STOP")


@pytest.mark.parametrize("why", [without_scope, revoked, opted_out])
def test_a_caregiver_who_may_not_know_hears_nothing(
    clinic: Clinic, asked: Cast, why: Callable[[Clinic, Cast], None]
) -> None:
    why(clinic, asked)
    before = clinic.received(BRUNO)
    wait(clinic, minutes=45)
    wait(clinic, hours=2)
    assert clinic.received(BRUNO) == before
    assert ("caregiver", TimerStatus.SKIPPED, "no_caregiver") in follow_ups(clinic)


def test_every_caregiver_who_may_know_is_told_once(clinic: Clinic, asked: Cast) -> None:
    consent_to_alerts(clinic, asked)
    phone = "+12125550109"
    clinic.seed(lambda session: add_caregiver(session, "Noor", phone, [asked.amina], scopes=(ConsentScope.ADHERENCE,)))
    wait(clinic, minutes=45)
    wait(clinic, minutes=90)
    assert (clinic.received(BRUNO), clinic.received(phone)) == ([ALERT], [ALERT])


def test_an_unanswered_dose_ends_as_unknown_and_not_as_skipped(clinic: Clinic, asked: Cast) -> None:
    for _ in range(13):
        wait(clinic, hours=1)
    assert statuses(clinic) == {(UNKNOWN, None)}
    assert [(step, status) for step, status, _ in follow_ups(clinic)] == [
        ("nudge", TimerStatus.DONE),
        ("caregiver", TimerStatus.SKIPPED),
        ("coordinator", TimerStatus.DONE),
        ("close", TimerStatus.DONE),
    ]
    assert clinic.tickets() == []


def live_days(clinic: Clinic, patient: UUID, days: int) -> None:
    """Hour by hour, with nobody answering."""
    for _ in range(days * 24):
        schedule(clinic, patient)
        wait(clinic, hours=1)


def test_a_coordinator_hears_of_it_once_six_doses_in_a_row_had_no_answer(clinic: Clinic, cast: Cast) -> None:
    live_days(clinic, cast.amina, 6)
    assert clinic.tickets() == []
    live_days(clinic, cast.amina, 2)
    ticket = clinic.ticket()
    assert (ticket.reason, ticket.patient_id) == (TicketReason.NO_ANSWER, cast.amina)
    assert ticket.facts["asked"] == {"medicine": "metformin 500 mg, lisinopril 10 mg", "unanswered doses": 6}
    assert clinic.timers(kind=TimerKind.TICKET_DEADLINE, status=TimerStatus.PENDING)


def test_where_one_missed_dose_may_do_harm_a_coordinator_hears_the_same_day(clinic: Clinic, cast: Cast) -> None:
    clinic.seed(lambda session: add_medicine(session, cast.amina, "warfarin", "5 mg"))
    schedule(clinic, cast.amina)
    ring_at(clinic, DOSE_AT)
    for minutes in (30, 60, 119):
        wait(clinic, minutes=minutes)
    assert clinic.tickets() == []
    wait(clinic, minutes=1)
    assert clinic.ticket().facts["asked"]["unanswered doses"] == 1


def test_an_answered_dose_begins_the_count_anew(clinic: Clinic, cast: Cast) -> None:
    live_days(clinic, cast.amina, 4)
    ring_at(clinic, DOSE_AT + timedelta(days=4))
    clinic.text(AMINA, "1")
    live_days(clinic, cast.amina, 4)
    assert clinic.tickets() == []


def test_who_wrote_something_that_a_person_has_now_is_not_asked_again(clinic: Clinic, asked: Cast) -> None:
    clinic.rasa.hands_over("it makes me dizzy", "clinical_question", "clinical")
    clinic.text(AMINA, "it makes me dizzy")
    said = clinic.received(AMINA)
    wait(clinic, minutes=45)
    assert clinic.received(AMINA) == said
    assert ("nudge", TimerStatus.SKIPPED, "with_a_person") in follow_ups(clinic)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda clinic, cast: clinic.clock.forward(minutes=90), "too_late"),
        (lambda clinic, cast: clinic.text(AMINA, "STOP"), "opted_out"),
    ],
)
def test_a_dose_that_nobody_was_asked_about_is_unknown_for_that_reason(
    clinic: Clinic, cast: Cast, change: Callable[[Clinic, Cast], None], reason: str
) -> None:
    schedule(clinic, cast.amina)
    clinic.clock.turn_to(DOSE_AT)
    with clinic.database.write() as session:
        assert session.get(Patient, cast.amina) is not None
    change(clinic, cast)
    before = clinic.received(AMINA)
    wait(clinic, hours=13)
    assert clinic.received(AMINA) == before
    assert statuses(clinic) == {(UNKNOWN, reason)}
    assert follow_ups(clinic) == []


def test_a_medicine_that_was_stopped_meanwhile_is_not_asked_about_again(clinic: Clinic, asked: Cast) -> None:
    clinic.change(MedicationRequest, asked.metformin, status=MedicationRequestStatus.STOPPED)
    wait(clinic, minutes=45)
    assert clinic.received(AMINA)[-1] == (
        "We have not heard from you about your medicine of 8:00 AM:\n"
        f"lisinopril 10 mg: 1 tablet, once a day, at 8:00 AM\n{TOLD}"
    )
    assert statuses(clinic) == {(OPEN, None), (UNKNOWN, None)}


def test_a_prescription_that_was_changed_is_not_reminded_of_at_its_old_time(clinic: Clinic, cast: Cast) -> None:
    schedule(clinic, cast.amina)
    for request in (cast.metformin, cast.lisinopril):
        dosage = clinic.row(MedicationRequest, request).dosage_instruction
        dosage[0]["timing"]["repeat"]["timeOfDay"] = ["10:00:00"]
        clinic.change(MedicationRequest, request, dosage_instruction=[dict(each) for each in dosage])
    schedule(clinic, cast.amina)
    ring_at(clinic, DOSE_AT)
    assert clinic.received(AMINA) == []
    ring_at(clinic, DOSE_AT + timedelta(hours=2))
    assert len(clinic.received(AMINA)) == 1


def test_a_medicine_that_is_new_joins_the_reminder_of_its_minute(clinic: Clinic, cast: Cast) -> None:
    schedule(clinic, cast.amina)
    clinic.seed(lambda session: add_medicine(session, cast.amina, "atorvastatin", "40 mg"))
    schedule(clinic, cast.amina)
    ring_at(clinic, DOSE_AT)
    (reminder,) = clinic.received(AMINA)
    assert "atorvastatin 40 mg" in reminder


def test_nobody_gets_more_than_the_daily_cap(clinic: Clinic, cast: Cast) -> None:
    clinic.parts = replace(clinic.parts, policies=replace(clinic.parts.policies, daily_cap=1))
    schedule(clinic, cast.amina)
    ring_at(clinic, DOSE_AT)
    wait(clinic, minutes=45)
    assert clinic.received(AMINA) == [REMINDER]
    assert ("nudge", TimerStatus.SKIPPED, "daily_cap") in follow_ups(clinic)
    ring_at(clinic, DOSE_AT + timedelta(days=1))
    assert clinic.received(AMINA) == [REMINDER, REMINDER]


def test_a_phone_that_may_not_be_told_more_reads_no_medicine_in_either(clinic: Clinic, cast: Cast) -> None:
    ivo = clinic.seed(lambda session: add_patient(session, "Ivo", AMINA))
    assert ivo
    schedule(clinic, cast.amina)
    ring_at(clinic, DOSE_AT)
    wait(clinic, minutes=45)
    assert len(clinic.received(AMINA)) == 2
    assert not any("metformin" in text for text in clinic.received(AMINA))


def admit(clinic: Clinic, cast: Cast) -> UUID:
    def write(session: Session) -> UUID:
        stay = Encounter(
            patient_id=cast.amina,
            status=EncounterStatus.IN_PROGRESS,
            class_code="IMP",
            starts_at=clinic.clock.now() - timedelta(minutes=1),
        )
        session.add(stay)
        return stay.id

    admitted: UUID = clinic.seed(write)
    return admitted


def test_nobody_is_reminded_in_hospital_and_again_when_they_are_home(clinic: Clinic, cast: Cast) -> None:
    schedule(clinic, cast.amina)
    clinic.clock.turn_to(DOSE_AT)
    stay = admit(clinic, cast)
    clinic.work()
    assert clinic.received(AMINA) == []
    assert statuses(clinic) == {(UNKNOWN, "in_hospital")}
    clinic.change(Encounter, stay, status=EncounterStatus.FINISHED, ends_at=clinic.clock.now())
    ring_at(clinic, DOSE_AT + timedelta(days=1))
    assert clinic.received(AMINA) == [REMINDER]


def test_who_is_admitted_after_the_reminder_is_left_alone_and_so_are_their_caregivers(
    clinic: Clinic, asked: Cast
) -> None:
    consent_to_alerts(clinic, asked)
    admit(clinic, asked)
    wait(clinic, minutes=45)
    wait(clinic, hours=6)
    assert (clinic.received(AMINA), clinic.received(BRUNO)) == ([REMINDER], [])
    assert statuses(clinic) == {(UNKNOWN, "in_hospital")}
    assert clinic.tickets() == []


def test_after_a_death_nothing_is_sent_and_no_timer_is_left(clinic: Clinic, asked: Cast) -> None:
    consent_to_alerts(clinic, asked)
    clinic.change(Patient, asked.amina, deceased_at=clinic.clock.now())
    with clinic.database.write() as session:
        schedule_patient(session, clinic.parts.policies, asked.amina, clinic.clock.now())
    assert clinic.timers(status=TimerStatus.PENDING) == []
    assert statuses(clinic) == {(UNKNOWN, None)}
    wait(clinic, days=3)
    assert (clinic.received(AMINA), clinic.received(BRUNO)) == ([REMINDER], [])


def test_a_death_that_came_on_record_another_way_stops_what_was_set(clinic: Clinic, cast: Cast) -> None:
    schedule(clinic, cast.amina)
    clinic.change(Patient, cast.amina, deceased_at=clinic.clock.now())
    ring_at(clinic, DOSE_AT)
    assert clinic.received(AMINA) == []
    assert "deceased" in {timer.outcome for timer in clinic.timers(kind=TimerKind.DOSE_REMINDER)}


# Why not.


def handed_over(clinic: Clinic) -> Sequence[tuple[TicketReason, object]]:
    return [(ticket.reason, ticket.facts["asked"]) for ticket in clinic.tickets()]


@pytest.mark.parametrize(
    ("reply", "reason", "ticket"),
    [
        ("1", "cost", TicketReason.COST),
        ("2", "side_effect", TicketReason.CLINICAL),
        ("3", "ran_out", TicketReason.RAN_OUT),
        ("4", "unsure", TicketReason.CLINICAL),
        ("5", "forgot", None),
        ("6", "felt_fine", TicketReason.STOPPED_TAKING),
        ("7", "other", None),
    ],
)
def test_each_reason_goes_its_own_way(
    clinic: Clinic, asked: Cast, reply: str, reason: str, ticket: TicketReason | None
) -> None:
    clinic.text(AMINA, "3")
    (answer,) = clinic.text(AMINA, reply)
    assert statuses(clinic) == {(NOT_DONE, reason)}
    names = "metformin 500 mg, lisinopril 10 mg"
    facts = {"medicine": names, "why not taken": reason.replace("_", " ")}
    assert handed_over(clinic) == ([] if ticket is None else [(ticket, facts)])
    if ticket is None:
        assert answer == "Thank you for telling me. I have noted it. To talk with a person, write: person"


@pytest.mark.parametrize(
    ("text", "intent", "reason", "ticket"),
    [
        ("can't afford them", "cannot_afford", "cost", TicketReason.COST),
        ("none left", "ran_out", "ran_out", TicketReason.RAN_OUT),
        ("slipped my mind", "missed_dose", "forgot", None),
        ("my tongue feels odd with it", "clinical_question", "other", TicketReason.CLINICAL),
        ("something", "nlu_fallback", "other", TicketReason.CLINICAL),
    ],
)
def test_a_reason_in_words_is_understood_or_read_by_a_person(
    clinic: Clinic, asked: Cast, text: str, intent: str, reason: str, ticket: TicketReason | None
) -> None:
    clinic.rasa.understands(text, intent)
    clinic.text(AMINA, "3")
    clinic.text(AMINA, text)
    assert statuses(clinic) == {(NOT_DONE, reason)}
    assert [each.reason for each in clinic.tickets()] == ([] if ticket is None else [ticket])
    assert all(each.facts["words"] == [text] for each in clinic.tickets())


def test_who_asks_something_else_instead_is_answered(clinic: Clinic, asked: Cast) -> None:
    clinic.rasa.understands("when is my next visit", "ask_appointment_when", {"utterance": "greet", "params": {}})
    clinic.text(AMINA, "3")
    clinic.text(AMINA, "when is my next visit")
    assert statuses(clinic) == {(NOT_DONE, None)}
    assert clinic.tickets() == []


def test_with_the_model_stopped_a_reason_by_digit_works(clinic: Clinic, asked: Cast) -> None:
    clinic.rasa.silent = True
    clinic.text(AMINA, "3")
    clinic.text(AMINA, "3")
    assert [ticket.reason for ticket in clinic.tickets()] == [TicketReason.RAN_OUT]


def test_no_two_conversations_are_made_for_one_person(clinic: Clinic, asked: Cast) -> None:
    wait(clinic, hours=13)
    assert len(clinic.rows(Conversation)) == 1
