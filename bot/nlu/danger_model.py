"""The model behind `danger_classifier`: scores of texts, and limits for each language.

One score for danger at all and one for each category, by kernel ridge regression over all languages together. The
score becomes a probability by a logistic curve through the scores of texts that the model had not seen.
"""

import json
import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from bot.nlu.corpus import Text, danger_texts, intent_texts
from bot.nlu.folding import bare, has_many_accents
from bot.nlu.kernel_model import KernelModel

ORDINARY = "ordinary"
# Everyday requests of each language that stand beside its harmless texts: some at random, and those that a first
# model finds the most dangerous, from which there is most to learn.
RANDOM_PER_LANGUAGE = 60
HARD_PER_LANGUAGE = 120
# Requests that tell of symptoms or doses: what they are for danger is not settled by their intent.
NOT_ORDINARY = frozenset({"clinical_question", "missed_dose", "caregiver_overwhelmed", "stopped_taking"})
FOLDS = 3
# So many dangers of its own count as much as those of all languages together.
ROWS_OF_DOUBT = 150
ALL = "all"
NAME = "danger"
SETTLED_FILE = "danger.json"


@dataclass(frozen=True)
class Limits:
    """How likely danger has to be for each outcome."""

    emergency: float
    urgent: float


def training_rows(data: Path) -> list[Text]:
    """Danger and harmless texts, and a copy without accents of each that has many. Raises CorpusInvalid."""
    rows = danger_texts(data)
    copies = (Text(bare(row.text), row.language, row.label, row.danger) for row in rows if has_many_accents(row.text))
    return [*rows, *(copy for copy in copies if copy.text)]


def everyday_rows(data: Path) -> list[Text]:
    """The requests of all intents, which are no danger. Raises CorpusInvalid."""
    texts = (text for text in intent_texts(data) if text.label not in NOT_ORDINARY)
    return [Text(text.text, text.language, ORDINARY) for text in texts]


class DangerModel:
    """Scores texts and names the outcome. Without any danger texts it finds none."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._model = self._fresh()
        self._categories: list[str] = []
        self._limits: dict[str, Limits] = {}
        self._slope, self._shift = 1.0, 0.0

    @property
    def limits(self) -> Mapping[str, Limits]:
        return self._limits

    @staticmethod
    def default_config() -> dict[str, Any]:
        """The kernel's settings, and the alarms that the limits allow on texts the model has not seen."""
        kernel = {"ngram_weight": 0.6, "ridge": 0.15, "width": 1.0}
        return {**kernel, "alarms": 0.12, "ordinary_alarms": 0.003, "seen": 0.995, "ordinary_urgent": 0.015}

    def fit(self, rows: Sequence[Text], embeddings: Any | None, everyday: Sequence[Text], theirs: Any | None) -> None:
        """`embeddings` and `theirs`: one row per text, or None."""
        if not any(row.danger for row in rows):
            return
        self._categories = sorted({row.label for row in rows if row.danger})
        chosen = self._instructive(rows, embeddings, everyday, theirs)
        rows = [*rows, *(everyday[place] for place in chosen)]
        embeddings = _joined(embeddings, theirs, chosen)
        unseen, everyday_unseen = self._scores_unseen(rows, embeddings, everyday, theirs)
        self._slope, self._shift = _logistic(unseen, np.array([row.danger for row in rows]))
        judged = [row for row in rows if row.label != ORDINARY]
        scores = unseen[[row.label != ORDINARY for row in rows]]
        self._limits = self._chosen([*judged, *everyday], self._probability(np.concatenate([scores, everyday_unseen])))
        self._learn(self._model, rows, embeddings)

    def _instructive(
        self, rows: Sequence[Text], embeddings: Any | None, everyday: Sequence[Text], theirs: Any | None
    ) -> list[int]:
        """Which everyday texts to learn from: of each language some at random and the ones that look worst."""
        by_language: dict[str, list[int]] = {}
        for place, row in enumerate(everyday):
            by_language.setdefault(row.language, []).append(place)
        chance = random.Random(ORDINARY)  # noqa: S311 - the same choice at every training
        some = {
            place
            for language in sorted(by_language)
            for place in chance.sample(by_language[language], min(RANDOM_PER_LANGUAGE, len(by_language[language])))
        }
        order = sorted(some)
        first = self._fresh()
        joined = _joined(embeddings, theirs, order)
        self._learn(first, [*rows, *(everyday[place] for place in order)], joined)
        scores = first.scores([row.text for row in everyday], theirs)[:, 0]
        for places in by_language.values():
            worst = sorted(set(places) - some, key=lambda place: -scores[place])
            some.update(worst[:HARD_PER_LANGUAGE])
        return sorted(some)

    def _scores_unseen(
        self, rows: Sequence[Text], embeddings: Any | None, everyday: Sequence[Text], theirs: Any | None
    ) -> tuple[Any, Any]:
        """The danger score of each row and each everyday text, by a model trained without it and its spellings."""
        folds, of_everyday = _folds(rows), _folds(everyday)
        scores, everyday_scores = np.zeros(len(rows)), np.zeros(len(everyday))
        for number in range(FOLDS):
            trained, model = np.flatnonzero(folds != number), self._fresh()
            self._learn(model, [rows[row] for row in trained], _part(embeddings, trained))
            for found, texts, own, vectors in (
                (scores, rows, np.flatnonzero(folds == number), embeddings),
                (everyday_scores, everyday, np.flatnonzero(of_everyday == number), theirs),
            ):
                found[own] = model.scores([texts[row].text for row in own], _part(vectors, own))[:, 0]
        return scores, everyday_scores

    def judge(self, parts: Sequence[str], embeddings: Any | None, language: str) -> dict[str, Any] | None:
        """The gravest of a text and its sentences, by the limits of the language."""
        if not self._limits:
            return None
        scores = self._model.scores(parts, embeddings)
        gravest = scores[scores[:, 0].argmax()]
        danger = float(self._probability(gravest[0]))
        limits = self._limits.get(language, self._limits[ALL])
        return {
            "category": self._categories[int(gravest[1:].argmax())],
            "probability": danger,
            "severity": "emergency" if danger >= limits.emergency else "urgent" if danger >= limits.urgent else None,
        }

    def store(self, folder: Path) -> None:
        settled = {
            "categories": self._categories,
            "limits": {language: asdict(limits) for language, limits in self._limits.items()},
            "slope": self._slope,
            "shift": self._shift,
        }
        (folder / SETTLED_FILE).write_text(json.dumps(settled), "utf-8")
        if self._limits:
            self._model.store(folder, NAME)

    def restore(self, folder: Path) -> None:
        settled = json.loads((folder / SETTLED_FILE).read_text("utf-8"))
        self._categories, self._slope, self._shift = settled["categories"], settled["slope"], settled["shift"]
        self._limits = {language: Limits(**limits) for language, limits in settled["limits"].items()}
        if self._limits:
            self._model.restore(folder, NAME)

    def _fresh(self) -> KernelModel:
        return KernelModel(**{name: self._config[name] for name in ("ngram_weight", "ridge", "width")})

    def _learn(self, model: KernelModel, rows: Sequence[Text], embeddings: Any | None) -> None:
        """Danger and harmless texts weigh the same together, however many there are of each."""
        danger = np.array([row.danger for row in rows])
        labels = np.array([row.label if row.danger else "" for row in rows])
        targets = np.stack([danger, *(labels == category for category in self._categories)], axis=1)
        weights = np.where(danger, 0.5 / danger.mean(), 0.5 / (1.0 - danger.mean()))
        model.fit([row.text for row in rows], embeddings, np.where(targets, 1.0, -1.0), weights)

    def _probability(self, score: Any) -> Any:
        return 1.0 / (1.0 + np.exp(-(self._slope * score + self._shift)))

    def _chosen(self, rows: Sequence[Text], scores: Any) -> dict[str, Limits]:
        """The limits of each language, drawn towards those of all languages where it has few rows."""
        together = self._limits_of(rows, scores)
        limits = {ALL: together}
        for language in {row.language for row in rows}:
            own = [place for place, row in enumerate(rows) if row.language == language]
            alone = self._limits_of([rows[place] for place in own], scores[own])
            danger = sum(rows[place].danger for place in own)
            share = danger / (danger + ROWS_OF_DOUBT)
            limits[language] = Limits(
                share * alone.emergency + (1.0 - share) * together.emergency,
                share * alone.urgent + (1.0 - share) * together.urgent,
            )
        return limits

    def _limits_of(self, rows: Sequence[Text], scores: Any) -> Limits:
        """As low as the allowed alarms let them be: on texts that only sound like danger, and on everyday ones."""
        danger = scores[[row.danger for row in rows]]
        ordinary = scores[[row.label == ORDINARY for row in rows]]
        alike = scores[[not row.danger and row.label != ORDINARY for row in rows]]
        emergency = max(
            _exceeded_by(alike, self._config["alarms"]), _exceeded_by(ordinary, self._config["ordinary_alarms"])
        )
        urgent = max(
            _exceeded_by(ordinary, self._config["ordinary_urgent"]), _exceeded_by(danger, self._config["seen"])
        )
        return Limits(emergency, min(urgent, emergency))


def _folds(rows: Sequence[Text]) -> Any:
    """A fold number for each text; spellings of one text share it."""
    return np.array([zlib.crc32(bare(row.text).encode()) % FOLDS for row in rows])


def _logistic(scores: Any, danger: Any) -> tuple[float, float]:
    """Slope and shift of the curve that makes the danger of these scores likeliest (Platt)."""
    signs = np.where(danger, 1.0, -1.0)

    def loss(pair: Any) -> float:
        return float(np.logaddexp(0.0, -signs * (pair[0] * scores + pair[1])).mean())

    found = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead")
    return float(found.x[0]), float(found.x[1])


def _joined(embeddings: Any | None, theirs: Any | None, chosen: Sequence[int]) -> Any | None:
    return None if embeddings is None or theirs is None else np.concatenate([embeddings, theirs[chosen]])


def _part(embeddings: Any | None, rows: Any) -> Any | None:
    return None if embeddings is None else embeddings[rows]


def _exceeded_by(scores: Any, share: float) -> float:
    """The score that this share of the rows exceeds; 0 where there are no rows."""
    return float(np.quantile(scores, 1.0 - share)) if len(scores) else 0.0
