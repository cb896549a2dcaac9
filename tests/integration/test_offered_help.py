"""The clinic's resources in a conversation: given at once, beside a hand-off, or not at all."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.enums import ResourceTopic, TicketStatus
from bot.records import ClinicResource, Question, Ticket
from tests.support.cast import AMINA, BRUNO, Cast
from tests.support.clinic import Clinic

RIDES = "This may help:\nHarbor Rides: Free rides. Call two days ahead."
WHETHER = "Reply 1 if that helps, 2 if a person should write to you."
STRANGER = "+12125550188"
NOTHING = "I have no answer to that on my list."


@pytest.fixture(autouse=True)
def written_down(clinic: Clinic, cast: Cast) -> None:
    store(clinic, ResourceTopic.TRANSPORT, "Harbor Rides", "Free rides. Call two days ahead.")
    store(clinic, ResourceTopic.TRANSPORT, "Taxi vouchers", "Over since last month.", days=-3)
    store(clinic, ResourceTopic.PORTAL, "Patient portal", "Choose Forgot password.")
    store(clinic, ResourceTopic.HOURS, "Opening hours", "8 am to 5 pm.")


def store(clinic: Clinic, topic: ResourceTopic, name: str, summary: str, days: int = 30) -> None:
    today = clinic.clock.now().date()
    empty: dict[str, Any] = {"hours": {}, "eligibility": {}, "keywords": {}}
    words = {"name": {"en": name}, "summary": {"en": summary}}
    expires_on = today + timedelta(days=days)
    row = ClinicResource(topic=topic, expires_on=expires_on, updated_at=clinic.clock.now(), **words, **empty)
    with clinic.database.write() as session:
        session.add(row)


def helps(clinic: Clinic, text: str, intent: str, *topics: str, reason: str, always: bool) -> None:
    effect = {"effect": "offer_help", "topics": list(topics), "reason": reason, "always": always}
    clinic.rasa.understands(text, intent, effect)


def ask_for_a_ride(clinic: Clinic, text: str = "no way to get there") -> list[str]:
    helps(clinic, text, "need_transport", "transport", reason="transport", always=True)
    return clinic.text(AMINA, text)


def ask_for_the_portal(clinic: Clinic) -> list[str]:
    helps(clinic, "can't log in", "portal_trouble", "portal", reason="portal", always=False)
    return clinic.text(AMINA, "can't log in")


def test_a_person_is_told_first_then_what_helps_until_then_then_one_question(clinic: Clinic) -> None:
    [reply] = ask_for_a_ride(clinic)
    told, offered, question = reply.index("Riverside Clinic"), reply.index(RIDES), reply.index("What should the driver")
    assert told < offered < question
    assert "Taxi vouchers" not in reply
    assert (clinic.ticket().reason.value, clinic.ticket().facts["did"]) == ("transport", ["help_offer"])


def test_the_same_help_is_not_said_a_second_time(clinic: Clinic) -> None:
    ask_for_a_ride(clinic)
    clinic.text(AMINA, "Thursday, I use a walker")
    assert RIDES not in ask_for_a_ride(clinic, "still no ride")[0]
    clinic.change(Ticket, clinic.ticket().id, status=TicketStatus.RESOLVED)
    assert RIDES in ask_for_a_ride(clinic, "again no ride")[0]


def test_thanks_for_help_is_no_answer_to_the_question(clinic: Clinic) -> None:
    ask_for_a_ride(clinic)
    clinic.rasa.understands("thank you so much", "thanks", {"utterance": "thanks", "params": {}})
    assert clinic.text(AMINA, "thank you so much")[0].startswith("You are welcome")
    clinic.text(AMINA, "Thursday, I use a walker")
    assert clinic.ticket().facts["words"] == ["no way to get there", "Thursday, I use a walker"]


@pytest.mark.parametrize("reply", ["1", "yes"])
def test_an_answer_that_helps_needs_nobody(clinic: Clinic, reply: str) -> None:
    assert ask_for_the_portal(clinic) == [f"This may help:\nPatient portal: Choose Forgot password.\n{WHETHER}"]
    assert clinic.text(AMINA, reply) == ["Good. Write to Riverside Clinic here at any time."]
    assert clinic.tickets() == []
    assert clinic.rows(Question)[0].answer == "1"


@pytest.mark.parametrize("reply", ["2", "no"])
def test_an_answer_that_does_not_help_brings_a_person_of_that_kind(clinic: Clinic, reply: str) -> None:
    ask_for_the_portal(clinic)
    clinic.text(AMINA, reply)
    assert (clinic.ticket().reason.value, clinic.ticket().facts["words"]) == ("portal", ["can't log in", reply])


def test_video_that_does_not_work_is_not_called_a_trouble_with_the_portal(clinic: Clinic) -> None:
    store(clinic, ResourceTopic.TELEHEALTH_HELP, "Video visits", "Allow camera and microphone.")
    helps(clinic, "the video does not work", "portal_trouble", "portal", reason="portal", always=False)
    assert clinic.text(AMINA, "the video does not work")[0].startswith("This may help:\nVideo visits:")
    clinic.text(AMINA, "2")
    assert clinic.ticket().reason.value == "telehealth"


def test_with_nothing_written_down_a_person_has_it_at_once(clinic: Clinic) -> None:
    helps(clinic, "my results?", "test_results", "test_results", reason="test_results", always=False)
    [reply] = clinic.text(AMINA, "my results?")
    assert reply.startswith(NOTHING)
    assert clinic.ticket().reason.value == "test_results"


def test_the_words_are_looked_for_before_the_topic(clinic: Clinic) -> None:
    helps(clinic, "is there a free ride", "ask_clinic_info", "hours", reason="resource", always=False)
    assert clinic.text(AMINA, "is there a free ride") == [f"{RIDES}\n{WHETHER}"]


def test_help_is_for_everybody_and_says_nothing_of_the_record(clinic: Clinic) -> None:
    helps(clinic, "when are you open", "ask_clinic_info", "hours", reason="resource", always=False)
    assert clinic.text(BRUNO, "when are you open") == [f"This may help:\nOpening hours: 8 am to 5 pm.\n{WHETHER}"]
    assert clinic.text(STRANGER, "when are you open") == [f"This may help:\nOpening hours: 8 am to 5 pm.\n{WHETHER}"]
    assert clinic.tickets() == []
