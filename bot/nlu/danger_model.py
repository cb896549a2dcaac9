"""The model behind `danger_classifier`: scores of texts, and limits for each language.

One score for danger at all and one for each category, by kernel ridge regression in each language. The score becomes a
probability by a logistic curve through the scores of texts that the model had not seen. Measured on 1,000 danger texts
written apart, where .4 % of everyday requests are taken for an emergency: one model of all languages with 180 everyday
requests of each saw .80, a model a language with 2,000 of its own .83, with the likeliest category counted in .92; a
model of all languages beside them took away.
"""

import json
import os
import random
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.corpus import Text, danger_texts, intent_texts
from bot.nlu.danger_limits import ORDINARY, Limits, choose_limits, logistic
from bot.nlu.folding import bare, has_many_accents
from bot.nlu.kernel_model import KernelModel, Ngrams

# Everyday requests of each language that stand beside its danger and its harmless texts.
EVERYDAY_PER_LANGUAGE = 2_000
# Requests that tell of symptoms or doses: what they are for danger is not settled by their intent.
NOT_ORDINARY = frozenset({"clinical_question", "missed_dose", "caregiver_overwhelmed", "stopped_taking"})
FOLDS = 3
# A language that is less likely than this is not asked.
LEAST_LIKELY = 0.2
# Two models at once: each needs a kernel of all pairs of a language's texts in memory.
MOST_AT_ONCE = 2
SETTLED_FILE = "danger.json"
DEFAULTS = {
    "letters_weight": 0.5,
    "words_weight": 0.3,
    "ridge": 0.15,
    "width": 1.0,
    # What the limits allow on texts that the model has not seen.
    "alarms": 0.08,
    "ordinary_alarms": 0.003,
    "ordinary_urgent": 0.05,
}


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
    """Scores texts and names the outcome, with a model for each language. Without any danger texts it finds none."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        """`config`: the keys of DEFAULTS."""
        self._config = config
        self._models: dict[str, KernelModel] = {}
        self._categories: list[str] = []
        self._limits: dict[str, Limits] = {}
        self._slope, self._shift = 1.0, 0.0

    @property
    def limits(self) -> Mapping[str, Limits]:
        return self._limits

    def fit(self, rows: Sequence[Text], embeddings: Any | None, everyday: Sequence[Text], theirs: Any | None) -> None:
        """`embeddings` and `theirs`: one row per text, or None."""
        if not any(row.danger for row in rows):
            return
        self._categories = sorted({row.label for row in rows if row.danger})
        texts = _Texts([*rows, *everyday], _joined(embeddings, theirs))
        learnt = np.concatenate([np.ones(len(rows), bool), _some_of_each(everyday)])
        unseen = self._scores_unseen(texts, learnt)
        # Everyday texts without a language that has danger texts are not judged.
        judged = np.flatnonzero(np.isfinite(unseen))
        own = [texts.rows[place] for place in judged]
        self._slope, self._shift = logistic(unseen[judged], np.array([row.danger for row in own]))
        self._limits = choose_limits(own, self._probability(unseen[judged]), self._config)
        self._models = self._learn(texts, np.flatnonzero(learnt))

    def judge(
        self, parts: Sequence[str], embeddings: Any | None, languages: Mapping[str, float]
    ) -> dict[str, Any] | None:
        """The gravest of a text and its sentences, in each language that is likely enough, by its limits.

        `languages`: how likely each is; of none that is known all are asked.
        """
        whole = sum(languages.values())
        likely = [name for name, share in languages.items() if name in self._models and share >= LEAST_LIKELY * whole]
        judged = [self._judged(parts, embeddings, language) for language in likely or self._models]
        return max(judged, key=_gravity, default=None)

    def store(self, folder: Path) -> None:
        settled = {
            "categories": self._categories,
            "limits": {language: asdict(limits) for language, limits in self._limits.items()},
            "slope": self._slope,
            "shift": self._shift,
            "languages": list(self._models),
        }
        (folder / SETTLED_FILE).write_text(json.dumps(settled), "utf-8")
        for language, model in self._models.items():
            model.store(folder, f"danger-{language}")

    def restore(self, folder: Path) -> None:
        settled = json.loads((folder / SETTLED_FILE).read_text("utf-8"))
        self._categories, self._slope, self._shift = settled["categories"], settled["slope"], settled["shift"]
        self._limits = {language: Limits(**limits) for language, limits in settled["limits"].items()}
        self._models = {language: self._fresh() for language in settled["languages"]}
        for language, model in self._models.items():
            model.restore(folder, f"danger-{language}")

    def _judged(self, parts: Sequence[str], embeddings: Any | None, language: str) -> dict[str, Any]:
        scores = self._models[language].scores(parts, embeddings)
        together = _together(scores)
        gravest = together.argmax()
        danger = float(self._probability(together[gravest]))
        limits = self._limits[language]
        return {
            "category": self._categories[int(scores[gravest, 1:].argmax())],
            "probability": danger,
            "severity": "emergency" if danger >= limits.emergency else "urgent" if danger >= limits.urgent else None,
        }

    def _scores_unseen(self, texts: "_Texts", learnt: Any) -> Any:
        """The danger score of each text, by a model trained without it and its spellings; not a number for none."""
        folds, scores = _folds(texts.rows), np.full(len(texts.rows), np.nan)
        for number in range(FOLDS):
            for language, model in self._learn(texts, np.flatnonzero(learnt & (folds != number))).items():
                own = np.flatnonzero((folds == number) & (texts.languages == language))
                if len(own):
                    scores[own] = _together(model.scores([texts.rows[place].text for place in own], texts.vectors(own)))
        return scores

    def _fresh(self) -> KernelModel:
        letters = Ngrams("char_wb", 1, 4, self._config["letters_weight"])
        words = Ngrams("word", 1, 2, self._config["words_weight"])
        return KernelModel([letters, words], ridge=self._config["ridge"], width=self._config["width"])

    def _learn(self, texts: "_Texts", places: Any) -> dict[str, KernelModel]:
        """A model of each language that has danger texts, by language."""
        languages = sorted({texts.rows[place].language for place in places if texts.rows[place].danger})
        own = {language: places[texts.languages[places] == language] for language in languages}
        with ThreadPoolExecutor(min(MOST_AT_ONCE, os.cpu_count() or 1)) as pool:
            models = pool.map(lambda language: self._learnt(texts, own[language]), languages)
            return dict(zip(languages, models, strict=True))

    def _learnt(self, texts: "_Texts", places: Any) -> KernelModel:
        """Danger and all else weigh the same together, however many there are of each."""
        rows = [texts.rows[place] for place in places]
        danger = np.array([row.danger for row in rows])
        labels = np.array([row.label if row.danger else "" for row in rows])
        targets = np.stack([danger, *(labels == category for category in self._categories)], axis=1)
        shares = np.where(danger, danger.mean(), 1.0 - danger.mean())
        model = self._fresh()
        model.fit([row.text for row in rows], texts.vectors(places), np.where(targets, 1.0, -1.0), 0.5 / shares)
        return model

    def _probability(self, score: Any) -> Any:
        return 1.0 / (1.0 + np.exp(-(self._slope * score + self._shift)))


class _Texts:
    """Texts with their languages and embeddings."""

    def __init__(self, rows: Sequence[Text], embeddings: Any | None) -> None:
        self.rows = rows
        self.languages = np.array([row.language for row in rows])
        self._embeddings = embeddings

    def vectors(self, places: Any) -> Any | None:
        return None if self._embeddings is None else self._embeddings[places]


def _some_of_each(everyday: Sequence[Text]) -> Any:
    """A mask: so many texts of each language, the same at every training."""
    places: dict[str, list[int]] = {}
    for place, row in enumerate(everyday):
        places.setdefault(row.language, []).append(place)
    mask = np.zeros(len(everyday), bool)
    for language in sorted(places):
        # The same choice at every training, whatever was written in other languages.
        chance = random.Random(f"{ORDINARY} {language}")  # noqa: S311
        mask[chance.sample(places[language], min(EVERYDAY_PER_LANGUAGE, len(places[language])))] = True
    return mask


def _together(scores: Any) -> Any:
    """A text is in danger when it is like danger at all, and like one kind of it: each alone saw a tenth less."""
    return scores[:, 0] + scores[:, 1:].max(axis=1)


def _gravity(judged: Mapping[str, Any]) -> tuple[int, float]:
    return (None, "urgent", "emergency").index(judged["severity"]), judged["probability"]


def _folds(rows: Sequence[Text]) -> Any:
    """A fold number for each text; spellings of one text share it."""
    return np.array([zlib.crc32(bare(row.text).encode()) % FOLDS for row in rows])


def _joined(embeddings: Any | None, theirs: Any | None) -> Any | None:
    if embeddings is None or theirs is None:
        return None
    return np.concatenate([embeddings, theirs]) if len(theirs) else embeddings
