"""In which language a person is answered."""

import pytest

from bot.conversation.language import LanguageChoice, choose_language
from bot.dialogue.client import LanguageGuess

ALL = ("en", "es", "zh-Hans", "vi", "ar", "fr", "pt-BR", "ru", "ko", "fil", "ht", "hi")


def choose(
    text: str, *guesses: tuple[str, float], preferred: str = "en", known: bool = True, heard: str | None = None
) -> LanguageChoice:
    return choose_language(
        text,
        [LanguageGuess(language=language, probability=probability) for language, probability in guesses],
        preferred=preferred,
        preference_known=known,
        heard=heard,
        languages=ALL,
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("привет", "ru"),
        ("약이 떨어졌어요", "ko"),
        ("我的药吃完了", "zh-Hans"),
        ("خلص الدواء", "ar"),
        ("दवा खत्म", "hi"),
    ],
)
def test_another_script_is_followed_at_once_without_any_model(text: str, language: str) -> None:
    assert choose(text) == LanguageChoice(language=language, settled=language)


def test_latin_letters_of_somebody_who_writes_another_script_need_a_sure_and_long_text() -> None:
    assert choose("ok", ("en", 0.9), preferred="ko").language == "ko"
    assert choose("please cancel my visit", ("en", 0.99), preferred="ko").settled == "en"
    assert choose("dawai kab leni hai mujhe", ("hi", 0.99), preferred="hi") == LanguageChoice(language="hi")


def test_one_message_is_not_enough_within_a_script_and_two_are() -> None:
    first = choose("necesito cambiar mi cita", ("es", 0.98))
    assert first == LanguageChoice(language="en", heard="es")
    second = choose("es que trabajo los lunes", ("es", 0.97), heard=first.heard)
    assert second == LanguageChoice(language="es", settled="es")


def test_a_message_of_ones_own_between_them_starts_again() -> None:
    assert choose("when is my next visit", ("en", 0.99), heard="es").heard is None


def test_a_short_text_changes_nothing_and_forgets_nothing() -> None:
    assert choose("gracias", ("es", 0.99), heard="es") == LanguageChoice(language="en", heard="es")


def test_an_unsure_guess_changes_nothing() -> None:
    assert choose("necesito refill de lisinopril", ("es", 0.7), ("en", 0.2)) == LanguageChoice(language="en")


def test_spanish_and_portuguese_are_never_exchanged_silently() -> None:
    choice = choose("quero mudar minha consulta", ("pt-BR", 0.97), preferred="es", heard="pt-BR")
    assert choice == LanguageChoice(language="es", ask=("es", "pt-BR"))


def test_somebody_we_do_not_know_is_followed_at_once() -> None:
    assert choose("cuándo es mi próxima cita", ("es", 0.98), known=False).settled == "es"


def test_a_language_that_is_not_ours_is_not_followed() -> None:
    assert choose("ウェブサイトはどこですか") == LanguageChoice(language="en")


def test_mixed_and_wordless_texts_change_nothing() -> None:
    assert choose("Dr. 김 appointment please, when") == LanguageChoice(language="en")
    assert choose("💊 10:30") == LanguageChoice(language="en")
