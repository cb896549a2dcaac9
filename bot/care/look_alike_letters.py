"""Letters that look like others: a name with a Cyrillic or Greek letter in it is read as what it shows.

A short table on purpose. The package confusable-homoglyphs (MIT) finds such letters and does not replace them, and
Unicode's own skeletons (UTS 39) make "rn" of "m", which is no spelling of a name.
"""

from collections.abc import Mapping

from bot.care.medicine_spelling import Script, scripts_of

# Small letters (texts are folded first) that cannot be told from the Latin letter in common typefaces, some of them
# as capitals only.
_CYRILLIC_AS_LATIN = dict(zip("авеѕіјкмноԛрстухԝһԁьӏгпи", "abesijkmhoqpctyxwhdblrnu", strict=True))
_GREEK_AS_LATIN = dict(zip("αβγεζηικμνορτυχωσλ", "abyeznikmvoptuxwol", strict=True))
# Greek letters whose capital shows another letter than the small one.
_GREEK_CAPITALS = {"ν": "n", "η": "h", "υ": "y"}
_LATIN_AS_CYRILLIC = dict(zip("abcehkmnoprtuxy", "авсенкмпоргтиху", strict=True))
_DIGIT_AS_LETTER = {"0": "o", "1": "l", "3": "e", "5": "s"}
_ALPHABETS = frozenset((Script.LATIN, Script.CYRILLIC, Script.GREEK))
# Units ("50 µg") mix alphabets too.
_SHORTEST_NAME = 4


def is_mixed(word: str) -> bool:
    """True for a word of letters from more than one alphabet, as no language writes it."""
    return sum(map(str.isalpha, word)) >= _SHORTEST_NAME and len(scripts_of(word)) > 1


def readings(word: str) -> set[str]:
    """What the word shows, in Latin and in Cyrillic letters; empty when it shows only itself."""
    found: set[str] = set()
    for greek in (_GREEK_AS_LATIN, _GREEK_AS_LATIN | _GREEK_CAPITALS):
        as_latin = _translated(word, _CYRILLIC_AS_LATIN | greek)
        found |= {as_latin, *_with_letters_for_digits(as_latin)}
    if Script.CYRILLIC in scripts_of(word):
        found.add(_translated(word, _LATIN_AS_CYRILLIC))
    return {reading for reading in found if reading != word and len(scripts_of(reading) & _ALPHABETS) == 1}


def _translated(word: str, letters: Mapping[str, str]) -> str:
    return "".join(letters.get(letter, letter) for letter in word)


def _with_letters_for_digits(word: str) -> set[str]:
    """A digit inside of a word as the letter that it looks like; digits around it are its strength."""
    core = word.strip("0123456789")
    if core.isalpha():
        return set()
    once = _translated(core, _DIGIT_AS_LETTER)
    return {once, _translated(core, _DIGIT_AS_LETTER | {"1": "i"})}
