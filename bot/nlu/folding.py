"""The same text as different keyboards write it: without accents, without capitals, without punctuation.

Only marks that people leave out are removed (accents of Latin, Greek and Cyrillic letters, Arabic and Hebrew
points). Vowel signs of Indic and South-East Asian scripts are part of the word and stay.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

# Letters that people type without their stroke or as two letters, and that Unicode does not decompose; letters of
# Arabic that are written in several ways; and one letter that would decompose, though nobody leaves its mark out.
TYPED_AS = {
    **{"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"},
    **{"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ة": "ه", "ى": "ي", "ـ": ""},
    "й": "й",
}
MANY_ACCENTS = 0.12  # of the letters
ALPHABETS_WITH_ACCENTS = ((0x00C0, 0x0530), (0x1E00, 0x2000))
OPTIONAL_MARKS = ((0x0300, 0x0370), (0x0591, 0x05C8), (0x064B, 0x0653), (0x0670, 0x0671))


@dataclass(frozen=True)
class FoldedText:
    """`offsets[i]` is where character `i` of the original begins in `text`; its last entry is the length."""

    text: str
    offsets: tuple[int, ...]


def canonical(text: str) -> str:
    """What the models read of a text: Unicode NFKC, lower case, no punctuation, single spaces."""
    spelled = unicodedata.normalize("NFKC", text).lower()
    return " ".join(spelled.translate(_UNPUNCTUATED).split())


def without_accents(character: str) -> str:
    """This one character in lower case and without its accent; "" for a mark that people leave out."""
    lowered = character.lower()
    if _within(ord(character), OPTIONAL_MARKS):
        return ""
    if lowered in TYPED_AS:
        return TYPED_AS[lowered]
    if not _within(ord(character), ALPHABETS_WITH_ACCENTS):
        return lowered
    decomposed = unicodedata.normalize("NFD", lowered)
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def without_punctuation(character: str) -> str:
    """A space for punctuation; nothing for what cannot be seen, such as joiners and marks of direction."""
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return " " if category.startswith("P") else character


def bare(text: str) -> str:
    """What the n-grams read: the canonical text without accents, as most people type it."""
    return canonical(text.translate(_FOLDED))


def has_many_accents(text: str) -> bool:
    """Whether accents carry much of the text, as in Vietnamese and not in French: without them it reads differently."""
    letters = [character for character in text.lower() if character.isalpha()]
    return sum(without_accents(letter) != letter for letter in letters) > MANY_ACCENTS * len(letters)


def fold(text: str) -> FoldedText:
    """The text without accents, capitals and punctuation, and where each character went."""
    pieces: list[str] = []
    offsets = [0]
    for character in text:
        piece = _FOLDED[ord(character)]
        pieces.append(piece)
        offsets.append(offsets[-1] + len(piece))
    return FoldedText(text="".join(pieces), offsets=tuple(offsets))


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code < last for first, last in ranges)


class _Table(dict[int, str]):
    """For `str.translate`: what each character becomes, worked out once. Texts are folded by the million."""

    def __init__(self, become: Callable[[str], str]) -> None:
        super().__init__()
        self._become = become

    def __missing__(self, code: int) -> str:
        self[code] = self._become(chr(code))
        return self[code]


def _folded(character: str) -> str:
    return "".join(map(without_punctuation, without_accents(character)))


_UNPUNCTUATED = _Table(without_punctuation)
_FOLDED = _Table(_folded)
