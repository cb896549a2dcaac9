"""Names the intent of a text, with one model for all languages, and says when it is not sure enough.

How sure is enough is chosen for each language on rows that were held back while training: a threshold of one
language does not fit another.
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

from bot.nlu.corpus import Text, data_folder, intent_texts
from bot.nlu.embedding import embedder
from bot.nlu.folding import bare, canonical
from bot.nlu.language_identifier import LANGUAGES
from bot.nlu.linear_model import DEFAULTS, LinearTextModel
from bot.nlu.spelling import Speller
from bot.nlu.variants import COPY_OF

logger = logging.getLogger(__name__)

RANKING_LENGTH = 5
THRESHOLDS_FILE = "thresholds.json"
# One text in so many is held back for choosing thresholds.
HELD_BACK_ONE_IN = 6
# A language with fewer right answers among the held-back rows takes the threshold of all languages together.
LEAST_ROWS = 80
LOWEST, HIGHEST = 0.2, 0.6
ALL = "all"


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


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class PooledIntentClassifier(IntentClassifier, GraphComponent):
    """The intent and the five likeliest; Rasa's fallback intent below the language's threshold.

    A text of nothing has no intent. `keep`: the share of right answers that a threshold lets through.
    """

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._keep = config["keep"]
        self._model = LinearTextModel("intents", **{name: config[name] for name in DEFAULTS})
        self._thresholds: Mapping[str, float] = {ALL: 0.0}
        self._speller = Speller()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DEFAULTS, "keep": 0.97}

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
            component._thresholds = json.loads((folder / THRESHOLDS_FILE).read_text("utf-8"))
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        logger.info("learning intents from %d texts", len(examples))
        texts = [example.get(TEXT) for example in examples]
        intents = [example.get(INTENT) for example in examples]
        apart = held_back(examples)
        tried = self._model.fit_and_try(texts, stacked_embeddings(examples), intents, apart)
        corpus = intent_texts(data_folder())
        self._thresholds = self._chosen(tried, [examples[row] for row in np.flatnonzero(apart)], corpus)
        self._speller = Speller.learn(corpus)
        logger.info("thresholds: %s", {name: round(value, 2) for name, value in self._thresholds.items()})
        with self._model_storage.write_to(self._resource) as folder:
            self._model.store(folder)
            self._speller.store(folder)
            (folder / THRESHOLDS_FILE).write_text(json.dumps(self._thresholds), "utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._rank(message)
            best: dict[str, Any] = ranking[0] if ranking else {"name": None, "confidence": 0.0}
            if ranking and best["confidence"] < self._threshold(message):
                best = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": best["confidence"]}
            message.set(INTENT, best, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Unchanged: no later component learns from predicted intents."""
        return training_data

    def second_reading(self, message: Message) -> str | None:
        """The text with misspelt words read as known ones, where that changes it."""
        text = message.get(TEXT) or ""
        corrected = self._speller.correct(text, _language(message))
        return None if corrected == canonical(text) else corrected

    def _chosen(self, tried: Any, held: Sequence[Message], corpus: Sequence[Text]) -> dict[str, float]:
        language_of = {text.text: text.language for text in corpus}
        rows = [
            (
                language_of.get(example.get(TEXT), ALL),
                float(row.max()),
                self._model.labels[int(row.argmax())] == example.get(INTENT),
            )
            for row, example in zip(tried, held, strict=True)
            if not example.get(COPY_OF)
        ]
        return thresholds(rows, self._keep)

    def _threshold(self, message: Message) -> float:
        return self._thresholds.get(_language(message), self._thresholds[ALL])

    def _rank(self, message: Message) -> list[dict[str, Any]]:
        text = message.get(TEXT)
        if not text or not text.strip():
            return []
        row = self._model.probabilities([text], embedding_of(message))[0]
        corrected = self.second_reading(message)
        if corrected is not None:
            vector = embedder().embed_one(corrected).reshape(1, -1) if embedder().available else None
            row = (row + self._model.probabilities([corrected], vector)[0]) / 2.0
        best = np.argsort(-row)[:RANKING_LENGTH]
        return [{"name": self._model.labels[column], "confidence": float(row[column])} for column in best]


def embedding_of(message: Message) -> Any | None:
    """The sentence embedding, one row, where the message has one."""
    _, sentence = message.get_dense_features(TEXT)
    return None if sentence is None else sentence.features


def stacked_embeddings(examples: Sequence[Message]) -> Any | None:
    """One row per example, zeros for one that has none; None where none has any."""
    rows = [embedding_of(example) for example in examples]
    size = next((row.shape[1] for row in rows if row is not None), None)
    if size is None:
        return None
    return np.vstack([np.zeros((1, size), np.float32) if row is None else row for row in rows])


def _language(message: Message) -> str:
    languages = message.get(LANGUAGES) or []
    return languages[0]["name"] if languages else ALL
