"""What no rule was made for: nothing is guessed, nothing is lost, nothing breaks."""

import pytest

from bot.domain.enums import CommunicationStatus, TicketReason
from tests.support.cast import AMINA, Cast
from tests.support.clinic import Clinic

EMPTY = (
    "I got a message without words. What would you like to know? To reach a person at Riverside Clinic, write: person"
)
NOTHING_ASKED = (
    "I am not waiting for an answer right now. What would you like to know? To reach a person at Riverside Clinic, "
    "write: person"
)


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_a_text_of_nothing_is_asked_about(clinic: Clinic, cast: Cast, text: str) -> None:
    assert clinic.text(AMINA, text) == [EMPTY]
    assert clinic.rasa.heard == []


@pytest.mark.parametrize("text", ["🎉", "👍", "???", "❤️❤️❤️"])
def test_emoji_and_punctuation_are_never_an_action(clinic: Clinic, cast: Cast, text: str) -> None:
    (answer,) = clinic.text(AMINA, text)
    assert answer.startswith("Sorry, I did not understand.")
    assert clinic.rasa.heard == []


@pytest.mark.parametrize("text", ["1", "2.", "7", "１"])
def test_a_digit_without_a_question_is_not_guessed_at(clinic: Clinic, cast: Cast, text: str) -> None:
    assert clinic.text(AMINA, text) == [NOTHING_ASKED]


def test_ten_thousand_characters_are_stored_whole_and_go_to_a_person(clinic: Clinic, cast: Cast) -> None:
    text = ("word " * 2000).strip()
    assert len(text) == 9999
    (answer,) = clinic.text(AMINA, text)
    assert answer.startswith("I have passed your message to a person at Riverside Clinic.")
    assert clinic.inbound()[0].body == text
    assert clinic.ticket().facts["words"] == [text]
    assert clinic.rasa.heard == []


def test_a_picture_without_a_word_goes_to_a_person(clinic: Clinic, cast: Cast) -> None:
    (answer,) = clinic.text(AMINA, "", media=("image/jpeg", "audio/amr"))
    assert answer.startswith("Thank you. I can't read pictures, voice notes or files.")
    ticket = clinic.ticket()
    assert ticket.reason is TicketReason.ATTACHMENT
    assert ticket.facts["media"] == ["image/jpeg", "audio/amr"]


def test_a_picture_with_stop_under_it_is_a_stop(clinic: Clinic, cast: Cast) -> None:
    clinic.text(AMINA, "STOP", media=("image/jpeg",))
    assert clinic.conversation(AMINA).opted_out_at is not None


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "'; DROP TABLE patient; --", "\u202eabc", "{clinic} {0}"]
)
def test_hostile_text_is_only_text(clinic: Clinic, cast: Cast, text: str) -> None:
    (answer,) = clinic.text(AMINA, text)
    assert answer.startswith("Sorry, I did not understand.")
    (message,) = clinic.inbound()
    assert (message.body, message.status) == (text, CommunicationStatus.HANDLED)
