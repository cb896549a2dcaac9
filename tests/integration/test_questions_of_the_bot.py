"""What the bot asks back: facts for whoever takes over, whether the link opens, whether a change was understood."""

import pytest

from bot.domain.enums import QuestionKind, TicketReason, TicketStatus
from bot.records import Question, Ticket
from tests.support.cast import AMINA, Cast
from tests.support.clinic import Clinic

HELD = "Thank you. I have added that for Riverside Clinic."


def late(clinic: Clinic, words: str = "I'm running late") -> str:
    clinic.rasa.hands_over(words, "running_late", "late")
    return clinic.text(AMINA, words)[0]


def test_one_question_is_asked_and_the_answer_is_on_the_ticket(clinic: Clinic, cast: Cast) -> None:
    assert late(clinic).endswith("About how many minutes late will you be?")
    assert clinic.text(AMINA, "20") == [HELD]
    assert clinic.ticket().facts["words"] == ["I'm running late", "20"]
    assert clinic.rows(Question)[0].answer == "words"


def test_what_was_told_already_is_not_asked(clinic: Clinic, cast: Cast) -> None:
    assert "About how many minutes" not in late(clinic, "about 20 min late sorry")
    assert clinic.rows(Question) == []


@pytest.mark.parametrize(
    ("facts", "asked"),
    [({}, "Which medicine is it, and"), ({"medicine": "metformin 500 mg"}, "For how many days do you still have")],
)
def test_which_medicine_is_asked_only_where_none_was_named(
    clinic: Clinic, cast: Cast, facts: dict[str, str], asked: str
) -> None:
    effect = {"effect": "open_ticket", "reason": "cost", "facts": facts}
    clinic.rasa.understands("can't pay for it", "cannot_afford", effect)
    assert asked in clinic.text(AMINA, "can't pay for it")[0]


def test_who_wrote_much_is_not_asked_for_more(clinic: Clinic, cast: Cast) -> None:
    words = "My insurance has denied the MRI that Dr. Nguyen ordered, the letter of November 3 says not necessary"
    clinic.rasa.hands_over(words, "insurance_or_bill", "insurance")
    clinic.text(AMINA, words)
    assert clinic.rows(Question) == []


def test_a_question_for_the_record_is_answered_instead(clinic: Clinic, cast: Cast) -> None:
    late(clinic)
    clinic.rasa.understands("where is it again", "ask_appointment_where", action="action_appointment_where")
    assert clinic.text(AMINA, "where is it again")[0].startswith("The next visit is here:")
    assert clinic.ticket().facts["words"] == ["I'm running late"]


def test_another_request_is_no_answer_to_the_question(clinic: Clinic, cast: Cast) -> None:
    late(clinic)
    clinic.rasa.hands_over("and I need an interpreter", "need_interpreter", "interpreter")
    clinic.text(AMINA, "and I need an interpreter")
    assert [ticket.reason.value for ticket in clinic.tickets()] == ["late", "interpreter"]


def test_what_is_on_the_screen_is_no_trouble_with_the_portal(clinic: Clinic, cast: Cast) -> None:
    ask_link(clinic, cast)
    clinic.text(AMINA, "2")
    clinic.rasa.hands_over("nothing but black", "portal_trouble", "portal")
    assert clinic.text(AMINA, "nothing but black") == [HELD]
    assert clinic.ticket().facts["words"] == ["2", "nothing but black"]


def test_danger_comes_before_the_answer(clinic: Clinic, cast: Cast) -> None:
    late(clinic)
    assert "call 911" in clinic.text(AMINA, "I have chest pain")[0]


def test_an_answer_after_the_ticket_was_closed_opens_it_anew(clinic: Clinic, cast: Cast) -> None:
    late(clinic)
    clinic.change(Ticket, clinic.ticket().id, status=TicketStatus.RESOLVED)
    assert clinic.text(AMINA, "20 minutes")[0].startswith("Thank you for telling us.")
    assert clinic.ticket().facts["words"] == ["20 minutes"]


def test_with_the_model_silent_the_answer_still_reaches_the_person(clinic: Clinic, cast: Cast) -> None:
    late(clinic)
    clinic.rasa.silent = True
    assert clinic.text(AMINA, "stuck behind an accident") == [HELD]
    assert clinic.ticket().facts["words"][-1] == "stuck behind an accident"


def ask_link(clinic: Clinic, cast: Cast) -> None:
    effect = {"effect": "ask_telehealth", "appointment": str(cast.visit)}
    clinic.rasa.understands("link?", "ask_telehealth_link", {"utterance": "telehealth_check", "params": {}}, effect)
    clinic.text(AMINA, "link?")


@pytest.mark.parametrize("reply", ["1", "yes", "👍"])
def test_a_link_that_opens_needs_nobody(clinic: Clinic, cast: Cast, reply: str) -> None:
    ask_link(clinic, cast)
    assert clinic.text(AMINA, reply) == ["Good. At the time of the visit, open the link again."]
    assert clinic.tickets() == []


def test_a_link_that_does_not_open_goes_to_a_person_with_what_is_on_the_screen(clinic: Clinic, cast: Cast) -> None:
    ask_link(clinic, cast)
    assert clinic.text(AMINA, "2")[0].endswith("What do you see on the screen? A few words are enough.")
    clinic.text(AMINA, "it says camera blocked")
    ticket = clinic.ticket()
    assert ticket.reason is TicketReason.TELEHEALTH
    assert ticket.facts["words"][-1] == "it says camera blocked"
    assert ticket.facts["asked"] == {"appointment": str(cast.visit)}


def teach(clinic: Clinic, cast: Cast) -> None:
    effect = {"effect": "teach_back", "medication": str(cast.metformin), "right": 2}
    clinic.rasa.understands("why?", "ask_medication_change", {"utterance": "thanks", "params": {}}, effect)
    clinic.text(AMINA, "why?")


def test_who_names_the_new_dose_has_understood(clinic: Clinic, cast: Cast) -> None:
    teach(clinic, cast)
    assert clinic.text(AMINA, "2") == ["Yes, that is what the prescription says. Thank you."]
    assert clinic.tickets() == []


@pytest.mark.parametrize(
    ("digit", "told"), [("1", "chose what was prescribed before"), ("3", "was not sure")], ids=["old", "unsure"]
)
def test_who_names_the_old_dose_or_is_not_sure_is_called_by_a_person(
    clinic: Clinic, cast: Cast, digit: str, told: str
) -> None:
    teach(clinic, cast)
    said = clinic.text(AMINA, digit)[0]
    assert said.startswith("Thank you for telling me. The prescription now says: metformin 500 mg, ")
    ticket = clinic.ticket()
    assert ticket.reason is TicketReason.MEDICATION_CHANGE
    assert ticket.facts["asked"]["teach back"] == told


@pytest.mark.parametrize("digit", ["0", "4", "9"])
def test_a_number_that_was_not_offered_is_asked_again(clinic: Clinic, cast: Cast, digit: str) -> None:
    teach(clinic, cast)
    assert clinic.text(AMINA, digit) == ["Please reply with 1, 2, or 3. To reach a person, write: person"]
    assert clinic.rows(Question, Question.kind == QuestionKind.TEACH_BACK)[0].answered_at is None
