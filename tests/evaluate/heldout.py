"""Figures on the project's own training texts, each judged by a model that had not seen it."""

import json
import os
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.conversation.understanding import FALLBACK, Understander
from bot.dialogue.client import Danger, Parse
from bot.dialogue.model import rasa_python
from bot.domain.enums import Route
from tests.evaluate.figures import Better, Figure, IntentScore, intent_scores, macro_f1, share
from tests.evaluate.spellings import SPELLINGS

# What the bot does by itself. Everything else is a person, an emergency, a keyword or a question back.
BY_THE_BOT = frozenset({Route.ANSWER, Route.TASK, Route.CONFIRM})
# A wrong answer to one of these can harm somebody, or leaves somebody alone who asked for a person.
MUST_REACH_A_PERSON = ("clinical_question", "missed_dose", "talk_to_person", "stopped_taking")

OUT_OF_SCOPE = "out_of_scope"


class CrossValidationFailed(Exception):
    """The subprocess ended with an error; what it said is on standard error."""


@dataclass(frozen=True, kw_only=True)
class Guess:
    intent: str
    confidence: float
    kept: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A training text; `guesses` by spelling."""

    text: str
    language: str
    intent: str
    guesses: Mapping[str, Guess]


def cross_validate(checkout: Path) -> tuple[dict[str, Any], list[Row]]:
    """How the folds were made, and every training text with its guesses. Raises CrossValidationFailed."""
    found = json.loads(_in_rasa_environment(checkout, "tests.evaluate.crossval", "--config", "config.yml"))
    return found["folds"], [_row(row) for row in found["rows"]]


def ordinary_figures(checkout: Path, understander: Understander) -> Iterator[Figure]:
    """Everyday requests that a danger model has not seen, through it and the phrase lists, by language."""
    written = _in_rasa_environment(checkout, "tests.evaluate.ordinary")
    by_language = defaultdict(list)
    for row in map(json.loads, written.splitlines()):
        danger = Danger(**row["danger"]) if row["danger"] else None
        parse = Parse(intent=None, confidence=0.0, danger=danger)
        seen = understander.danger(row["text"], row["language"], parse)
        by_language[row["language"]].append(seen.route if seen else None)
    for language, routes in sorted(by_language.items()):
        emergencies = sum(route is Route.EMERGENCY for route in routes)
        yield share(f"{language}_ordinary_taken_for_emergency", emergencies, len(routes), Better.LOWER)
        urgent = sum(route is not None for route in routes) - emergencies
        yield share(f"{language}_ordinary_taken_for_urgent", urgent, len(routes), Better.LOWER)


def _in_rasa_environment(checkout: Path, module: str, *options: str) -> str:
    """What the module writes to its --out. Raises CrossValidationFailed."""
    with TemporaryDirectory(prefix="northstar-evaluate-") as folder:
        out = Path(folder) / "out"
        command = [str(rasa_python(checkout)), "-W", "ignore::DeprecationWarning", "-m", module]
        command += ["--data", "intents", "--out", str(out), *options]
        # As in training: threads inside one short computation cost more than they save.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=checkout, env=environment, check=False)
        if done.returncode != 0:
            raise CrossValidationFailed(f"{module} ended with exit code {done.returncode}")
        return out.read_text("utf-8")


def understanding_figures(rows: Sequence[Row]) -> Iterator[Figure]:
    """Macro-F1 and accuracy by language and spelling; how often a wrong or a right guess becomes a question back."""
    for language, own in by_language(rows).items():
        for spelling in own[0].guesses:
            name = f"{language}_{spelling}"
            guesses = [(row, row.guesses[spelling]) for row in own]
            right = [guess for row, guess in guesses if guess.intent == row.intent]
            wrong = [guess for row, guess in guesses if guess.intent != row.intent]
            yield Figure(
                name=f"{name}_intent_macro_f1",
                unit="f1",
                value=macro_f1(intent_scores((row.intent, guess.intent) for row, guess in guesses)),
                rows=len(own),
                better=Better.HIGHER,
            )
            yield share(f"{name}_intent_right", len(right), len(own), Better.HIGHER)
            yield share(f"{name}_right_but_asked_back", _asked_back(right), len(right), Better.LOWER)
            yield share(f"{name}_wrong_and_asked_back", _asked_back(wrong), len(wrong), Better.HIGHER)


def scores_by_language(rows: Sequence[Row], spelling: str = "as_written") -> dict[str, list[IntentScore]]:
    """Every intent of each language, the one with the lowest F1 first."""
    return {
        language: intent_scores((row.intent, row.guesses[spelling].intent) for row in own)
        for language, own in by_language(rows).items()
    }


def route_figures(rows: Sequence[Row], understander: Understander) -> Iterator[Figure]:
    """How many texts that must reach a person the bot would answer, by language, spelling and intent."""
    for language, own in by_language(rows).items():
        serious = [row for row in own if row.intent in MUST_REACH_A_PERSON]
        for spelling in own[0].guesses:
            answered = sum(route(row, spelling, understander) in BY_THE_BOT for row in serious)
            yield share(f"{language}_{spelling}_must_reach_person_but_answered", answered, len(serious), Better.LOWER)
        for intent in MUST_REACH_A_PERSON:
            those = [row for row in serious if row.intent == intent]
            answered = sum(route(row, "as_written", understander) in BY_THE_BOT for row in those)
            yield share(f"{language}_{intent}_but_answered", answered, len(those), Better.LOWER)


def false_alarm_figures(rows: Sequence[Row], understander: Understander) -> Iterator[Figure]:
    """Training texts are everyday requests: none of them may raise a red flag."""
    for language, own in by_language(rows).items():
        alarms = sum(understander.sees_danger(row.text) for row in own)
        yield share(f"{language}_red_flag_false_alarm", alarms, len(own), Better.LOWER)


def route(row: Row, spelling: str, understander: Understander) -> Route:
    """Where a turn with that spelling would go: phrase lists and keywords first, then the model's guess."""
    text = SPELLINGS[spelling](row.text)
    early = understander.danger(text, row.language, None) or understander.keyword(text, row.language)
    if early is not None:
        return early.route
    guess = row.guesses[spelling]
    return understander.with_model(Parse(intent=guess.kept, confidence=guess.confidence), row.language, text).route


def confidences_in_scope(rows: Sequence[Row], language: str) -> list[float]:
    """How sure each text that is in scope is of an intent that is; 0 where it was taken for out of scope."""
    guesses = [row.guesses["as_written"] for row in rows if row.language == language and row.intent != OUT_OF_SCOPE]
    return [0.0 if guess.intent == OUT_OF_SCOPE else guess.confidence for guess in guesses]


def by_language(rows: Sequence[Row]) -> dict[str, list[Row]]:
    grouped = defaultdict(list)
    for row in rows:
        grouped[row.language].append(row)
    return dict(sorted(grouped.items()))


def _asked_back(guesses: Sequence[Guess]) -> int:
    return sum(guess.kept == FALLBACK for guess in guesses)


def _row(stored: dict[str, Any]) -> Row:
    guesses = {spelling: Guess(**guess) for spelling, guess in stored["guesses"].items()}
    return Row(text=stored["text"], language=stored["language"], intent=stored["intent"], guesses=guesses)
