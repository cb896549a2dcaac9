"""One normal form of a text for phrase lists and keywords, the same for phrases and for what people type."""

import re
import unicodedata

# Letters of Arabic that are written in several ways, as bot/nlu/folding.py has them.
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ـ": ""})
_ARABIC_VOWELS = re.compile("[\u064b-\u0652\u0670]")
_APOSTROPHE = re.compile(r"['’ʼ`´]")


def normalise(text: str) -> str:
    """Case-folded, compatibility-normalised, without accents, apostrophes or punctuation, single spaces.

    Of combining marks go the accents of Latin, Greek and Cyrillic letters (U+0300 to U+036F) and the vowel points of
    Arabic, whose letters are also brought to one spelling: marks of Indic scripts are part of the word.
    """
    composed = unicodedata.normalize("NFKC", _APOSTROPHE.sub("", text))
    spelled = _ARABIC_VOWELS.sub("", composed).translate(_ARABIC)
    decomposed = unicodedata.normalize("NFKD", spelled.casefold())
    stripped = "".join(character for character in decomposed if not "\u0300" <= character <= "\u036f")
    words = "".join(map(_letter, unicodedata.normalize("NFC", stripped)))
    return " ".join(words.split())


def _letter(character: str) -> str:
    """Letters, digits and the marks that belong to them; nothing for joiners, a space for anything else."""
    if character.isalnum() or unicodedata.category(character).startswith("M"):
        return character
    return "" if unicodedata.category(character) == "Cf" else " "
