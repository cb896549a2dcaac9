"""The reply is in the language of the person, in one that the clinic has released, or explains itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.dialogue.client import LanguageGuess
from bot.records import Conversation
from tests.support.cast import AMINA, Cast
from tests.support.clinic import Clinic, settings_in

SPANISH = (LanguageGuess(language="es", probability=0.99),)


def language(clinic: Clinic) -> str:
    with clinic.parts.database.read() as session:
        return session.scalars(select(Conversation.language)).one()


def test_amina_is_followed_into_another_language_at_her_second_message(clinic: Clinic, cast: Cast) -> None:
    greeting = {"utterance": "greet", "params": {}}
    clinic.rasa.languages = SPANISH
    for text in ("hola, necesito ayuda con mi cita", "es que trabajo los lunes"):
        clinic.rasa.understands(text, "greet", greeting)
    assert clinic.text(AMINA, "hola, necesito ayuda con mi cita")[0].startswith("Hello")
    assert clinic.text(AMINA, "es que trabajo los lunes")[0].startswith("Hola")
    assert language(clinic) == "es"


def test_another_script_is_answered_at_once(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.understands("привет", "greet", {"utterance": "greet", "params": {}})
    assert "Riverside Clinic" in clinic.text(AMINA, "привет")[0]
    assert language(clinic) == "ru"


def test_a_language_is_asked_for_by_name(clinic: Clinic, cast: Cast) -> None:
    assert clinic.text(AMINA, "español por favor") == ["Desde ahora le escribiré en español."]
    clinic.text(AMINA, "中文")
    assert language(clinic) == "zh-Hans"


@pytest.mark.parametrize("text", ["could all of this come in spanish from now on", "my english is bad, only spanish"])
def test_a_longer_request_for_one_language_is_followed_at_once(clinic: Clinic, cast: Cast, text: str) -> None:
    clinic.rasa.understands(text, "change_language", {"effect": "change_language"})
    assert clinic.text(AMINA, text) == ["Desde ahora le escribiré en español."]
    assert language(clinic) == "es"


def test_a_request_written_in_the_language_itself_needs_no_choice(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.understands("हिंदी में जवाब दीजिए", "change_language", {"effect": "change_language"})
    assert clinic.text(AMINA, "हिंदी में जवाब दीजिए") == ["अब से आपको मैसेज हिन्दी में मिलेंगे।"]
    assert language(clinic) == "hi"


@pytest.mark.parametrize("text", ["is another language possible", "french or spanish, both are fine", "keep english"])
def test_a_request_without_one_new_language_is_asked_which(clinic: Clinic, cast: Cast, text: str) -> None:
    clinic.rasa.understands(text, "change_language", {"effect": "change_language"})
    assert "1 English" in clinic.text(AMINA, text)[0]
    assert language(clinic) == "en"


@pytest.fixture
def english_only(database_url: str, tmp_path: Path) -> Iterator[Clinic]:
    clinic = Clinic(settings_in(tmp_path, database_url, NORTHSTAR_LANGUAGES="en"))
    yield clinic
    clinic.close()


def test_a_language_that_is_not_released_is_answered_in_english_with_one_offer(english_only: Clinic) -> None:
    english_only.cast()
    english_only.rasa.understands("привет", "greet", {"utterance": "greet", "params": {}})
    (first,) = english_only.text(AMINA, "привет")
    assert first.splitlines() == [
        "This assistant does not write Русский yet, so I answer in English. Riverside Clinic can get you an "
        "interpreter at no cost. To ask for one, write: interpreter",
        "Hello, this is the automatic assistant of Riverside Clinic. How can I help you?",
    ]
    (second,) = english_only.text(AMINA, "привет")
    assert len(second.splitlines()) == 1
    assert language(english_only) == "ru"


def test_in_danger_the_offer_comes_after_what_to_do(english_only: Clinic) -> None:
    english_only.cast()
    (answer,) = english_only.text(AMINA, "не могу дышать")
    assert answer.splitlines()[0].startswith("If this is happening now, call 911.")
    assert "interpreter" in answer.splitlines()[-1]
