"""One spelling for what people type and for the words that it is compared with."""

import re
import unicodedata
from dataclasses import dataclass

# Longer texts are stories, not answers to "which days would suit you?"; they also bound the work of reading.
MOST_CHARACTERS = 2_000

# Letters that are written in several ways: Arabic alif, ta and ya, Persian ya and kaf, Devanagari nasals, barred d.
_LETTERS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ـ": "", "ँ": "ं", "़": ""}
)
_ARABIC_VOWELS = re.compile("[\u064b-\u0652\u0670]")
_APOSTROPHES = re.compile(r"['’‘ʼ`´]")
_INITIALS = re.compile(r"\b([^\W\d_])\. ?([^\W\d_])\b\.?")
_ABBREVIATION = re.compile(r"(?<=[^\W\d_])\.(?= ?\d)")
# Not "14h-16h", where it stands between two times.
_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})[-‐‑](?=[^\W_])")
# "dec/3", "3/dec/2026".
_SLASH_BESIDE_WORD = re.compile(r"(?<=[^\W\d_])/(?=\d)|(?<=\d)/(?=[^\W\d_]{2})")
_SPACE_BESIDE_SCRIPT = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


@dataclass(frozen=True)
class Folded:
    """Two forms of one text, of the same length: with its accents, and without them."""

    accented: str
    plain: str


def fold(text: str, *, spaces: bool = True) -> Folded:
    """Case, width, digits of other scripts, invisible characters and spellings of one letter no longer matter.

    `spaces`: false for languages written without them, whose spaces are then dropped. Cut at MOST_CHARACTERS.
    """
    text = "".join(_visible(character) for character in text[:MOST_CHARACTERS])
    text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFC", _ARABIC_VOWELS.sub("", text)).translate(_LETTERS)
    text = "".join(_ascii_digit(character) for character in text if not "\u0300" <= character <= "\u036f")
    text = _HYPHEN.sub(" ", _ABBREVIATION.sub("", _INITIALS.sub(r"\1\2", _APOSTROPHES.sub(" ", text))))
    text = _SLASH_BESIDE_WORD.sub(" ", text)
    text = re.sub(r"[^\S\n]+", " ", text).strip()[:MOST_CHARACTERS]
    if not spaces:
        text = _SPACE_BESIDE_SCRIPT.sub("", text)
    return Folded(accented=text, plain="".join(map(_plain, text)))


def is_letter(character: str) -> bool:
    """Letters and the marks that belong to them, which Python's \\w leaves out for Indic scripts."""
    return character.isalpha() or unicodedata.category(character).startswith("M")


def _visible(character: str) -> str:
    return "" if unicodedata.category(character) in ("Cf", "Cs") else character


def _ascii_digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character


def _plain(character: str) -> str:
    if character == "đ":
        return "d"
    base = "".join(mark for mark in unicodedata.normalize("NFD", character) if not "\u0300" <= mark <= "\u036f")
    return base if len(base) == 1 else character
