import pytest

from tests.evaluate.spellings import mistyped, unaccented


def test_accents_go_and_vowel_signs_of_other_scripts_stay() -> None:
    assert unaccented("¿Cuándo es mi próxima cita?") == "¿cuando es mi proxima cita?"
    assert unaccented("नमस्ते") == "नमस्ते"


def test_a_text_always_gets_the_same_slips() -> None:
    text = "when is my next appointment with the doctor please tell me the day and the hour"

    assert mistyped(text) == mistyped(text) != text


@pytest.mark.parametrize("text", ["?", "1", "8:30", "", "k"])
def test_a_text_without_letters_to_miss_is_sent_as_it_is_and_none_is_lost(text: str) -> None:
    assert bool(mistyped(text)) is bool(text)
    if not any(map(str.isalpha, text)):
        assert mistyped(text) == text


def test_about_one_letter_in_twelve_is_mistyped() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    texts = [mistyped(f"{number} {alphabet}") for number in range(400)]
    # Two of the four slips, leaving out and replacing, take a letter away.
    missing = sum(letter not in text for text in texts for letter in alphabet)

    assert missing / (len(alphabet) * len(texts)) == pytest.approx(0.04, abs=0.006)
