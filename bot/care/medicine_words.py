"""Words by which people speak of a medicine without its name, from medicine_words.yml."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from bot.care.medicine_spelling import HAN, HANGUL, UNSPACED, VOWEL_SIGNS, fold_name, script_of
from bot.yaml_file import read_yaml

MEDICINE_WORDS = Path(__file__).with_name("medicine_words.yml")
_LETTER = f"[\\w{VOWEL_SIGNS}]"
# Han and Hangul begin a word of their own: "bp약".
_SAME_WORD = f"(?![{HAN}{HANGUL}]){_LETTER}"
_ARABIC_ARTICLE = "(?:[وفبكل]?ال|[وف]?لل|[وفبل])?"


def names_no_medicine(word: str) -> bool:
    """True for a folded word that means any medicine, or points at one."""
    return bool(_generic().fullmatch(word))


def is_ordinary(word: str) -> bool:
    """True for a folded word that may look like a misspelt name and is none."""
    return bool(ordinary_words().fullmatch(word))


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(MEDICINE_WORDS)
    return found


def all_languages(by_language: dict[str, list[str]]) -> Iterator[str]:
    for words in by_language.values():
        yield from words


def pattern_of(terms: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the terms in a folded text, the longest first; a star at the end stands for any ending."""
    folded = sorted({fold_name(term) for term in terms}, key=len, reverse=True)
    unspaced = [_term(term) for term in folded if script_of(term) in UNSPACED]
    spaced = [_term(term) for term in folded if script_of(term) not in UNSPACED]
    whole_words = [f"(?<!{_LETTER}){_ARABIC_ARTICLE}(?:{'|'.join(spaced)})(?!{_SAME_WORD})"] if spaced else []
    return re.compile("|".join([*unspaced, *whole_words]) or "(?!)")


def _term(term: str) -> str:
    stem = term.removesuffix("*")
    return re.escape(stem).replace(r"\ ", r"\s+") + ("" if stem == term else f"{_LETTER}*")


@cache
def medicine_pattern() -> re.Pattern[str]:
    return pattern_of(all_languages(document()["medicine"]))


@cache
def ordinary_words() -> re.Pattern[str]:
    """Words for any medicine, words that point, words of purposes, and others that look like a name."""
    about = [word for purpose in document()["purposes"].values() for word in all_languages(purpose["about"])]
    generic = [*all_languages(document()["medicine"]), *all_languages(document()["pointing"])]
    return pattern_of([*document()["not_a_name"], *generic, *about])


@cache
def _generic() -> re.Pattern[str]:
    return pattern_of([*all_languages(document()["medicine"]), *all_languages(document()["pointing"])])
