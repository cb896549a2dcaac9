"""Reads misspelt words as the nearest word that the training texts know, one slip away.

Used for a second reading beside the text as it stands, never in its place: a right word that we do not know would be
lost otherwise. Measured on held-out texts with slips in 8 % of their letters: macro-F1 rises by .08 to .10.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from bot.nlu.folding import bare, canonical

FILE = "spelling.json"
SHORTEST_WORD = 4
# Scripts of syllables or characters have too many neighbours of each word for one slip to tell.
LARGEST_ALPHABET = 120
# Nobody's words are longer, and the neighbours of a word grow with its length.
LONGEST_WORD = 24


class Written(Protocol):
    """A text and the code of its language."""

    @property
    def text(self) -> str: ...

    @property
    def language(self) -> str: ...


class Speller:
    """The words of each language with how often they were seen."""

    def __init__(self, words: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self._words = words or {}
        self._alphabets = {
            language: "".join(sorted({letter for word in words for letter in word}))
            for language, words in self._words.items()
        }
        self._bare = {language: frozenset(map(bare, words)) for language, words in self._words.items()}

    @classmethod
    def learn(cls, texts: Iterable[Written]) -> "Speller":
        words: dict[str, Counter[str]] = {}
        for text in texts:
            words.setdefault(text.language, Counter()).update(canonical(text.text).split())
        return cls(words)

    def correct(self, text: str, language: str) -> str:
        """The canonical text with unknown words read as known ones; the same where there is nothing to correct."""
        words, alphabet = self._words.get(language, {}), self._alphabets.get(language, "")
        if len(alphabet) > LARGEST_ALPHABET:
            return canonical(text)
        return " ".join(self._nearest(word, words, alphabet) for word in canonical(text).split())

    def reads(self, text: str, language: str) -> bool:
        """Whether each word is known, also without its accents, or has a known one near.

        True as well for what is no word of letters, and in languages whose words cannot be told.
        """
        words, alphabet = self._words.get(language, {}), self._alphabets.get(language, "")
        if not words or len(alphabet) > LARGEST_ALPHABET:
            return True
        return all(
            word in words
            or bare(word) in self._bare[language]
            or not _is_of_letters(word)
            or any(near in words for near in _one_slip(word, alphabet))
            for word in canonical(text).split()
        )

    def store(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(self._words, ensure_ascii=False), "utf-8")

    @classmethod
    def restore(cls, folder: Path) -> "Speller":
        return cls(json.loads((folder / FILE).read_text("utf-8")))

    def _nearest(self, word: str, words: Mapping[str, int], alphabet: str) -> str:
        if word in words or not SHORTEST_WORD <= len(word) <= LONGEST_WORD or not word.isalpha():
            return word
        return max((near for near in _one_slip(word, alphabet) if near in words), key=words.__getitem__, default=word)


def _is_of_letters(word: str) -> bool:
    return all(letter.isalpha() or unicodedata.category(letter).startswith("M") for letter in word)


def _one_slip(word: str, alphabet: str) -> Iterator[str]:
    """Every text that differs by one letter left out, put in, replaced or swapped with the next."""
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in alphabet:
            yield before + letter + after
            if after:
                yield before + letter + after[1:]
