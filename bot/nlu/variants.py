"""Adds copies of training texts as people in a hurry type them: without accents, with slips of the thumb.

Copies are never stored. Measured on public sets: unaccented Vietnamese falls from .94 to .32 unless training has such
copies. A copy teaches n-grams; it gets an embedding of its own only where the accents carry much of the text, since
embeddings are what training takes its time for and hardly differ otherwise. Other copies share their original's.
"""

import random
import zlib
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.folding import FoldedText, canonical, fold, has_many_accents
from bot.nlu.project_texts import LANGUAGE, training_data_of

# On a copy: the text that it is a copy of, and whether it has an embedding of its own.
COPY_OF = "copy_of"
EMBEDDED = "embedded"
SLIPS = 0.08  # of the letters
# One text in so many also gets a copy with slips.
SLIPS_ONE_IN = 3


def unaccented(text: str) -> FoldedText | None:
    """The text without accents, unless it has none. Capitals and punctuation no model reads anyway."""
    variant = fold(text)
    return None if canonical(variant.text) == canonical(text) else variant


def with_slips(text: str) -> str:
    """The text with letters left out, doubled, swapped or replaced by another of its own; always the same slips."""
    chance = random.Random(f"copy:{text}")  # noqa: S311 - the same copy at every training
    letters = [character for character in text if character.isalpha()]
    typed = list(text)
    for place, character in enumerate(text):
        if not character.isalpha() or chance.random() >= SLIPS:
            continue
        match chance.choice(("omit", "double", "swap", "replace")):
            case "omit":
                typed[place] = ""
            case "double":
                typed[place] = character * 2
            case "replace":
                typed[place] = chance.choice(letters)
            case _ if place:
                typed[place - 1], typed[place] = typed[place], typed[place - 1]
    return "".join(typed)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class TypingVariants(GraphComponent):
    """First in the pipeline. Does nothing to a message that is being answered."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "TypingVariants":
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        examples = [example for example in training_data.nlu_examples if example.get(TEXT)]
        copies = [_bare(example, variant) for example in examples if (variant := unaccented(example.get(TEXT)))]
        copies += [_slipped(example) for example in examples if _gets_slips(example.get(TEXT))]
        return training_data_of([*training_data.nlu_examples, *copies])

    def process(self, messages: list[Message]) -> list[Message]:
        return messages


def _bare(example: Message, variant: FoldedText) -> Message:
    text = example.get(TEXT)
    fields = _fields(example, variant.text, embedded=has_many_accents(text))
    entities = []
    for entity in example.get(ENTITIES) or []:
        start, end = variant.offsets[entity["start"]], variant.offsets[entity["end"]]
        entities.append({**entity, "start": start, "end": end, "value": variant.text[start:end]})
    if entities:
        fields[ENTITIES] = entities
    return Message(data=fields)


def _slipped(example: Message) -> Message:
    return Message(data=_fields(example, with_slips(example.get(TEXT)), embedded=False))


def _fields(example: Message, text: str, *, embedded: bool) -> dict[str, Any]:
    own = {field: example.get(field) for field in (INTENT, LANGUAGE)}
    return {**own, TEXT: text, COPY_OF: example.get(TEXT), EMBEDDED: embedded}


def _gets_slips(text: str) -> bool:
    return zlib.crc32(text.encode()) % SLIPS_ONE_IN == 0 and with_slips(text).strip() not in ("", text)
