"""Names that a misspelt word is near to, counted in single mistakes.

A mistake is a letter too many, missing, wrong or changed with its neighbour (optimal string alignment). Hangul is
compared by its letters, Han by its characters, the others as they are folded.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.care.drug_names import drugs_by_key
from bot.care.medicine_spelling import Script, forms, script_of, sounds

# From this length on one mistake, and two, leave a name recognisable. "ASA" is one letter from "casa".
ONE_MISTAKE = 5
TWO_MISTAKES = 8
# Characters of Han say more than letters: five of 阿托伐他汀 are its whole name.
ONE_MISTAKE_HAN = 4
TWO_MISTAKES_HAN = 8
# Nearest names are searched this far away, so that a second one that is hardly farther is seen too.
SEARCHED = 3


def mistakes_allowed(key: str) -> int:
    """So many mistakes may be in a name of this length."""
    length = len(sounds(key))
    if script_of(key) is Script.HAN:
        return int(length >= ONE_MISTAKE_HAN) + int(length >= TWO_MISTAKES_HAN)
    return int(length >= ONE_MISTAKE) + int(length >= TWO_MISTAKES)


class NearNames:
    """The names of one script each, ready to be compared."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._sounds: dict[Script, dict[str, str]] = defaultdict(dict)
        for key in keys:
            self._sounds[script_of(key)][key] = sounds(key)

    def near(self, word: str) -> dict[str, int]:
        """Mistakes by name, of names that are at most SEARCHED mistakes away; the best of the word's forms."""
        return merged(dict(self._near(form)) for form in forms(word))

    def _near(self, word: str) -> Iterator[tuple[str, int]]:
        heard = sounds(word)
        if len(heard) < 2:
            return
        reach = min(SEARCHED, len(heard) // 2)
        hits = process.extract(
            heard, self._sounds[script_of(word)], scorer=OSA.distance, score_cutoff=reach, limit=None
        )
        for _, mistakes, key in hits:
            yield key, int(mistakes)


@cache
def known_near_names() -> NearNames:
    return NearNames(drugs_by_key())


def merged(hits: Iterable[dict[str, int]]) -> dict[str, int]:
    """The fewest mistakes by name, of several ways to read one stretch."""
    best: dict[str, int] = {}
    for hit in hits:
        for key, mistakes in hit.items():
            best[key] = min(mistakes, best.get(key, mistakes))
    return best
