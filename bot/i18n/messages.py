"""A message as translators see it: a context, the English source, and a plural where it counts something.

`message` and `message_count` mark a source for extraction; see `locales/babel.cfg` for the command.
"""

import string
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Message:
    """`context` is gettext's msgctxt; `plural` is the English plural when `{count}` decides the form."""

    context: str
    english: str
    plural: str | None = None

    @property
    def placeholders(self) -> frozenset[str]:
        """The names that a translation has to keep. A singular may leave the count out, a plural never."""
        return placeholders(self.plural or self.english)


def message(context: str, english: str) -> Message:
    return Message(context=context, english=english)


def message_count(context: str, english: str, plural: str) -> Message:
    return Message(context=context, english=english, plural=plural)


def placeholders(text: str) -> frozenset[str]:
    """The names in braces. Raises ValueError for braces that str.format cannot read."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
