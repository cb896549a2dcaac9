"""From scores of texts that a model had not seen: what probability they mean, and how much of it is what outcome.

A limit does not carry over from one language to another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from bot.nlu.corpus import Text

# The label of everyday requests.
ORDINARY = "ordinary"
# So many dangers of its own count as much as those of all languages together.
ROWS_OF_DOUBT = 150


@dataclass(frozen=True)
class Limits:
    """How likely danger has to be for each outcome."""

    emergency: float
    urgent: float


def choose_limits(rows: Sequence[Text], scores: Any, allowed: Mapping[str, float]) -> dict[str, Limits]:
    """The limits of each language, drawn towards those of all languages where it has few rows.

    `allowed`: the share of harmless texts that may be an emergency (`alarms`), and that of everyday requests that may
    be one (`ordinary_alarms`) or urgent (`ordinary_urgent`).
    """
    together = _limits_of(rows, scores, allowed)
    limits = {}
    for language in {row.language for row in rows}:
        own = [place for place, row in enumerate(rows) if row.language == language]
        alone = _limits_of([rows[place] for place in own], scores[own], allowed)
        danger = sum(rows[place].danger for place in own)
        share = danger / (danger + ROWS_OF_DOUBT)
        limits[language] = Limits(
            share * alone.emergency + (1.0 - share) * together.emergency,
            share * alone.urgent + (1.0 - share) * together.urgent,
        )
    return limits


def logistic(scores: Any, danger: Any) -> tuple[float, float]:
    """Slope and shift of the curve that makes the danger of these scores likeliest (Platt)."""
    signs = np.where(danger, 1.0, -1.0)

    def loss(pair: Any) -> float:
        return float(np.logaddexp(0.0, -signs * (pair[0] * scores + pair[1])).mean())

    found = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead")
    return float(found.x[0]), float(found.x[1])


def _limits_of(rows: Sequence[Text], scores: Any, allowed: Mapping[str, float]) -> Limits:
    """As low as the allowed alarms let them be."""
    ordinary = scores[[row.label == ORDINARY for row in rows]]
    alike = scores[[not row.danger and row.label != ORDINARY for row in rows]]
    emergency = max(_exceeded_by(alike, allowed["alarms"]), _exceeded_by(ordinary, allowed["ordinary_alarms"]))
    return Limits(emergency, min(_exceeded_by(ordinary, allowed["ordinary_urgent"]), emergency))


def _exceeded_by(scores: Any, share: float) -> float:
    """The score that this share of the rows exceeds; 0 where there are no rows."""
    return float(np.quantile(scores, 1.0 - share)) if len(scores) else 0.0
