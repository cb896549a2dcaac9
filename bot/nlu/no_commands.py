"""A text from a person is never a command.

Rasa reads a text that begins with "/" as an intent and entities stated outright ("/affirm{...}"), on every
channel. Anyone who can send a text could then choose intents and fill entities, past the classifier.
"""

from typing import Any

from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler


def install() -> None:
    """Make Rasa's reader of such texts pass every message on unchanged."""

    def pass_on(_handler: RegexMessageHandler, messages: list[Any], domain: Any = None) -> list[Any]:
        return messages

    RegexMessageHandler.process = pass_on
