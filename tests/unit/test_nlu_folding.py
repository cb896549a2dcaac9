"""Texts as different keyboards write them."""

import pytest

from bot.nlu.folding import bare, canonical, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("¿Cuándo es mi próxima cita?", " cuando es mi proxima cita "),
        ("Tôi đau đầu", "toi dau dau"),
        ("STRASSE Straße", "strasse strasse"),
        ("Ёлка и йод", "елка и йод"),
        ("مَتَى", "متي"),
        ("الأدوية", "الادويه"),
        # Vowel signs of these scripts are part of the word.
        ("मेरी दवा", "मेरी दवा"),
        ("กินยา", "กินยา"),
        ("내 약", "내 약"),
        ("二甲双胍", "二甲双胍"),
        ("co-amoxiclav, 2.5 mg!", "co amoxiclav  2 5 mg "),
    ],
)
def test_accents_capitals_and_punctuation_go_and_words_stay(text: str, folded: str) -> None:
    assert fold(text).text == folded


@pytest.mark.parametrize("text", ["cuánta Straße metformina", "cua\u0301nta metformina", "đổi metformina"])
def test_offsets_lead_to_the_same_word(text: str) -> None:
    folded = fold(text)
    start = text.index("metformina")
    assert folded.text[folded.offsets[start] : folded.offsets[start + 10]] == "metformina"
    assert len(folded.offsets) == len(text) + 1
    assert folded.offsets[-1] == len(folded.text)


def test_one_spelling_of_the_same_text() -> None:
    assert canonical(" ¿ CUA\u0301NDO,\n es?") == "cuándo es"
    assert canonical("２ｍｇ") == "2mg"


def test_what_cannot_be_seen_is_not_read() -> None:
    assert canonical("am\u200dlo\u200bdi\u00adpine\u202c, \u200fplease") == "amlodipine please"
    assert bare("\u202ecan\u200d't") == "can t"
