"""Which answer a digit or a word is."""

import pytest

from bot.domain.enums import QuestionKind
from bot.reminders.replies import DIGITS, OPTIONS, Answer, bare_digit, read_digit, read_word

CARRIER_WORDS = {"stop", "cancel", "end", "quit", "yes", "start", "help", "info"}


@pytest.mark.parametrize(
    ("text", "digit"),
    [
        ("1", 1),
        (" 2. ", 2),
        ("3!", 3),
        ("1)", 1),
        ("１", 1),
        ("١", 1),
        ("१", 1),
        ("12", None),
        ("1 2", None),
        ("²", None),
        ("½", None),
        ("one", None),
        ("", None),
        ("-1", None),
    ],
)
def test_a_bare_digit_is_one_digit_and_nothing_else(text: str, digit: int | None) -> None:
    assert bare_digit(text) == digit


@pytest.mark.parametrize(
    ("kind", "text", "answer"),
    [
        (QuestionKind.DOSE, "1", Answer.TAKEN),
        (QuestionKind.DOSE, "2", Answer.LATER),
        (QuestionKind.DOSE, "3", Answer.NOT_TODAY),
        (QuestionKind.DOSE, "4", None),
        (QuestionKind.APPOINTMENT, "1", Answer.WILL_COME),
        (QuestionKind.APPOINTMENT, "2", Answer.CHANGE),
        (QuestionKind.APPOINTMENT, "3", None),
        (QuestionKind.TIMES, "1", Answer.RIGHT),
        (QuestionKind.TIMES, "2", Answer.WRONG),
        (QuestionKind.LANGUAGE, "1", None),
    ],
)
def test_a_digit_answers_its_own_question(kind: QuestionKind, text: str, answer: Answer | None) -> None:
    assert read_digit(kind, text) is answer


def test_a_no_to_a_dose_is_not_guessed_and_taken_is_no_answer_to_a_visit() -> None:
    assert read_word(QuestionKind.DOSE, "no") is None
    assert read_word(QuestionKind.APPOINTMENT, "taken") is None
    assert read_word(QuestionKind.APPOINTMENT, "yes") is Answer.WILL_COME
    assert read_word(QuestionKind.DOSE, None) is None


def test_every_option_is_a_digit_that_is_read_and_none_is_a_word_that_carriers_take() -> None:
    for kind, options in OPTIONS.items():
        assert [digit for digit, _ in options] == list(DIGITS[kind])
        assert not CARRIER_WORDS & {digit for digit, _ in options}
