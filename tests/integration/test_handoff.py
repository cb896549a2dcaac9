"""Nobody is lost: every message ends in an answer, an action, or a ticket with a next alarm."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.enums import Author, CommunicationStatus, TicketReason, TicketStatus, TimerKind
from bot.domain.errors import NotAddressable, TicketTaken
from bot.handoff import tickets
from bot.records import Ticket
from tests.support.cast import AMINA, BRUNO, CHEN, Cast
from tests.support.clinic import Clinic, at_once
from tests.support.clock import NOW

BY_FIVE = "Monday, November 23 at 5:00 PM"
CLARIFY = (
    "Sorry, I did not understand. I can tell you about visits and medicines at Riverside Clinic, for example: When is "
    "my next visit? To reach a person, write: person"
)


def hand_over(clinic: Clinic, phone: str = AMINA) -> Ticket:
    clinic.rasa.hands_over("i need somebody", "talk_to_person", "person")
    clinic.text(phone, "i need somebody")
    return clinic.ticket()


def claim(clinic: Clinic, ticket: Ticket, coordinator: object) -> None:
    with clinic.database.write() as session:
        tickets.claim(session, ticket.id, coordinator, ticket.version, clinic.clock.now())  # type: ignore[arg-type]


def test_two_misunderstandings_in_a_row_make_one_ticket_with_both_texts(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text(AMINA, "purple fence") == [CLARIFY]
    assert clinic.tickets() == []
    assert clinic.text(AMINA, "bananas everywhere") == [
        "I still did not understand, so I have passed your messages to a person at Riverside Clinic. They will answer "
        f"you here by {BY_FIVE}."
    ]
    ticket = clinic.ticket()
    assert ticket.reason is TicketReason.NOT_UNDERSTOOD
    assert ticket.facts["words"] == ["purple fence", "bananas everywhere"]
    assert ticket.patient_id == cast.amina


def test_what_is_not_understood_about_a_medicine_goes_to_a_person_at_once(clinic: Clinic, cast: Cast) -> None:
    for text in ("warfarin whistling colour", "purple metfornin fence"):
        said = clinic.text(AMINA, text)
        assert CLARIFY not in said
    ticket = clinic.ticket()
    assert ticket.reason is TicketReason.CLINICAL
    assert ticket.facts["words"] == ["warfarin whistling colour", "purple metfornin fence"]


def test_something_understood_in_between_starts_the_count_anew(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.understands("hello", "greet", {"utterance": "greet", "params": {}})
    clinic.text(AMINA, "purple fence")
    clinic.text(AMINA, "hello")
    assert clinic.text(AMINA, "bananas") == [CLARIFY]
    assert clinic.tickets() == []


def test_a_third_and_fourth_misunderstanding_join_the_ticket(clinic: Clinic, cast: Cast) -> None:
    for text in ("one thing", "two thing", "three thing"):
        clinic.text(AMINA, text)
    assert clinic.text(AMINA, "four thing") == [
        "I have added this to what Riverside Clinic already has. A person will answer you here."
    ]
    assert clinic.ticket().facts["words"] == ["one thing", "two thing", "three thing", "four thing"]


def test_a_silent_model_becomes_a_ticket_and_the_person_is_told(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.silent = True
    assert clinic.text(AMINA, "when is my visit") == [
        "I can't answer right now, so I have passed your message to a person at Riverside Clinic. They will answer you "
        f"here by {BY_FIVE}."
    ]
    assert clinic.ticket().reason is TicketReason.MODEL_SILENT
    assert clinic.ticket().facts["words"] == ["when is my visit"]


@pytest.mark.parametrize(
    "nonsense", [{"effect": "fly"}, {"effect": "open_ticket", "reason": "because"}], ids=["effect", "reason"]
)
def test_an_answer_that_the_turn_does_not_know_is_as_good_as_silence(
    clinic: Clinic, cast: Cast, nonsense: dict[str, str]
) -> None:
    clinic.rasa.understands("odd", "greet", nonsense)
    clinic.text(AMINA, "odd")
    assert clinic.ticket().reason is TicketReason.MODEL_SILENT


def test_a_stranger_is_told_nothing_and_a_person_reads_it(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.understands("when is my visit", "ask_appointment_when", action="action_appointment_when")
    assert clinic.text(CHEN, "when is my visit") == [
        "This is the automatic assistant of Riverside Clinic. I do not know this number, so I can't show any records "
        f"here. A person at Riverside Clinic will look at your message and answer by {BY_FIVE}."
    ]
    ticket = clinic.ticket()
    assert (ticket.reason, ticket.patient_id) == (TicketReason.UNKNOWN_PERSON, None)


def test_the_bot_is_silent_while_a_person_has_the_ticket_and_says_when_it_is_back(clinic: Clinic, cast: Cast) -> None:
    ticket = hand_over(clinic)
    claim(clinic, ticket, cast.dolores)
    heard = len(clinic.rasa.heard)
    assert clinic.text(AMINA, "are you there?") == []
    assert clinic.text(AMINA, "1") == []
    assert len(clinic.rasa.heard) == heard
    assert clinic.ticket().facts["words"] == ["i need somebody", "are you there?", "1"]
    with clinic.database.write() as session:
        tickets.reply(session, ticket.id, cast.dolores, "  Hello Amina, Dolores here.  ", NOW)
    clinic.work()
    assert clinic.received(AMINA)[-1] == "Hello Amina, Dolores here."
    assert clinic.outbound()[-1].author is Author.COORDINATOR
    assert clinic.outbound()[-1].coordinator_id == cast.dolores
    with clinic.database.write() as session:
        tickets.resolve(session, clinic.parts.words, ticket.id, cast.dolores, NOW)
    clinic.work()
    assert clinic.received(AMINA)[-1] == (
        "You are writing with the automatic assistant of Riverside Clinic again. To reach a person, write: person"
    )
    assert clinic.text(AMINA, "purple fence") == [CLARIFY]


def test_an_open_ticket_that_nobody_has_does_not_silence_the_bot(clinic: Clinic, cast: Cast) -> None:
    hand_over(clinic)
    clinic.rasa.understands("hello", "greet", {"utterance": "greet", "params": {}})
    assert len(clinic.text(AMINA, "hello")) == 1


def test_only_one_of_two_coordinators_who_claim_at_once_gets_it(clinic: Clinic, cast: Cast) -> None:
    ticket = hand_over(clinic)
    results = at_once(2, lambda number: claim(clinic, ticket, (cast.dolores, cast.tomas)[number]))
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "TicketTaken"]
    winner = (cast.dolores, cast.tomas)[results.index(None)]
    assert clinic.ticket().claimed_by_id == winner
    assert clinic.ticket().version == 2


def test_a_ticket_that_changed_since_it_was_seen_is_not_claimed(clinic: Clinic, cast: Cast) -> None:
    ticket = hand_over(clinic)
    claim(clinic, ticket, cast.dolores)
    with pytest.raises(TicketTaken):
        claim(clinic, ticket, cast.tomas)
    with pytest.raises(TicketTaken), clinic.database.write() as session:
        tickets.reply(session, ticket.id, cast.tomas, "mine", NOW)
    with pytest.raises(TicketTaken), clinic.database.write() as session:
        tickets.resolve(session, clinic.parts.words, ticket.id, cast.tomas, NOW)
    assert clinic.ticket().status is TicketStatus.CLAIMED


@pytest.mark.parametrize(("words", "error"), [("  ", "empty"), ("x" * 1601, "too_long")])
def test_an_empty_or_endless_reply_is_refused(clinic: Clinic, cast: Cast, words: str, error: str) -> None:
    ticket = hand_over(clinic)
    claim(clinic, ticket, cast.dolores)
    with pytest.raises(ValueError, match=error), clinic.database.write() as session:
        tickets.reply(session, ticket.id, cast.dolores, words, NOW)


def test_dolores_cannot_write_to_somebody_who_opted_out_and_the_ticket_can_still_be_closed(
    clinic: Clinic, cast: Cast
) -> None:
    ticket = hand_over(clinic)
    claim(clinic, ticket, cast.dolores)
    clinic.text(AMINA, "STOP")
    with pytest.raises(NotAddressable), clinic.database.write() as session:
        tickets.reply(session, ticket.id, cast.dolores, "hello", NOW)
    with clinic.database.write() as session:
        tickets.resolve(session, clinic.parts.words, ticket.id, cast.dolores, NOW)
    clinic.work()
    assert clinic.tickets() == []
    assert [message.status for message in clinic.outbound()] == [CommunicationStatus.DELIVERED]


def test_an_unanswered_ticket_rings_and_sets_its_next_alarm(clinic: Clinic, cast: Cast) -> None:
    ticket = hand_over(clinic)
    assert ticket.due_at == datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    clinic.clock.turn_to(ticket.due_at)
    clinic.work()
    assert clinic.ticket().overdue_alarms == 1
    (next_alarm,) = clinic.timers(kind=TimerKind.TICKET_DEADLINE, status="pending")
    assert next_alarm.due_at == datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
    clinic.clock.turn_to(next_alarm.due_at)
    clinic.work()
    assert clinic.ticket().overdue_alarms == 2
    assert len(clinic.timers(kind=TimerKind.TICKET_DEADLINE, status="pending")) == 1


def test_a_claimed_ticket_without_an_answer_still_rings(clinic: Clinic, cast: Cast) -> None:
    ticket = hand_over(clinic)
    claim(clinic, ticket, cast.dolores)
    clinic.clock.turn_to(ticket.due_at)
    clinic.work()
    assert clinic.ticket().overdue_alarms == 1


def test_an_answered_ticket_rings_no_more(clinic: Clinic, cast: Cast) -> None:
    ticket = hand_over(clinic)
    claim(clinic, ticket, cast.dolores)
    with clinic.database.write() as session:
        tickets.reply(session, ticket.id, cast.dolores, "hello", NOW)
    clinic.clock.turn_to(ticket.due_at + timedelta(days=2))
    clinic.work()
    assert clinic.ticket().overdue_alarms == 0
    assert clinic.timers(status="pending") == []


def test_who_writes_again_after_the_answer_is_owed_another_with_an_alarm(clinic: Clinic, cast: Cast) -> None:
    ticket = hand_over(clinic)
    claim(clinic, ticket, cast.dolores)
    with clinic.database.write() as session:
        tickets.reply(session, ticket.id, cast.dolores, "hello", NOW)
    clinic.clock.forward(minutes=5)
    assert clinic.text(AMINA, "and another thing") == ["hello"]
    owed = clinic.ticket()
    assert (owed.answered_at, owed.facts["words"][-1]) == (None, "and another thing")
    clinic.clock.turn_to(owed.due_at)
    clinic.work()
    assert clinic.ticket().overdue_alarms == 1


def test_the_same_wish_again_joins_the_open_ticket(clinic: Clinic, cast: Cast) -> None:
    hand_over(clinic)
    assert clinic.text(AMINA, "i need somebody") == [
        "I have added this to what Riverside Clinic already has. A person will answer you here."
    ]
    assert clinic.ticket().facts["words"] == ["i need somebody", "i need somebody"]


def test_a_caregivers_ticket_is_about_the_patient(clinic: Clinic, cast: Cast) -> None:
    assert hand_over(clinic, BRUNO).patient_id == cast.amina


def test_the_reason_chooses_the_words(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.hands_over("can i take ibuprofen", "clinical_question", "clinical")
    assert clinic.text(AMINA, "can i take ibuprofen") == [
        f"I can't answer that safely, so a person will. Riverside Clinic will answer you here by {BY_FIVE}. If you "
        "need advice before then, call the nurse line: (212) 555-0111."
    ]


def test_after_hours_the_promise_is_noon_of_the_next_working_day(clinic: Clinic, cast: Cast) -> None:
    clinic.clock.turn_to(datetime(2026, 11, 27, 23, 0, tzinfo=UTC))  # Friday, 18:00
    clinic.rasa.hands_over("i need somebody", "talk_to_person", "person")
    assert clinic.text(AMINA, "i need somebody") == [
        "I have passed your message to a person at Riverside Clinic. They will answer you here by Monday, November 30 "
        "at 12:00 PM."
    ]
