"""What a person receives: parameters in their language, and never more than their contact may show."""

from typing import Any

import pytest

from bot.domain.enums import Disclosure
from bot.i18n.catalogs import Catalogs
from bot.i18n.errors import BadParameter, UnknownUtterance
from bot.i18n.render import Words

DEFAULTS = {"clinic": "Riverside Clinic", "url": "https://riverside.example/chat", "nurse_line": "+15550100399"}
WORDS = Words(Catalogs.load(), defaults=DEFAULTS)
FULL, MINIMUM, GENERIC = Disclosure.FULL, Disclosure.MINIMUM, Disclosure.GENERIC

START = {"at": "2026-11-26T15:30:00Z", "time_zone": "America/New_York"}
ONE_O_CLOCK = {"at": "2026-11-26T18:05:00Z", "time_zone": "America/New_York"}
TWICE = [
    {
        "text": "Take 1 tablet twice a day",
        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
    }
]
REMINDER = {"start": START, "practitioner": "Dr. Asha Nair", "location": "Riverside Kidney Center"}
DOSES = {"items": [["medication_line", {"name": "metformin 500 mg", "dosage": TWICE}]]}


def text(key: str, language: str, level: Disclosure = FULL, **params: Any) -> str:
    return WORDS.render(key, params, language, level).text


@pytest.mark.parametrize(
    ("key", "params", "english", "spanish"),
    [
        (
            "handoff",
            {"due": START},
            "I have passed your message to a person at Riverside Clinic. They will answer you here by "
            "Thursday, November 26 at 10:30 AM.",
            "Le pasé su mensaje a una persona de Riverside Clinic. Le responderá por aquí a más tardar el "
            "jueves 26 de noviembre a las 10:30 a.m.",
        ),
        (
            "answer_will_come",
            {"start": ONE_O_CLOCK},
            "Thank you. We look forward to seeing you on Thursday, November 26 at 1:05 PM.",
            "Gracias. Le esperamos el jueves 26 de noviembre a la 1:05 p.m.",
        ),
        (
            "appointment_where",
            {
                "location": "Riverside Clinic",
                "address": "48 Harbor Street",
                "floor": {"en": "second floor", "es": "segundo piso"},
                "directions": {"fr": "Entrez par Harbor Street."},
            },
            "The next visit is here:\nRiverside Clinic\n48 Harbor Street\nsecond floor\n"
            "Entrez par Harbor Street. (in French)",
            "La próxima cita es aquí:\nRiverside Clinic\n48 Harbor Street\nsegundo piso\n"
            "Entrez par Harbor Street. (en francés)",
        ),
        (
            "appointment_where",
            {"location": "Riverside Clinic", "address": "48 Harbor Street", "floor": {}, "directions": {"en": "Left."}},
            "The next visit is here:\nRiverside Clinic\n48 Harbor Street\nLeft.",
            "La próxima cita es aquí:\nRiverside Clinic\n48 Harbor Street\nLeft. (en inglés)",
        ),
        (
            "about_whom",
            {"choices": ["Amina", "Robert"]},
            "Whom is this about? Reply with the number: 1 Amina, 2 Robert",
            "¿De quién se trata? Responda con el número: 1 Amina, 2 Robert",
        ),
        (
            "choose_again",
            {"digits": ["1", "2"]},
            "Please reply with 1 or 2. To reach a person, write: person",
            "Por favor, responda 1 o 2. Para hablar con una persona, escriba: persona",
        ),
        (
            "help",
            {"phone": "+15550100301"},
            "Riverside Clinic: ask me about visits and medicines. To reach a person, call (555) 010-0301 or write: "
            "person. Text STOP to get no more messages.",
            "Riverside Clinic: pregúnteme sobre citas y medicinas. Para hablar con una persona, llame al "
            "(555) 010-0301 o escriba: persona. Para no recibir más mensajes, envíe STOP.",
        ),
        (
            "medication_stopped",
            {"name": "glyburide 5 mg", "date": START},
            "glyburide 5 mg was stopped on November 26, 2026 and is not on the list now. For questions about it, "
            "write: person",
            "glyburide 5 mg se suspendió el 26 de noviembre de 2026 y ya no está en la lista. Si tiene preguntas, "
            "escriba: persona",
        ),
        (
            "medication_list",
            {"count": 1, **DOSES},
            "1 medicine on the list:\nmetformin 500 mg: 1 tablet, 2 times a day",
            "1 medicina en la lista:\nmetformin 500 mg: 1 tableta, 2 veces al día",
        ),
        (
            "reminder_dose",
            DOSES,
            "It is time for your medicine:\nmetformin 500 mg: 1 tablet, 2 times a day\n"
            "Reply 1 if taken, 2 later, 3 not today.",
            "Es hora de su medicina:\nmetformin 500 mg: 1 tableta, 2 veces al día\n"
            "Responda 1 si ya la tomó, 2 más tarde, 3 hoy no.",
        ),
    ],
)
def test_the_same_thing_is_said_in_both_languages(key: str, params: dict[str, Any], english: str, spanish: str) -> None:
    assert text(key, "en", **params) == english
    assert text(key, "es", **params) == spanish


def test_a_contact_below_full_disclosure_gets_the_minimal_reminder_and_nothing_withheld_is_kept() -> None:
    rendered = WORDS.render("reminder_appointment", REMINDER, "en", MINIMUM)
    assert rendered.key == "reminder_appointment_private"
    assert rendered.params == {"start": START, "location": "Riverside Kidney Center"}
    assert "Nair" not in rendered.text


def test_a_medicine_is_never_named_below_full_disclosure() -> None:
    for level in (MINIMUM, GENERIC):
        rendered = WORDS.render("medication_list", {"count": 1, **DOSES}, "es", level)
        assert rendered.key == "private"
        assert rendered.params == {}
        assert "metformin" not in rendered.text
    assert WORDS.render("reminder_dose", DOSES, "en", MINIMUM).key == "reminder_dose_private"


def test_a_callers_parameter_wins_over_the_default() -> None:
    assert "sign in at https://other.example." in text("private", "en", url="https://other.example")


def test_staff_read_the_english_of_what_was_sent() -> None:
    sent = WORDS.render("reminder_appointment", REMINDER, "es", MINIMUM)
    assert WORDS.plain(sent.key, sent.params).startswith("Reminder from Riverside Clinic: a visit on Thursday")


def test_braces_in_a_name_are_not_read_as_placeholders() -> None:
    assert text("about_name", "en", name="{clinic} {0}") == "About {clinic} {0}:"


def test_an_unknown_key_is_a_fault() -> None:
    with pytest.raises(UnknownUtterance, match="no_such_key"):
        text("no_such_key", "en")


@pytest.mark.parametrize(
    ("key", "params"),
    [
        ("handoff", {}),
        ("handoff", {"due": "tomorrow"}),
        ("handoff", {"due": {"at": "2026-11-26T15:30:00", "time_zone": "America/New_York"}}),
        ("handoff", {"due": {"at": "2026-11-26T15:30:00Z", "time_zone": "Mars/Olympus"}}),
        ("medication_refills", {"name": "metformin", "count": -1}),
        ("medication_refills", {"name": "metformin", "count": True}),
        ("help", {"phone": "call us"}),
        ("sign_in_code", {"code": "12a456"}),
        ("private", {"url": "javascript:alert(1)"}),
        ("appointment_preparation", {"start": START, "preparation": ["fast"]}),
        ("medication_line", {"name": "metformin", "dosage": "twice a day"}),
        ("reminder_dose", {"items": [["medication_line"]]}),
        ("about_name", {"name": 7}),
    ],
)
def test_a_bad_parameter_names_itself_and_keeps_its_value_out_of_logs(key: str, params: dict[str, Any]) -> None:
    with pytest.raises(BadParameter) as caught:
        text(key, "en", **params)
    assert caught.value.__cause__ is None
    assert "tomorrow" not in str(caught.value)


def test_a_missing_default_is_named_when_it_is_needed() -> None:
    words = Words(Catalogs.load(), defaults={"clinic": "Riverside Clinic", "nurse_line": None})
    with pytest.raises(BadParameter, match="handoff_clinical: nurse_line is missing"):
        words.render("handoff_clinical", {"due": START}, "en", FULL)


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("zh-Hans", {"en": "high blood pressure", "zh-Hans": "高血压"}, "高血压"),
        ("zh-Hans", {"en": "high blood pressure", "zh-CN": "高血压"}, "高血压"),
        ("pt-BR", {"en": "high blood pressure", "pt": "pressão alta"}, "pressão alta"),
        ("fil", {"tl": "altapresyon"}, "altapresyon"),
        ("es", {"en-US": "high blood pressure", "es-MX": "presión alta"}, "presión alta"),
        ("es", {"vi": "huyết áp cao", "en": "high blood pressure"}, "high blood pressure (en inglés)"),
        ("es", {"vi": "huyết áp cao"}, "huyết áp cao (en vietnamita)"),
        ("en", {"de": "Bluthochdruck"}, "Bluthochdruck (in German)"),
    ],
)
def test_the_clinics_words_are_chosen_in_the_readers_language_however_it_is_written(
    language: str, words: dict[str, str], said: str
) -> None:
    text = WORDS.render("medication_purpose", {"name": "lisinopril", "purpose": words}, language, FULL).text
    assert text.endswith(said)
