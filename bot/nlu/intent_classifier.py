"""One linear model over character n-grams and the sentence embedding, for all languages together.

Rasa's LogisticRegressionClassifier takes raw counts, has no regularisation setting and featurizes example by
example. This one weights n-grams by TF-IDF, balances both kinds of features, trains in seconds and is stored
as plain arrays (nothing is unpickled when a model is loaded).
"""

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.nlu import softmax_regression
from bot.nlu.folding import canonical

logger = logging.getLogger(__name__)

RANKING_LENGTH = 5
ARRAYS_FILE = "intents.npz"
NAMES_FILE = "intents.json"


class LinearIntentModel:
    """Intents from texts and, where there are any, their embeddings."""

    def __init__(
        self,
        *,
        max_ngram: int,
        min_df: int,
        embedding_weight: float,
        inverse_regularisation: float,
        iterations: int,
    ) -> None:
        self._ngrams = TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(1, max_ngram),
            min_df=min_df,
            sublinear_tf=True,
            preprocessor=canonical,
            dtype=np.float32,
        )
        self._embedding_weight = embedding_weight
        self._inverse_regularisation = inverse_regularisation
        self._iterations = iterations
        self._embedding_size = 0
        self.intents: list[str] = []

    def fit(self, texts: Sequence[str], embeddings: Any | None, intents: Sequence[str]) -> None:
        """`embeddings`: one row per text, or None."""
        self._embedding_size = 0 if embeddings is None else embeddings.shape[1]
        self.intents = sorted(set(intents))
        columns = {intent: column for column, intent in enumerate(self.intents)}
        self._weights, self._offsets = softmax_regression.fit(
            self._ngrams.fit_transform(texts),
            self._dense(len(texts), embeddings),
            [columns[intent] for intent in intents],
            inverse_regularisation=self._inverse_regularisation,
            iterations=self._iterations,
        )

    def probabilities(self, texts: Sequence[str], embeddings: Any | None) -> Any:
        """One row per text, one column per intent. A missing embedding counts as zero."""
        ngrams, dense = self._ngrams.transform(texts), self._dense(len(texts), embeddings)
        return softmax_regression.softmax(softmax_regression.scores(ngrams, dense, self._weights, self._offsets))

    def store(self, folder: Path) -> None:
        vocabulary = sorted(self._ngrams.vocabulary_, key=self._ngrams.vocabulary_.__getitem__)
        names = {"intents": self.intents, "ngrams": vocabulary, "embedding_size": self._embedding_size}
        (folder / NAMES_FILE).write_text(json.dumps(names, ensure_ascii=False), "utf-8")
        np.savez(folder / ARRAYS_FILE, idf=self._ngrams.idf_, weights=self._weights, offsets=self._offsets)

    def restore(self, folder: Path) -> None:
        names = json.loads((folder / NAMES_FILE).read_text("utf-8"))
        self.intents, self._embedding_size = names["intents"], names["embedding_size"]
        with np.load(folder / ARRAYS_FILE, allow_pickle=False) as arrays:
            self._weights, self._offsets = arrays["weights"], arrays["offsets"]
            self._ngrams.vocabulary_ = {ngram: column for column, ngram in enumerate(names["ngrams"])}
            self._ngrams.idf_ = arrays["idf"]

    def _dense(self, rows: int, embeddings: Any | None) -> Any:
        if embeddings is None or not self._embedding_size:
            return np.zeros((rows, self._embedding_size), dtype=np.float32)
        return np.asarray(embeddings * self._embedding_weight, dtype=np.float32)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class PooledIntentClassifier(IntentClassifier, GraphComponent):
    """Names the intent of a message and the five likeliest. A text of nothing has no intent."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._model = LinearIntentModel(
            max_ngram=config["max_ngram"],
            min_df=config["min_df"],
            embedding_weight=config["embedding_weight"],
            inverse_regularisation=config["C"],
            iterations=config["iterations"],
        )

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"max_ngram": 4, "min_df": 2, "embedding_weight": 2.0, "C": 10.0, "iterations": 60}

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
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        logger.info("learning intents from %d texts", len(examples))
        embeddings = [_embedding(example) for example in examples]
        stacked = None if any(row is None for row in embeddings) else np.vstack(embeddings)
        self._model.fit(
            [example.get(TEXT) for example in examples],
            stacked,
            [example.get(INTENT) for example in examples],
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.store(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            ranking = self._rank(message)
            best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Unchanged: no later component learns from predicted intents."""
        return training_data

    def _rank(self, message: Message) -> list[dict[str, Any]]:
        text = message.get(TEXT)
        if not text or not text.strip():
            return []
        row = self._model.probabilities([text], _embedding(message))[0]
        best = np.argsort(-row)[:RANKING_LENGTH]
        return [{"name": self._model.intents[column], "confidence": float(row[column])} for column in best]


def _embedding(message: Message) -> Any | None:
    _, sentence = message.get_dense_features(TEXT)
    return None if sentence is None else sentence.features
