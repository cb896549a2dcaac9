"""A text arrives and the record answers."""

from bot.domain.enums import CommunicationStatus
from tests.support.cast import AMINA, BRUNO, Cast
from tests.support.clinic import Clinic


def test_amina_asks_for_her_next_visit_and_gets_the_record_to_the_minute(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.understands("when is my next visit?", "ask_appointment_when", action="action_appointment_when")
    assert clinic.text(AMINA, "when is my next visit?") == [
        "The next visit is on Thursday, November 26 at 10:30 AM with Dr. Linh Nguyen, at Riverside Clinic."
    ]
    (message,) = clinic.inbound()
    assert message.status is CommunicationStatus.HANDLED
    assert message.detail["understood"]["intent"] == "ask_appointment_when"
    (reply,) = clinic.outbound()
    assert reply.status is CommunicationStatus.DELIVERED
    assert clinic.tickets() == []


def test_bruno_is_told_whom_an_answer_is_about(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.understands("what does she take", "list_medications", action="action_medication_list")
    assert clinic.text(BRUNO, "what does she take") == [
        "About Amina:\n2 medicines on the list:\n"
        "metformin 500 mg: 1 tablet, once a day, at 8:00 AM\n"
        "lisinopril 10 mg: 1 tablet, once a day, at 8:00 AM"
    ]
