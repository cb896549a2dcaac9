"""Entities that need no learning: numbers, and words of a medicine question that nobody taught the model.

"What is streptomycin" is a medicine question whose medicine stands in no list of ours. Unmarked it would be answered
with the one medicine that the person does take. So in such questions a longer word that is no word of the language, and
no misspelling of one, is marked as a medicine: the answer then is that it is not on the list, and a person takes over.
Measured on our own held-out medicine questions, 1 to 7 in 100 hold such a word though nothing is wrong (Russian: 12);
of 156 questions about medicines in English that others wrote, 130 do.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.corpus import Text, danger_texts, data_folder, examples
from bot.nlu.folding import canonical
from bot.nlu.language_identifier import likely_languages
from bot.nlu.spelling import Speller

MEDICATION, NUMBER = "medication", "number"
SHORTEST_NAME = 6
DIGITS = re.compile(r"\d+(?:[.,/]\d+)*")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class RuleEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Last in the pipeline: `medicine_questions` are the intents in which an unknown word may be a medicine."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._medicine_questions = frozenset(config["medicine_questions"])
        self._model_storage = model_storage
        self._resource = resource
        self._speller = Speller()

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"medicine_questions": []}

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
    ) -> "RuleEntityExtractor":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_keywords: Any,
    ) -> "RuleEntityExtractor":
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._speller = Speller.restore(folder)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Every word of every language, but not the names that are marked as medicines."""
        data = data_folder()
        texts = [Text(each.text_without(MEDICATION), each.language, each.intent) for each in examples(data)]
        self._speller = Speller.learn([*texts, *danger_texts(data)])
        with self._model_storage.write_to(self._resource) as folder:
            self._speller.store(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            entities = [*self._numbers(message.get(TEXT) or ""), *self._unknown(message)]
            message.set(ENTITIES, message.get(ENTITIES, []) + self.add_extractor_name(entities), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Unchanged: no later component learns from these entities."""
        return training_data

    def _numbers(self, text: str) -> Iterator[dict[str, Any]]:
        """In the digits of any script; the value is in European ones."""
        for found in DIGITS.finditer(text):
            value = "".join(str(unicodedata.digit(each, each)) for each in found[0])
            yield {"entity": NUMBER, "start": found.start(), "end": found.end(), "value": value}

    def _unknown(self, message: Message) -> Iterator[dict[str, Any]]:
        marked = any(entity["entity"] == MEDICATION for entity in message.get(ENTITIES, []))
        if marked or (message.get(INTENT) or {}).get("name") not in self._medicine_questions:
            return
        languages, text = list(likely_languages(message)), message.get(TEXT) or ""
        for found in re.finditer(r"\S+", text):
            word = canonical(found[0])
            if len(word) < SHORTEST_NAME or not languages:
                continue
            if not any(self._speller.reads(word, language) for language in languages):
                yield {"entity": MEDICATION, "start": found.start(), "end": found.end(), "value": word}
