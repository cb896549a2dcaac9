"""Finds medicines, practitioners, dates and persons with a conditional random field.

Rasa's CRFEntityExtractor keeps the training data inside the model and trains again each time it is loaded.
This one stores what it learned. Its features are blind to accents.
"""

import logging
import zlib
from collections.abc import Iterator
from typing import Any

import pycrfsuite
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.folding import without_accents
from bot.nlu.variants import COPY_OF

logger = logging.getLogger(__name__)

MODEL_FILE = "entities.crfsuite"
OUTSIDE = "O"
OTHERS_ONE_IN = 3
WINDOW = (-2, -1, 1, 2)


def _teaches(example: Message) -> bool:
    """Texts with entities, and one in so many of the others; copies with slips have lost their marks."""
    text = example.get(TEXT)
    if not text or (example.get(COPY_OF) and not example.get(ENTITIES)):
        return False
    return bool(example.get(ENTITIES)) or zlib.crc32(text.encode()) % OTHERS_ONE_IN == 0


def token_features(words: list[str], index: int) -> list[str]:
    """What the model sees of one token: its spelling without accents, its shape and its neighbours."""
    word = words[index]
    folded = _spelling(word)
    features = [
        "bias",
        f"word={folded}",
        f"shape={_shape(word)}",
        *(f"begins={folded[:length]}" for length in (2, 3, 5)),
        *(f"ends={folded[-length:]}" for length in (2, 3, 4, 5)),
    ]
    for distance in WINDOW:
        neighbour = index + distance
        inside = 0 <= neighbour < len(words)
        features.append(f"{distance}={_spelling(words[neighbour]) if inside else '^'}")
        if inside and abs(distance) == 1:
            features.append(f"{distance}shape={_shape(words[neighbour])}")
    return features


def _spelling(word: str) -> str:
    return "".join(without_accents(character) for character in word)


def _shape(word: str) -> str:
    if any(character.isdigit() for character in word):
        return "number"
    if not word[:1].isalpha():
        return "mark"
    return "capital" if word[:1].isupper() else "letters"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class CrfEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Marks each token as the beginning or inside of an entity, or outside."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._tagger: Any | None = None
        self._stored_model = b""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"max_iterations": 60, "L1_c": 0.05, "L2_c": 0.05}

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
    ) -> "CrfEntityExtractor":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_keywords: Any,
    ) -> "CrfEntityExtractor":
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            path = folder / MODEL_FILE
            if path.exists():
                # The tagger reads from these bytes without owning them: they must live as long as it does.
                component._stored_model = path.read_bytes()
                component._tagger = pycrfsuite.Tagger()
                component._tagger.open_inmemory(component._stored_model)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
        trainer.set_params(
            {
                "c1": self._config["L1_c"],
                "c2": self._config["L2_c"],
                "max_iterations": self._config["max_iterations"],
                "feature.possible_transitions": True,
            }
        )
        examples = [example for example in training_data.nlu_examples if _teaches(example)]
        with self._model_storage.write_to(self._resource) as folder:
            if any(example.get(ENTITIES) for example in examples):
                logger.info("learning entities from %d texts", len(examples))
                for example in examples:
                    tokens = example.get(TOKENS_NAMES[TEXT])
                    words = [token.text for token in tokens]
                    features = [token_features(words, index) for index in range(len(words))]
                    trainer.append(features, _tags(tokens, example.get(ENTITIES) or []))
                trainer.train(str(folder / MODEL_FILE))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            entities = self.add_extractor_name(list(self._entities(message)))
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Unchanged: no later component learns from predicted entities."""
        return training_data

    def _entities(self, message: Message) -> Iterator[dict[str, Any]]:
        text, tokens = message.get(TEXT), message.get(TOKENS_NAMES[TEXT]) or []
        if self._tagger is None or not tokens:
            return
        words = [token.text for token in tokens]
        tags = self._tagger.tag([token_features(words, index) for index in range(len(words))])
        for name, first, last in _spans(tags):
            confidences = [self._tagger.marginal(tags[index], index) for index in range(first, last + 1)]
            start, end = tokens[first].start, tokens[last].end
            yield {
                "entity": name,
                "start": start,
                "end": end,
                "value": text[start:end],
                "confidence_entity": min(confidences),
            }


def _tags(tokens: list[Token], entities: list[dict[str, Any]]) -> list[str]:
    """`B-medication`, `I-medication` or `O` for each token, from annotated character ranges."""
    tags = [OUTSIDE] * len(tokens)
    for entity in entities:
        covered = [
            index for index, token in enumerate(tokens) if token.start < entity["end"] and token.end > entity["start"]
        ]
        for position, index in enumerate(covered):
            tags[index] = f"{'I' if position else 'B'}-{entity['entity']}"
    return tags


def _spans(tags: list[str]) -> Iterator[tuple[str, int, int]]:
    """Entity name, first and last token of each run of tags."""
    first = 0
    while first < len(tags):
        if tags[first] == OUTSIDE:
            first += 1
            continue
        name = tags[first][2:]
        last = first
        while last + 1 < len(tags) and tags[last + 1] == f"I-{name}":
            last += 1
        yield name, first, last
        first = last + 1
