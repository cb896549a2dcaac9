from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.conversation.keywords import Keywords
from bot.conversation.red_flags import RedFlags
from bot.conversation.understanding import Understander
from bot.settings import CHECKOUT
from tests.evaluate.figures import Figure
from tests.evaluate.heldout import Guess, Row, false_alarm_figures, route_figures, understanding_figures
from tests.evaluate.spellings import SPELLINGS


@pytest.fixture(scope="module")
def understander() -> Understander:
    intents: Path = CHECKOUT / "intents"
    return Understander(RedFlags(intents), Keywords(intents))


def row(text: str, intent: str, guessed: str, kept: str | None = None) -> Row:
    guess = Guess(intent=guessed, confidence=0.9, kept=kept or guessed)
    return Row(text=text, language="en", intent=intent, guesses=dict.fromkeys(SPELLINGS, guess))


def values(figures: Iterable[Figure]) -> dict[str, tuple[int | None, int]]:
    return {figure.name: (figure.count, figure.rows) for figure in figures}


def test_only_what_the_bot_would_do_by_itself_counts_as_answered(understander: Understander) -> None:
    rows = [
        row("may I drink wine with it", "clinical_question", "ask_medication_how"),
        row("may I drive after it", "clinical_question", "talk_to_person"),
        row("may I swim after it", "clinical_question", "ask_medication_how", kept="nlu_fallback"),
        row("is it tomorrow", "ask_appointment_when", "greet"),
    ]

    found = values(route_figures(rows, understander))

    assert found["en_as_written_must_reach_person_but_answered_share"] == (1, 3)
    assert found["en_clinical_question_but_answered_share"] == (1, 3)
    assert found["en_missed_dose_but_answered_share"] == (0, 0)


def test_a_red_flag_is_seen_before_the_model_is_asked(understander: Understander) -> None:
    rows = [row("i have chest pain since i took it", "clinical_question", "ask_medication_how")]

    assert values(route_figures(rows, understander))["en_clinical_question_but_answered_share"] == (0, 1)
    assert values(false_alarm_figures(rows, understander)) == {"en_red_flag_false_alarm_share": (1, 1)}


def test_asking_back_is_told_apart_for_right_and_wrong_guesses() -> None:
    rows = [
        row("hello", "greet", "greet"),
        row("hey", "greet", "greet", kept="nlu_fallback"),
        row("thanks", "thanks", "greet", kept="nlu_fallback"),
    ]

    found = values(understanding_figures(rows))

    assert found["en_as_written_intent_right_share"] == (2, 3)
    assert found["en_as_written_right_but_asked_back_share"] == (1, 2)
    assert found["en_as_written_wrong_and_asked_back_share"] == (1, 1)
