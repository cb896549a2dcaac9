"""Where no free times are known, days that would suit are said back; whatever is answered, a person has them."""

import pytest

from bot.domain.enums import QuestionKind, TicketReason, TicketStatus
from bot.records import Appointment, Question, Ticket
from tests.support.cast import AMINA, Cast
from tests.support.clinic import Clinic

WORDS = "friday after 2 please"
DAYS = {"first": "2026-11-27", "last": "2026-11-27", "after": "14:00"}
SAID_BACK = "I understood: Friday, November 27, from 2:00 PM. Reply 1 if that is right, 2 if not."
HANDED_OVER = (
    "Thank you. Someone at Riverside Clinic will look for a new time and write to you by Monday, November 23 at "
    "5:00 PM. Until then your visit stays as it is."
)


def wish(clinic: Clinic, words: str = WORDS) -> list[str]:
    """The end of the form, as the Rasa server sends it."""
    wanted = {"effect": "look_for_times", "reason": "reschedule", "words": words, "appointment": None}
    clinic.rasa.understands(words, "reschedule_appointment", wanted)
    return clinic.text(AMINA, words)


def test_the_days_are_said_back_and_a_person_has_them_already(clinic: Clinic, cast: Cast) -> None:
    assert wish(clinic) == [SAID_BACK]
    ticket = clinic.ticket()
    assert ticket.reason is TicketReason.RESCHEDULE
    assert ticket.facts["asked"] == {"preferred_times": WORDS, "days_read": DAYS}
    (question,) = clinic.rows(Question)
    assert (question.kind, question.subject) == (QuestionKind.TIMES, {"ticket": str(ticket.id)})


@pytest.mark.parametrize("reply", ["1", "yes", "👍"])
def test_right_confirms_them_on_the_same_ticket(clinic: Clinic, cast: Cast, reply: str) -> None:
    before = clinic.row(Appointment, cast.visit).starts_at
    wish(clinic)
    assert clinic.text(AMINA, reply) == [HANDED_OVER]
    assert clinic.ticket().facts["asked"] == {"preferred_times": WORDS, "days_confirmed": DAYS}
    assert clinic.row(Appointment, cast.visit).starts_at == before


@pytest.mark.parametrize("reply", ["2", "no"])
def test_wrong_leaves_the_words_alone(clinic: Clinic, cast: Cast, reply: str) -> None:
    wish(clinic)
    assert clinic.text(AMINA, reply) == [HANDED_OVER]
    assert clinic.ticket().facts["asked"] == {"preferred_times": WORDS}


def test_a_longer_no_goes_to_the_person_word_for_word(clinic: Clinic, cast: Cast) -> None:
    wish(clinic)
    clinic.rasa.understands("no that is not what i meant", "deny", {"utterance": "no_open_question", "params": {}})
    assert clinic.text(AMINA, "no that is not what i meant") == [HANDED_OVER]
    assert clinic.ticket().facts["words"] == [WORDS, "no that is not what i meant"]


def test_words_without_a_sure_day_go_to_a_person_at_once(clinic: Clinic, cast: Cast) -> None:
    words = "any day but not tuesday"
    assert wish(clinic, words) == [HANDED_OVER]
    assert clinic.ticket().facts["asked"] == {"preferred_times": words}
    assert clinic.rows(Question) == []


def test_an_answer_after_the_ticket_was_closed_brings_a_person_again(clinic: Clinic, cast: Cast) -> None:
    wish(clinic)
    with clinic.database.write() as session:
        session.get_one(Ticket, clinic.ticket().id).status = TicketStatus.RESOLVED
    assert clinic.text(AMINA, "1") == [HANDED_OVER]
    assert clinic.ticket().reason is TicketReason.RESCHEDULE
