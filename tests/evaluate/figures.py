"""A figure with its unit, its rows and its interval, and the arithmetic behind it: standard library only."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

Z_95 = 1.959964


class Better(StrEnum):
    """Which way a figure should go."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`low` and `high` are the 95 % Wilson interval of a share; a share and an F1 lie between 0 and 1."""

    name: str
    unit: str
    value: float
    rows: int
    better: Better
    count: int | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class IntentScore:
    """`mostly_taken_for` is the commonest wrong answer, None when there was none."""

    intent: str
    f1: float
    rows: int
    mostly_taken_for: str | None


def share(name: str, count: int, rows: int, better: Better) -> Figure:
    """`count` of `rows`, as a figure named NAME_share. Without rows it is 0, between 0 and 1."""
    low, high = wilson(count, rows)
    value = count / rows if rows else 0.0
    return Figure(
        name=f"{name}_share",
        unit="share",
        value=value,
        rows=rows,
        better=better,
        count=count,
        low=low,
        high=high,
    )


def wilson(count: int, rows: int) -> tuple[float, float]:
    """The 95 % interval of a share; it stays inside 0 to 1 and says something even for 0 of n."""
    if rows == 0:
        return 0.0, 1.0
    found, weight = count / rows, Z_95**2 / rows
    centre = (found + weight / 2) / (1 + weight)
    half = Z_95 * math.sqrt(found * (1 - found) / rows + weight / (4 * rows)) / (1 + weight)
    # Rounding must not put 0 of n above 0, or n of n below 1.
    return (0.0 if count == 0 else centre - half), (1.0 if count == rows else centre + half)


def intent_scores(pairs: Iterable[tuple[str, str]]) -> list[IntentScore]:
    """F1 of each intent that is asked for, weakest first. `pairs` are (right intent, guessed intent)."""
    counted = Counter(pairs)
    asked, guessed = Counter[str](), Counter[str]()
    for (right, guess), times in counted.items():
        asked[right] += times
        guessed[guess] += times
    scores = []
    for intent, rows in asked.items():
        wrong = Counter({guess: times for (right, guess), times in counted.items() if right == intent != guess})
        scores.append(
            IntentScore(
                intent=intent,
                f1=2 * counted[intent, intent] / (rows + guessed[intent]),
                rows=rows,
                mostly_taken_for=wrong.most_common(1)[0][0] if wrong else None,
            )
        )
    return sorted(scores, key=lambda score: (score.f1, score.intent))


def macro_f1(scores: Sequence[IntentScore]) -> float:
    """The mean over intents, so that a rare intent weighs as much as a common one."""
    return sum(score.f1 for score in scores) / len(scores)
