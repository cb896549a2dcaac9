"""Puts the project's training texts in the place of those that Rasa read.

Rasa copies, merges and hashes every example several times before the first component sees it: two minutes for fifty
thousand texts. So it is given two examples of each intent, for its own checks, and this component reads the rest.
"""

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.corpus import Example, data_folder, examples

# On a training message: the code of the language that it was written in.
LANGUAGE = "language"


class UnhashedTexts(TrainingData):
    """Rasa fingerprints all texts after each component, for a cache that a forced training never reads: 40 seconds."""

    def fingerprint(self) -> str:
        return str(id(self))


def training_data_of(messages: list[Message]) -> TrainingData:
    """Training data of just these: the constructor would hash each."""
    made = UnhashedTexts([])
    made.training_examples = messages
    return made


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class ProjectTexts(GraphComponent):
    """First in the pipeline. Does nothing to a message that is being answered."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "ProjectTexts":
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Raises CorpusInvalid."""
        found = training_data_of([_message(example) for example in examples(data_folder())])
        found.responses = training_data.responses
        return found

    def process(self, messages: list[Message]) -> list[Message]:
        return messages


def _message(example: Example) -> Message:
    fields: dict[str, Any] = {TEXT: example.text, INTENT: example.intent, LANGUAGE: example.language}
    if example.entities:
        fields[ENTITIES] = [
            {"start": start, "end": end, "value": example.text[start:end], "entity": entity}
            for start, end, entity in example.entities
        ]
    return Message(data=fields)
