"""The English that patients read stays at grade 6 or below (Flesch and Kincaid, 1975)."""

import re

import pyphen
import pytest
from babel.messages.pofile import read_po

from bot.settings import CHECKOUT

GRADE = 6.0
# The formula means nothing for a few words ("injected under the skin").
LEAST_WORDS = 8
# Names, dates and numbers are no hard words, however long.
IN_A_GAP = "Monday"
HYPHENS = pyphen.Pyphen(lang="en_US")


def messages() -> list[str]:
    with (CHECKOUT / "locales" / "es" / "LC_MESSAGES" / "patient.po").open("rb") as file:
        catalog = read_po(file)
    # Of a plural the form for many.
    sources = [message.id if isinstance(message.id, str) else message.id[-1] for message in catalog if message.id]
    return [re.sub(r"\{[^}]*\}", IN_A_GAP, source) for source in sources]


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z]+(?:'[a-z]+)?", text)


def syllables(word: str) -> int:
    """Hyphenation leaves syllables of one letter together, so the groups of vowels are counted as well."""
    groups = len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))
    return max(len(HYPHENS.positions(word)) + 1, groups)


def grade(text: str) -> float:
    sentences = [part for part in re.split(r"[.!?:\n]+", text) if words(part)]
    counted = words(text)
    return 0.39 * len(counted) / len(sentences) + 11.8 * sum(map(syllables, counted)) / len(counted) - 15.59


def test_a_hard_sentence_is_found_hard() -> None:
    assert grade("Discontinuation of anticoagulation therapy necessitates immediate consultation.") > GRADE
    assert grade("Please call us. We will help you.") < GRADE


def test_what_patients_read_as_a_whole() -> None:
    assert grade(" ".join(f"{text}." for text in messages())) <= GRADE


@pytest.mark.parametrize("text", [text for text in messages() if len(words(text)) >= LEAST_WORDS])
def test_each_longer_message(text: str) -> None:
    assert grade(text) <= GRADE
