"""One normal form of a text for phrase lists and keywords, the same for phrases and for what people type."""

import re
import unicodedata

_GAP = re.compile(r"[^\w]+")
_APOSTROPHE = re.compile(r"['’ʼ`´]")


def normalise(text: str) -> str:
    """Case-folded, compatibility-normalised, without accents, apostrophes or punctuation, single spaces.

    Only the combining accents of Latin, Greek and Cyrillic letters (U+0300 to U+036F) go: marks of Indic and
    Arabic scripts are part of the word.
    """
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    stripped = "".join(
        character for character in decomposed if not "\u0300" <= character <= "\u036f" and character != "\u200d"
    )
    return _GAP.sub(" ", _APOSTROPHE.sub("", unicodedata.normalize("NFC", stripped))).strip()
