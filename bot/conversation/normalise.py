"""One normal form of a text for phrase lists and keywords, the same for phrases and for what people type."""

import re
import unicodedata

_APOSTROPHE = re.compile(r"['’ʼ`´]")


def normalise(text: str) -> str:
    """Case-folded, compatibility-normalised, without accents, apostrophes or punctuation, single spaces.

    Only the combining accents of Latin, Greek and Cyrillic letters (U+0300 to U+036F) go: marks of Indic and
    Arabic scripts are part of the word.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", _APOSTROPHE.sub("", text)).casefold())
    stripped = "".join(character for character in decomposed if not "\u0300" <= character <= "\u036f")
    words = "".join(map(_letter, unicodedata.normalize("NFC", stripped)))
    return " ".join(words.split())


def _letter(character: str) -> str:
    """Letters, digits and the marks that belong to them; nothing for joiners, a space for anything else."""
    if character.isalnum() or unicodedata.category(character).startswith("M"):
        return character
    return "" if unicodedata.category(character) == "Cf" else " "
