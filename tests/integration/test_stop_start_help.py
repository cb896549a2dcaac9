"""STOP, START and HELP: honoured at once, and never answered a second time where the carrier answers."""

import pytest

from bot.channels.base import InboundMessage
from bot.channels.twilio.local_carrier import HELP_REPLY, START_REPLY, STOP_REPLY
from bot.conversation import inbox
from bot.domain.enums import ChannelName, CommunicationStatus, TicketReason
from tests.support.cast import AMINA, CHEN, Cast
from tests.support.clinic import Clinic

OPTED_OUT = "Riverside Clinic will send you no more messages here. To get them again, text START."


@pytest.mark.parametrize("word", ["STOP", "stop", " Stop ", "unsubscribe", "QUIT", "end"])
def test_the_carrier_answers_its_own_stop_words_and_we_are_silent(clinic: Clinic, cast: Cast, word: str) -> None:
    assert clinic.text(AMINA, word) == [STOP_REPLY]
    assert clinic.conversation(AMINA).opted_out_at is not None
    assert clinic.outbound() == []
    assert clinic.tickets() == []


@pytest.mark.parametrize("words", ["stop please", "please stop texting me", "no más mensajes", "Opt out."])
def test_what_the_carrier_does_not_know_is_honoured_and_answered_by_us(clinic: Clinic, cast: Cast, words: str) -> None:
    (answer,) = clinic.text(AMINA, words)
    assert answer == OPTED_OUT
    assert clinic.conversation(AMINA).opted_out_at is not None


def test_start_opts_in_again_with_one_answer(clinic: Clinic, cast: Cast) -> None:
    clinic.text(AMINA, "STOP")
    assert clinic.text(AMINA, "START") == [START_REPLY]
    assert clinic.conversation(AMINA).opted_out_at is None


def test_start_from_somebody_who_never_stopped_is_not_an_action(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.understands("start", "greet", {"utterance": "greet", "params": {}})
    assert clinic.text(AMINA, "start") == [
        "Hello, this is the automatic assistant of Riverside Clinic. How can I help you?"
    ]


def test_help_gets_one_answer_and_it_is_the_carriers(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text(AMINA, "HELP") == [HELP_REPLY]
    assert clinic.outbound() == []


def test_ayuda_gets_our_help(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text(AMINA, "ayuda") == [
        "Riverside Clinic: ask me about visits and medicines. To reach a person, call (212) 555-0100 or write: person. "
        "Text STOP to get no more messages."
    ]


def test_a_bare_cancel_from_somebody_with_a_visit_is_both(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text(AMINA, "Cancel") == [STOP_REPLY]
    assert clinic.conversation(AMINA).opted_out_at is not None
    ticket = clinic.ticket()
    assert ticket.reason is TicketReason.OPT_OUT_WITH_VISIT
    assert ticket.facts["words"] == ["Cancel"]
    assert ticket.patient_id == cast.amina


def test_a_bare_cancel_from_somebody_without_a_visit_is_an_opt_out(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text(CHEN, "CANCEL") == [STOP_REPLY]
    assert clinic.tickets() == []


def test_what_somebody_writes_after_stop_goes_to_a_person_and_is_not_answered(clinic: Clinic, cast: Cast) -> None:
    clinic.text(AMINA, "STOP")
    assert clinic.text(AMINA, "when is my next visit?") == []
    ticket = clinic.ticket()
    assert ticket.reason is TicketReason.PERSON
    assert ticket.facts["words"] == ["when is my next visit?"]
    assert clinic.rasa.heard == []


def test_what_waits_in_the_outbox_is_refused_by_the_carrier_after_stop(clinic: Clinic, cast: Cast) -> None:
    clinic.carrier.send_from_handset(AMINA, "hello")
    clinic.take_turns()
    clinic.carrier.send_from_handset(AMINA, "STOP")
    clinic.work()
    assert [message.status for message in clinic.outbound()] == [CommunicationStatus.FAILED]
    assert clinic.outbound()[0].error_code == "21610"
    assert clinic.ticket().reason is TicketReason.UNDELIVERED


def test_on_telegram_nobody_else_answers_so_we_do(clinic: Clinic, cast: Cast) -> None:
    chat = InboundMessage(channel=ChannelName.TELEGRAM, provider_id="update-1", address="7001", text="STOP")
    inbox.accept(clinic.database, clinic.clock, "en", chat, urgent=False)
    clinic.take_turns()
    (reply,) = clinic.outbound()
    assert reply.body == OPTED_OUT
