"""Danger is answered before everything else, with no model and no network, and always opens an urgent ticket."""

import socket
from datetime import timedelta

import pytest

from bot.conversation import inbox
from bot.dialogue.client import Danger, RasaClient
from bot.domain.enums import TicketReason, TicketStatus, Urgency
from bot.handoff import tickets
from bot.records import Patient, Ticket
from tests.support.cast import AMINA, BRUNO, CHEN, Cast
from tests.support.clinic import Clinic
from tests.support.clock import NOW

CALL_911 = (
    "If this is happening now, call 911. Texts are not watched at all hours. I have alerted a person at "
    "Riverside Clinic, who will write to you as soon as they can."
)
CALL_LOCAL = CALL_911.replace("call 911", "call your local emergency number")


def emergency(clinic: Clinic) -> Ticket:
    (ticket,) = [ticket for ticket in clinic.tickets() if ticket.reason is TicketReason.EMERGENCY]
    assert ticket.urgency is Urgency.URGENT
    assert ticket.due_at == clinic.clock.now() + timedelta(minutes=15)
    return ticket


def test_amina_is_told_whom_to_call_and_a_person_is_alerted(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text(AMINA, "my chest hurts so bad") == [CALL_911]
    ticket = emergency(clinic)
    assert ticket.patient_id == cast.amina
    assert ticket.facts["words"] == ["my chest hurts so bad"]
    assert ticket.facts["red_flag"] == "chest_pain"
    assert clinic.rasa.heard == []
    (alarm,) = clinic.timers(kind="ticket_deadline")
    assert alarm.due_at == ticket.due_at


def test_the_answer_does_not_need_a_rasa_server(clinic: Clinic, cast: Cast) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = RasaClient(f"http://127.0.0.1:{probe.getsockname()[1]}", "token", 0.5)
        clinic.worker._turns.__dict__["rasa"] = closed
        assert clinic.text(AMINA, "I can't breathe") == [CALL_911]
        assert emergency(clinic)
        closed.close()


def test_who_opted_out_is_answered_all_the_same(clinic: Clinic, cast: Cast) -> None:
    clinic.text(AMINA, "stop texting me")
    assert clinic.conversation(AMINA).opted_out_at is not None
    assert clinic.text(AMINA, "my chest hurts") == [CALL_911]
    assert emergency(clinic)


def test_who_is_blocked_by_the_carrier_still_has_an_urgent_ticket(clinic: Clinic, cast: Cast) -> None:
    clinic.text(AMINA, "STOP")
    assert clinic.text(AMINA, "my chest hurts") == []
    assert {ticket.reason for ticket in clinic.tickets()} == {TicketReason.EMERGENCY, TicketReason.UNDELIVERED}


def test_a_person_who_has_the_ticket_does_not_silence_it(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.hands_over("help me", "talk_to_person", "person")
    clinic.text(AMINA, "help me")
    with clinic.database.write() as session:
        tickets.claim(session, clinic.ticket().id, cast.dolores, 1, NOW)
    assert clinic.text(AMINA, "he is unconscious") == [CALL_911]
    assert emergency(clinic).status is TicketStatus.OPEN


def test_a_stranger_from_a_number_of_a_known_country_gets_that_countrys_number(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text(CHEN, "my chest hurts") == [CALL_911]
    assert emergency(clinic).patient_id is None


def test_a_stranger_from_nowhere_gets_no_guessed_number(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text("+15550100199", "my chest hurts") == [CALL_LOCAL]
    assert emergency(clinic)


def test_a_stranger_is_answered_in_the_language_of_the_phrase(clinic: Clinic, cast: Cast) -> None:
    (answer,) = clinic.text(CHEN, "no puedo respirar")
    assert answer.startswith("Si esto está pasando ahora, llame al 911.")


def test_amina_in_a_country_that_is_not_in_the_table_gets_no_guessed_number(clinic: Clinic, cast: Cast) -> None:
    clinic.change(Patient, cast.amina, country="IN")
    assert clinic.text(AMINA, "my chest hurts") == [CALL_LOCAL]


def test_poison_control_and_the_crisis_line_are_those_of_the_country(clinic: Clinic, cast: Cast) -> None:
    clinic.change(Patient, cast.amina, country="CA")
    (poison,) = clinic.text(AMINA, "he swallowed bleach")
    assert "Poison Control: 1-844-764-7669" in poison
    assert "call 911" in poison
    (crisis,) = clinic.text(AMINA, "i want to kill myself")
    assert crisis.startswith("I am glad you wrote. If you are in danger now, call 911. You can call or text 988")


def test_a_crisis_in_an_unknown_country_gets_the_warm_words_without_numbers(clinic: Clinic, cast: Cast) -> None:
    clinic.change(Patient, cast.amina, country="IN")
    (answer,) = clinic.text(AMINA, "i want to kill myself")
    assert answer.startswith(
        "I am glad you wrote. If you are in danger now, call your local emergency number or go to someone you trust."
    )


def test_an_urgent_sign_is_not_named_an_emergency_and_is_answered_within_minutes(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text(AMINA, "there is blood in my stool") == [
        "A person should look at this soon. I have alerted Riverside Clinic, and someone will answer you by Monday, "
        "November 23 at 10:15 AM."
    ]


def test_danger_that_only_the_classifiers_see_is_an_emergency(clinic: Clinic, cast: Cast) -> None:
    text = "i have said my goodbyes, feed my cat"
    clinic.rasa.dangers[text] = Danger(category="self_harm", probability=0.97, severity="emergency")
    (answer,) = clinic.text(AMINA, text)
    assert answer.startswith("I am glad you wrote.")
    assert emergency(clinic).facts["red_flag"] == "self_harm"


def test_worry_that_the_classifiers_see_is_for_a_person_soon(clinic: Clinic, cast: Cast) -> None:
    text = "could this lump be cancer, i am so scared"
    clinic.rasa.dangers[text] = Danger(category="bleeding", probability=0.3, severity="urgent")
    (answer,) = clinic.text(AMINA, text)
    assert answer.startswith("A person should look at this soon.")
    assert "911" not in answer


def test_a_phrase_that_the_classifiers_find_harmless_is_no_emergency(clinic: Clinic, cast: Cast) -> None:
    text = "chest pain clinic address please"
    clinic.rasa.dangers[text] = Danger(category="chest_pain", probability=0.01, severity=None)
    answers = clinic.text(AMINA, text)
    assert not any("911" in answer for answer in answers)


def test_with_the_model_stopped_an_urgent_phrase_gets_the_emergency_reply(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.silent = True
    assert clinic.text(AMINA, "there is blood in my stool") == [CALL_911]


def test_at_night_nobody_is_promised_who_is_not_there(clinic: Clinic, cast: Cast) -> None:
    clinic.clock.forward(hours=13)  # Monday, 23:00 in New York
    assert clinic.text(AMINA, "my chest hurts") == [
        f"{CALL_911}\nNobody at Riverside Clinic is on duty right now. Please do not wait for an answer here."
    ]


def test_at_night_an_urgent_sign_names_the_line_to_call(clinic: Clinic, cast: Cast) -> None:
    clinic.clock.forward(hours=13)
    assert clinic.text(AMINA, "there is blood in my stool") == [
        "A person should look at this, and nobody at Riverside Clinic is on duty right now. Someone will answer you by "
        "Tuesday, November 24 at 8:15 AM. If you do not want to wait, call the nurse line: (212) 555-0111."
    ]
    ticket = clinic.ticket()
    assert (ticket.reason, ticket.urgency) == (TicketReason.URGENT_SYMPTOM, Urgency.URGENT)


def test_a_caregiver_in_danger_or_for_the_patient_is_answered(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text(BRUNO, "she has chest pain") == [CALL_911]
    assert emergency(clinic).patient_id == cast.amina


@pytest.mark.parametrize("filler", [" really" * 1300], ids=["10,000 characters"])
def test_danger_is_seen_anywhere_in_a_very_long_text(clinic: Clinic, cast: Cast, filler: str) -> None:
    assert clinic.text(AMINA, f"I am{filler} tired. my chest hurts.") == [CALL_911]


def test_danger_waits_for_no_message_before_it(clinic: Clinic, cast: Cast) -> None:
    """A message that hangs, here one leased by a worker that died, keeps others back but not this one."""
    clinic.carrier.send_from_handset(AMINA, "hello")
    with clinic.database.write() as session:
        inbox.claim(session, limit=1, lease_s=3600)
    assert clinic.text(AMINA, "are you there") == []
    assert clinic.text(AMINA, "my chest hurts") == [CALL_911]
