"""Where in a text names stand: whole words, words written apart or together, and inside of Han and Hangul."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from bot.care.drug_names import Written
from bot.care.look_alike_letters import readings
from bot.care.medicine_spelling import UNSPACED, Script, forms, script_of, words_in

# No name has more words.
LONGEST = 5
# Each part of a one-word name that is written apart has at least these letters: "lisino pril".
PART = 3
# Shorter Hangul names count at the beginning of a word only: two syllables also stand inside of other words.
HANGUL_ANYWHERE = 4


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` (exclusive) of the words without spaces; `keys` are the names that they show."""

    start: int
    end: int
    keys: frozenset[str]


class Text:
    """The words of a text, and the same without spaces."""

    def __init__(self, text: str) -> None:
        self.words = words_in(text)
        self.squeezed = "".join(self.words)
        self.starts = list(accumulate(map(len, self.words), initial=0))
        self._edges = frozenset(self.starts)

    def begins_word(self, at: int) -> bool:
        return at in self._edges


class NameIndex:
    """Names to be found exactly: `words` by how many words they have, `unspaced` those of Han and Hangul."""

    def __init__(self, names: Iterable[Written]) -> None:
        self._words: dict[str, int] = {}
        self._unspaced: list[str] = []
        for name in names:
            if not name.key:
                continue
            self._words[name.key] = max(name.words, self._words.get(name.key, 0))
            if script_of(name.key) in UNSPACED:
                self._unspaced.append(name.key)

    def find(self, text: Text) -> Iterator[Span]:
        """Every place of every name, also one inside of another."""
        yield from self._in_words(text)
        yield from self._inside(text)

    def _in_words(self, text: Text) -> Iterator[Span]:
        for first in range(len(text.words)):
            for size in range(1, min(LONGEST, len(text.words) - first) + 1):
                parts = text.words[first : first + size]
                if keys := frozenset(self._shown(parts)):
                    yield Span(text.starts[first], text.starts[first + size], keys)

    def _shown(self, parts: list[str]) -> Iterator[str]:
        if len(parts) == 1:
            [word] = parts
            exact = [form for form in forms(word) if form in self._words]
            yield from exact[:1] or self._as_look_alike(word)
        elif self._may_be_apart("".join(parts), parts):
            yield "".join(parts)

    def _as_look_alike(self, word: str) -> Iterator[str]:
        for reading in readings(word):
            yield from [form for form in forms(reading) if form in self._words][:1]

    def _may_be_apart(self, key: str, parts: list[str]) -> bool:
        words = self._words.get(key, 0)
        return words >= len(parts) or (words > 0 and min(map(len, parts)) >= PART)

    def _inside(self, text: Text) -> Iterator[Span]:
        for key in self._unspaced:
            at = text.squeezed.find(key)
            while at >= 0:
                if self._may_begin(key, text, at):
                    yield Span(at, at + len(key), frozenset([key]))
                at = text.squeezed.find(key, at + 1)

    @staticmethod
    def _may_begin(key: str, text: Text, at: int) -> bool:
        if script_of(key[-1]) not in UNSPACED and not text.begins_word(at + len(key)):
            return False
        long_enough = script_of(key) is Script.HAN or len(key) >= HANGUL_ANYWHERE
        return long_enough or text.begins_word(at)


def longest(spans: Iterable[Span]) -> list[Span]:
    """The longest names of each stretch of the text, in its order, none over another."""
    keys: dict[tuple[int, int], frozenset[str]] = {}
    for span in spans:
        keys[span.start, span.end] = keys.get((span.start, span.end), frozenset()) | span.keys
    taken: list[Span] = []
    for start, end in sorted(keys, key=lambda place: (place[0] - place[1], place[0])):
        if all(end <= other.start or other.end <= start for other in taken):
            taken.append(Span(start, end, keys[start, end]))
    return sorted(taken, key=lambda span: span.start)


def without_salts(spans: list[Span], is_salt: Callable[[str], bool]) -> list[Span]:
    """Without names that are only the salt of the one right before them: "losartan potassium"."""
    ends = {span.end for span in spans}
    return [span for span in spans if not (span.start in ends and any(map(is_salt, span.keys)))]
