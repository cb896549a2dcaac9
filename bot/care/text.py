"""Texts made comparable: case and accents away, words apart."""

import re
import unicodedata


def fold(text: str) -> str:
    """Lower case without accents; scripts that need their marks keep their letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    """The folded words, digits left out."""
    return re.findall(r"[^\W\d_]+", fold(text))
