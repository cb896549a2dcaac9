"""Sees danger that no phrase list names: a story that hides it, three misspelt words, a veiled goodbye.

Learns from `intents/<language>/danger.yml`: texts of people in danger by category, and harmless texts that use the
same words (worry, mild symptoms, idioms, history, knowledge, everyday). Everyday requests come from the intents.
Outcomes: `emergency`, `urgent` (a person soon) or none, by thresholds that each language gets from its own texts,
each judged by a model that had not seen it.
"""

import logging
import re
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.corpus import data_folder
from bot.nlu.danger_model import DEFAULTS, DangerModel, everyday_rows, training_rows
from bot.nlu.embedding import embedder
from bot.nlu.language_identifier import likely_languages

logger = logging.getLogger(__name__)

DANGER = "danger"
# Longer texts are also read sentence by sentence: a danger may be one of ten.
WHOLE_TEXT = 60
SENTENCE_END = re.compile(r"(?<=[.!?\n…。！？؟।;；])\s*")
SHORTEST_SENTENCE = 8
MOST_SENTENCES = 8


def sentences(text: str) -> list[str]:
    """The text, and its sentences where it is long and has several."""
    parts = [part.strip() for part in SENTENCE_END.split(text) if len(part.strip()) >= SHORTEST_SENTENCE]
    if len(text) <= WHOLE_TEXT or len(parts) < 2:
        return [text]
    return [text, *parts[:MOST_SENTENCES]]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class DangerClassifier(GraphComponent):
    """Puts `danger` on each message that has letters: category, probability, severity ("emergency", "urgent", None)."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._model = DangerModel(config)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return dict(DEFAULTS)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "DangerClassifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_keywords: Any,
    ) -> "DangerClassifier":
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model.restore(folder)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """From the files themselves: Rasa does not read them. Without any the model sees no danger and says so."""
        rows, everyday = training_rows(data_folder()), everyday_rows(data_folder())
        logger.info("learning danger from %d texts", len(rows))
        vectors = theirs = None
        if embedder().available and rows:
            vectors = embedder().embed_for_training([row.text for row in rows])
            theirs = embedder().embed_for_training([row.text for row in everyday])
        self._model.fit(rows, vectors, everyday, theirs)
        logger.info("danger limits: %s", self._model.limits)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.store(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Unchanged: no later component learns from predicted danger."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            message.set(DANGER, self._judged(message), add_to_output=True)
        return messages

    def _judged(self, message: Message) -> dict[str, Any] | None:
        text = message.get(TEXT) or ""
        if not any(character.isalpha() for character in text):
            return None
        parts = sentences(text)
        embeddings = np.vstack([embedder().embed_one(part) for part in parts]) if embedder().available else None
        return self._model.judge(parts, embeddings, likely_languages(message))
