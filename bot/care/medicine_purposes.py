"""What a medicine is asked for by: "the pill for my sugar", 血压药. Compared with the reasons on the record."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.care.medications import Medicine
from bot.care.medicine_spelling import fold_name
from bot.care.medicine_words import all_languages, document, medicine_pattern, pattern_of

# Words that may stand between: "the pill that I have to take for my sugar", "बीपी के लिए दवा".
WORDS_BETWEEN = 6
# Han and Hangul are counted in characters: 治高血压的药.
CHARACTERS_BETWEEN = 6
_SENTENCE_END = re.compile(r"[.!?;…\n。！？；،؟।]")
_UNSPACED = re.compile("[\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True)
class Purpose:
    """`about` counts beside a word for a medicine, `whole` by itself, `recorded` in the reason on the record."""

    name: str
    about: re.Pattern[str]
    whole: re.Pattern[str]
    recorded: re.Pattern[str]


def asked_purposes(text: str) -> frozenset[str]:
    """The purposes by which the text speaks of a medicine; empty when it speaks of none in that way."""
    folded = _not_a_purpose().sub(" . ", fold_name(text))
    medicines = [match.span() for match in medicine_pattern().finditer(folded)]
    return frozenset(each.name for each in _purposes() if _is_asked(folded, each, medicines))


def recorded_purposes(medicine: Medicine) -> frozenset[str]:
    """The purposes in the clinician's words, in whatever languages they were written."""
    words = fold_name("\n".join((medicine.purpose or {}).values()))
    return frozenset(each.name for each in _purposes() if each.recorded.search(words))


def _is_asked(text: str, purpose: Purpose, medicines: list[tuple[int, int]]) -> bool:
    if purpose.whole.search(text):
        return True
    abouts = [match.span() for match in purpose.about.finditer(text)]
    return any(_belong_together(text, about, medicine) for about in abouts for medicine in medicines)


def _belong_together(text: str, about: tuple[int, int], medicine: tuple[int, int]) -> bool:
    if about[1] <= medicine[0]:
        return _is_near(text[about[1] : medicine[0]], comes_first=True)
    return medicine[1] <= about[0] and _is_near(text[medicine[1] : about[0]], comes_first=False)


def _is_near(between: str, *, comes_first: bool) -> bool:
    """Whether a purpose belongs to a medicine with this between them; `comes_first`: "sugar pill"."""
    if _SENTENCE_END.search(between):
        return False
    if _UNSPACED.search(between):
        return len(between.replace(" ", "")) <= CHARACTERS_BETWEEN
    words = between.split()
    return not words or (len(words) <= WORDS_BETWEEN and _joins(between, comes_first=comes_first))


def _joins(between: str, *, comes_first: bool) -> bool:
    pattern = _behind_purpose() if comes_first else _linkers()
    return bool(pattern.search(between))


@cache
def _linkers() -> re.Pattern[str]:
    return pattern_of(document()["linkers"])


@cache
def _behind_purpose() -> re.Pattern[str]:
    return pattern_of(document()["behind_purpose"])


@cache
def _not_a_purpose() -> re.Pattern[str]:
    return pattern_of(document()["not_a_purpose"])


@cache
def _purposes() -> tuple[Purpose, ...]:
    return tuple(_purpose(name, words) for name, words in document()["purposes"].items())


def _purpose(name: str, words: dict[str, Any]) -> Purpose:
    about, whole = (list(all_languages(words[part])) for part in ("about", "whole"))
    recorded = [*about, *whole, *words.get("recorded", [])]
    return Purpose(name, pattern_of(about), pattern_of(whole), pattern_of(recorded))
