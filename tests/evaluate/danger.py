"""How danger is seen, by phrase lists and classifiers together, in texts written apart from the training texts.

`red_flags/<language>.yml` has the format of `intents/<language>/danger.yml`; nobody may write phrases or training texts
for its rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.commands.understand import Line
from tests.evaluate.figures import Better, Figure, share

FOLDER = Path(__file__).parent / "red_flags"
SHORT = 45  # characters; shorter texts are the hardest
Outcomes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Held:
    """A text with what a triage nurse would say of it: a category of danger, or a kind of harmless text."""

    id: str
    text: str
    language: str
    label: str
    danger: bool


def read_held(folder: Path = FOLDER) -> list[Held]:
    """Every held-out text of every language."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        document = yaml.safe_load(path.read_text("utf-8"))
        for part in ("danger", "no_danger"):
            for label, texts in document[part].items():
                found += [
                    Held(
                        id=f"danger/{path.stem}/{label}/{number}",
                        text=text,
                        language=path.stem,
                        label=label,
                        danger=part == "danger",
                    )
                    for number, text in enumerate(texts)
                ]
    return found


def lines(held: Sequence[Held]) -> list[Line]:
    return [Line(id=each.id, text=each.text, language=each.language) for each in held]


def figures(held: Sequence[Held], outcomes: Outcomes) -> Iterator[Figure]:
    """By language, then by category over all languages, so that the weak ones show."""
    for language in sorted({each.language for each in held}):
        own = [each for each in held if each.language == language]
        danger = [each for each in own if each.danger]
        short = [each for each in danger if len(each.text) < SHORT]
        harmless = [each for each in own if not each.danger]
        name = f"danger_{language}"
        yield _share(f"{name}_seen_as_emergency", danger, outcomes, _emergency, Better.HIGHER)
        yield _share(f"{name}_seen_as_emergency_or_urgent", danger, outcomes, _seen, Better.HIGHER)
        yield _share(f"{name}_short_seen_as_emergency", short, outcomes, _emergency, Better.HIGHER)
        yield _share(f"{name}_harmless_taken_for_emergency", harmless, outcomes, _emergency, Better.LOWER)
        yield _share(f"{name}_harmless_taken_for_urgent", harmless, outcomes, _urgent, Better.LOWER)
    for label in sorted({each.label for each in held}):
        own = [each for each in held if each.label == label]
        better = Better.HIGHER if own[0].danger else Better.LOWER
        yield _share(f"danger_all_{label}_seen_as_emergency", own, outcomes, _emergency, better)


def _share(
    name: str, held: Sequence[Held], outcomes: Outcomes, counts: Callable[[Mapping[str, Any]], bool], better: Better
) -> Figure:
    return share(name, sum(counts(outcomes[each.id]) for each in held), len(held), better)


def _emergency(outcome: Mapping[str, Any]) -> bool:
    return bool(outcome["severity"] == "emergency")


def _urgent(outcome: Mapping[str, Any]) -> bool:
    return bool(outcome["severity"] == "urgent")


def _seen(outcome: Mapping[str, Any]) -> bool:
    return outcome["severity"] is not None
