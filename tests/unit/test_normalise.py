"""One normal form for phrase lists and for what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.normalise import normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  I CAN'T   breathe!! ", "i cant breathe"),
        ("I can’t breathe", "i cant breathe"),
        ("Ya me la TOMÉ.", "ya me la tome"),
        ("ＳＴＯＰ", "stop"),
        ("straße", "strasse"),
        ("ñandú", "nandu"),
        ("👍", ""),
        ("", ""),
    ],
)
def test_case_accents_width_and_punctuation_do_not_matter(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text(max_size=60))
def test_doing_it_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
