"""Splits any script into tokens that keep their place in the text."""

from typing import Any

import regex
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

# In order: one token per character in scripts that put no spaces between words; numbers with their separators
# (8:30, 12/05, 2.5); words with their hyphens; whatever else is visible (punctuation, emoji) by itself.
TOKEN = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]\p{M}*"
    r"|\p{N}+(?:[:/.,\-]\p{N}+)*"
    r"|[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*"
    r"|[^\s\p{L}\p{M}\p{N}]\p{M}*"
)


def split(text: str) -> list[tuple[str, int]]:
    """Tokens and where each starts. A text of nothing visible is one token, as Rasa expects at least one."""
    return [(match.group(), match.start()) for match in TOKEN.finditer(text)] or [(text, 0)]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class UnicodeTokenizer(Tokenizer):
    """Rasa's whitespace tokenizer makes one token of a Chinese or Thai sentence; this one does not."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        return [Token(text, start) for text, start in split(message.get(attribute))]
