"""In which language a short text is written: a character model of our own texts.

Texts of patients are short, unaccented and mixed; a prior and the rules of switching are the app's, which knows the
person. A script that only one of our languages uses needs no model.
"""

import logging
import zlib
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.corpus import Text, danger_texts, data_folder, intent_texts
from bot.nlu.folding import canonical, fold
from bot.nlu.linear_model import LinearTextModel

logger = logging.getLogger(__name__)

LANGUAGES = "languages"
# In the metadata of a message that is being answered: the language that the person is known to write, or None.
WRITES = "language"
# How much more likely that language is, on top of what the text itself tells.
KNOWN_COUNTS = 0.5
READ_IN = 2
RANKING_LENGTH = 3
TEXTS_PER_LANGUAGE = 1_500


def likely_languages(message: Message) -> dict[str, float]:
    """The two languages that a text should be read in, each with its share, the likelier first."""
    shares = {guess["name"]: float(guess["confidence"]) for guess in message.get(LANGUAGES) or []}
    known = (message.get("metadata") or {}).get(WRITES)
    if known:
        shares[known] = shares.get(known, 0.0) + KNOWN_COUNTS
    return dict(sorted(shares.items(), key=lambda share: -share[1])[:READ_IN])


def some_of_each(texts: list[Text]) -> list[Text]:
    """So many texts of each language, always the same: more take longer and tell no more."""
    ordered = sorted(texts, key=lambda text: zlib.crc32(text.text.encode()))
    by_language: dict[str, list[Text]] = {}
    for text in ordered:
        by_language.setdefault(text.language, []).append(text)
    return [text for language in sorted(by_language) for text in by_language[language][:TEXTS_PER_LANGUAGE]]


def spellings(texts: list[Text]) -> list[tuple[str, str]]:
    """(text, language), each once with accents and once without."""
    both = ((spelling, text.language) for text in texts for spelling in (canonical(text.text), fold(text.text).text))
    return [pair for pair in dict.fromkeys(both) if pair[0].strip()]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class LanguageIdentifier(GraphComponent):
    """Puts `languages` on each message: the likeliest codes with their probabilities, the best first."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._model_storage = model_storage
        self._resource = resource
        settings = {name: config[name] for name in self.get_default_config()}
        self._model = LinearTextModel("languages", spelled=canonical, **settings)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"max_ngram": 3, "min_df": 2, "C": 10.0, "iterations": 40}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LanguageIdentifier":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_keywords: Any,
    ) -> "LanguageIdentifier":
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model.restore(folder)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """From the files themselves: Rasa's training data does not say where a text came from."""
        pairs = spellings(some_of_each([*intent_texts(data_folder()), *danger_texts(data_folder())]))
        logger.info("learning %d languages from %d texts", len({language for _, language in pairs}), len(pairs))
        self._model.fit([text for text, _ in pairs], [language for _, language in pairs])
        with self._model_storage.write_to(self._resource) as folder:
            self._model.store(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Unchanged: no later component learns from predicted languages."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            message.set(LANGUAGES, self._ranking(message.get(TEXT) or ""), add_to_output=True)
        return messages

    def _ranking(self, text: str) -> list[dict[str, Any]]:
        if not any(character.isalpha() for character in text):
            return []
        row = self._model.probabilities([text])[0]
        best = row.argsort()[::-1][:RANKING_LENGTH]
        return [{"name": self._model.labels[column], "confidence": float(row[column])} for column in best]
