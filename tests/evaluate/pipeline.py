"""The components that `config.yml` names, with its parameters, trained on one part of the texts.

Runs in the Rasa environment. They are assembled here by hand instead of by Rasa for one reason: embeddings of
tested texts then come from the disk cache too. That takes a run from hours to minutes and changes no number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.corpus import intent_texts
from bot.nlu.embedding import SentenceEmbedding, embedder
from bot.nlu.intent_classifier import PooledIntentClassifier
from bot.nlu.language_identifier import LANGUAGES
from bot.nlu.project_texts import LANGUAGE
from bot.nlu.tokenizer import UnicodeTokenizer
from bot.nlu.variants import TypingVariants

# In the order in which they work. Entities have no part in an intent.
INTENT_PIPELINE: dict[str, Any] = {
    "bot.nlu.variants.TypingVariants": TypingVariants,
    "bot.nlu.tokenizer.UnicodeTokenizer": UnicodeTokenizer,
    "bot.nlu.embedding.SentenceEmbedding": SentenceEmbedding,
    "bot.nlu.intent_classifier.PooledIntentClassifier": PooledIntentClassifier,
}
# Languages are given here (each text has its own), and neither entities nor danger have a part in an intent.
WITHOUT_INTENTS = frozenset(
    {
        "bot.nlu.project_texts.ProjectTexts",
        "bot.nlu.language_identifier.LanguageIdentifier",
        "bot.nlu.danger_classifier.DangerClassifier",
        "bot.nlu.entity_extractor.CrfEntityExtractor",
        "bot.nlu.rule_entities.RuleEntityExtractor",
    }
)


class PipelineUnknown(Exception):
    """config.yml has other components than these figures are made with; the message names them."""


@dataclass(frozen=True)
class Example:
    text: str
    language: str
    intent: str


@dataclass(frozen=True)
class Guess:
    """`intent` is the likeliest, `kept` what dialogue gets: the same, or the fallback when it was not sure."""

    intent: str
    confidence: float
    kept: str


def read_examples(intents: Path) -> list[Example]:
    """Every training text with its language and intent, without entity marks."""
    return [Example(text.text, text.language, text.label) for text in intent_texts(intents)]


class IntentPipeline:
    """What stands between a text and its intent."""

    def __init__(self, config: Path, folder: Path) -> None:
        """Raises PipelineUnknown. `folder` must be empty; the trained classifier is stored there."""
        entries = yaml.safe_load(config.read_text("utf-8"))["pipeline"]
        named = [entry["name"] for entry in entries if entry["name"] not in WITHOUT_INTENTS]
        if named != list(INTENT_PIPELINE):
            raise PipelineUnknown(f"{config} names {named}; tests/evaluate/pipeline.py has {list(INTENT_PIPELINE)}")
        self._storage = LocalModelStorage.create(folder)
        parameters = {entry["name"]: entry for entry in entries}
        self._variants, self._tokenizer, self._embedding, self._classifier = (
            self._component(name, component, parameters[name]) for name, component in INTENT_PIPELINE.items()
        )

    def train(self, examples: Sequence[Example]) -> None:
        data = TrainingData([_message(example.text, example) for example in examples])
        for component in (self._variants, self._tokenizer, self._embedding):
            data = component.process_training_data(data)
        self._classifier.train(data)

    def guess(self, examples: Sequence[Example], texts: Sequence[str]) -> list[Guess]:
        """One guess for each text."""
        messages = [_message(text, example) for text, example in zip(texts, examples, strict=True)]
        for message, example in zip(messages, examples, strict=True):
            message.set(LANGUAGES, [{"name": example.language, "confidence": 1.0}])
        self._tokenizer.process(messages)
        corrected = [reading for message in messages if (reading := self._classifier.second_reading(message))]
        embedder().remember([*texts, *corrected])
        self._embedding.process(messages)
        self._classifier.process(messages)
        return [_guess(message) for message in messages]

    def _component(self, name: str, component: Any, entry: dict[str, Any]) -> Any:
        given = {key: value for key, value in entry.items() if key != "name"}
        context = ExecutionContext(GraphSchema({}), node_name=name)
        config = {**component.get_default_config(), **given}
        return component.create(config, self._storage, Resource(name), context)


def _message(text: str, example: Example) -> Message:
    return Message(data={TEXT: text, INTENT: example.intent, LANGUAGE: example.language})


def _guess(message: Message) -> Guess:
    best = next(
        ranked for ranked in message.get("intent_ranking") if ranked["name"] != DEFAULT_NLU_FALLBACK_INTENT_NAME
    )
    return Guess(best["name"], best["confidence"], message.get(INTENT)["name"])
