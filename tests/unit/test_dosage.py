"""A dose is said to the word in each language, or shown in the clinician's own words: never half guessed."""

from typing import Any

import pytest

from bot.i18n.catalogs import Catalogs
from bot.i18n.dosage import describe_dosage
from bot.i18n.formats import Formats

CATALOGS = Catalogs.load()
ENGLISH, SPANISH = Formats(CATALOGS, "en"), Formats(CATALOGS, "es")
WRITTEN = "Take it as we discussed"


def dose(value: float | None = 1, unit: str = "tablet", repeat: Any = None, **rest: Any) -> dict[str, Any]:
    built: dict[str, Any] = {"text": WRITTEN, **rest}
    if value is not None:
        built["doseAndRate"] = [{"doseQuantity": {"value": value, "unit": unit}}]
    if repeat is not None:
        built["timing"] = {"repeat": repeat}
    return built


def every(frequency: int, period: float, unit: str, **rest: Any) -> dict[str, Any]:
    return {"frequency": frequency, "period": period, "periodUnit": unit, **rest}


DAILY = every(1, 1, "d")


@pytest.mark.parametrize(
    ("dosage", "english", "spanish"),
    [
        (dose(1, repeat=DAILY), "1 tablet, once a day", "1 tableta, una vez al día"),
        (dose(2, repeat=every(2, 1, "d")), "2 tablets, 2 times a day", "2 tabletas, 2 veces al día"),
        (dose(0.5, repeat=DAILY), "half a tablet, once a day", "media tableta, una vez al día"),
        (dose(1.5, repeat=DAILY), "1 and a half tablets, once a day", "1 tableta y media, una vez al día"),
        (dose(2.5, repeat=DAILY), "2 and a half tablets, once a day", "2 tabletas y media, una vez al día"),
        (dose(1, "capsule", every(3, 1, "d")), "1 capsule, 3 times a day", "1 cápsula, 3 veces al día"),
        (dose(2, "puff", every(1, 6, "h")), "2 puffs, every 6 hours", "2 inhalaciones, cada 6 horas"),
        (
            dose(2, "puffs", every(1, 4, "h", periodMax=6), asNeededBoolean=True),
            "2 puffs, every 4 to 6 hours, only when needed",
            "2 inhalaciones, cada 4 a 6 horas, solo si hace falta",
        ),
        (dose(1, "puff", every(1, 1, "h")), "1 puff, every hour", "1 inhalación, cada hora"),
        (
            dose(18, "units", {"when": ["HS"]}, route={"text": "subcutaneous"}),
            "18 units, injected under the skin, at bedtime",
            "18 unidades, inyectado bajo la piel, al acostarse",
        ),
        (dose(2.5, "mL", every(2, 1, "d")), "2.5 mL, 2 times a day", "2.5 mL, 2 veces al día"),
        (dose(500, "mg", every(1, 8, "h")), "500 mg, every 8 hours", "500 mg, cada 8 horas"),
        (dose(1, repeat=every(1, 2, "d")), "1 tablet, every 2 days", "1 tableta, cada 2 días"),
        (
            dose(1, repeat=every(1, 1, "wk", dayOfWeek=["sun"], timeOfDay=["07:00:00"])),
            "1 tablet, once a week, every Sunday, at 7:00 AM",
            "1 tableta, una vez a la semana, cada domingo, a las 7:00 a.m.",
        ),
        (
            dose(1, repeat=every(1, 1, "d", dayOfWeek=["thu", "mon"])),
            "1 tablet, every Monday and Thursday",
            "1 tableta, cada lunes y jueves",
        ),
        (
            dose(1, repeat=every(3, 1, "wk", dayOfWeek=["mon", "wed", "fri"])),
            "1 tablet, 3 times a week, every Monday, Wednesday, and Friday",
            "1 tableta, 3 veces a la semana, cada lunes, miércoles y viernes",
        ),
        (
            dose(1, repeat=every(2, 1, "d", timeOfDay=["20:00:00", "08:00:00"])),
            "1 tablet, 2 times a day, at 8:00 AM and at 8:00 PM",
            "1 tableta, 2 veces al día, a las 8:00 a.m. y a las 8:00 p.m.",
        ),
        (dose(1, repeat={"timeOfDay": ["13:00:00"]}), "1 tablet, at 1:00 PM", "1 tableta, a la 1:00 p.m."),
        (
            dose(1, repeat=every(2, 1, "d", when=["CM", "CV"])),
            "1 tablet, 2 times a day, with breakfast and with dinner",
            "1 tableta, 2 veces al día, con el desayuno y con la cena",
        ),
        (
            dose(1, repeat=every(3, 1, "d", when=["AC"])),
            "1 tablet, 3 times a day, before meals",
            "1 tableta, 3 veces al día, antes de las comidas",
        ),
        (
            dose(1, "capsule", every(1, 1, "d", when=["ACM"], offset=30)),
            "1 capsule, once a day, 30 minutes before breakfast",
            "1 cápsula, una vez al día, 30 minutos antes del desayuno",
        ),
        (
            dose(1, repeat=every(3, 1, "d", boundsDuration={"value": 10, "unit": "d", "code": "d"})),
            "1 tablet, 3 times a day, for 10 days",
            "1 tableta, 3 veces al día, durante 10 días",
        ),
        (dose(1, repeat=DAILY, asNeededBoolean=True), "1 tablet, once a day, only when needed",
         "1 tableta, una vez al día, solo si hace falta"),
        (
            dose(
                2,
                repeat=every(1, 6, "h"),
                asNeededCodeableConcept={"text": "pain"},
                maxDosePerPeriod={
                    "numerator": {"value": 8, "unit": "tablet"},
                    "denominator": {"value": 1, "unit": "day"},
                },
            ),
            "2 tablets, every 6 hours, only when needed for pain, no more than 8 tablets in 24 hours",
            "2 tabletas, cada 6 horas, solo si hace falta por pain (en inglés), no más de 8 tabletas en 24 horas",
        ),
        (
            dose(
                1,
                repeat=DAILY,
                route={"coding": [{"code": "26643006"}], "text": "oral"},
                additionalInstruction=[{"coding": [{"code": "311504000"}], "text": "with food"}],
                patientInstruction="Tome 1 tableta",
            ),
            "1 tablet, once a day, with food",
            "1 tableta, una vez al día, con comida",
        ),
        (dose(None, repeat=every(2, 1, "d"), route={"text": "topical"}), "on the skin, 2 times a day",
         "sobre la piel, 2 veces al día"),
    ],
)  # fmt: skip
def test_a_known_shape_is_said_to_the_word(dosage: dict[str, Any], english: str, spanish: str) -> None:
    assert describe_dosage([dosage], ENGLISH, "en") == english
    assert describe_dosage([dosage], SPANISH, "en") == spanish


@pytest.mark.parametrize(
    ("code", "english", "spanish"),
    [
        ("MORN", "in the morning", "por la mañana"),
        ("NOON", "at noon", "al mediodía"),
        ("AFT", "in the afternoon", "por la tarde"),
        ("EVE", "in the evening", "por la noche"),
        ("NIGHT", "at night", "durante la noche"),
        ("HS", "at bedtime", "al acostarse"),
        ("WAKE", "after waking up", "al despertar"),
        ("AC", "before meals", "antes de las comidas"),
        ("ACM", "before breakfast", "antes del desayuno"),
        ("ACD", "before lunch", "antes del almuerzo"),
        ("ACV", "before dinner", "antes de la cena"),
        ("PC", "after meals", "después de las comidas"),
        ("PCM", "after breakfast", "después del desayuno"),
        ("PCD", "after lunch", "después del almuerzo"),
        ("PCV", "after dinner", "después de la cena"),
        ("C", "with meals", "con las comidas"),
        ("CM", "with breakfast", "con el desayuno"),
        ("CD", "with lunch", "con el almuerzo"),
        ("CV", "with dinner", "con la cena"),
    ],
)
def test_each_event_code_has_its_words(code: str, english: str, spanish: str) -> None:
    dosage = [dose(1, repeat={"when": [code]})]
    assert describe_dosage(dosage, ENGLISH, "en") == f"1 tablet, {english}"
    assert describe_dosage(dosage, SPANISH, "en") == f"1 tableta, {spanish}"


UNKNOWN = [
    dose(1, repeat=every(1, 1, "fortnight")),
    dose(1, repeat=every(2, 3, "d")),
    dose(1, repeat={**DAILY, "count": 5}),
    dose(1, repeat=every(1, 1.5, "d")),
    dose(1, repeat=every(2, 1, "d", timeOfDay=["08:00:00"])),
    dose(1, repeat=every(1, 6, "h", when=["CM"])),
    dose(1, repeat={"when": ["ACM"], "timeOfDay": ["08:00:00"]}),
    dose(1, repeat={"when": ["MORN.early"]}),
    dose(1, repeat={"when": ["HS"], "offset": 30}),
    dose(1, repeat={"timeOfDay": ["half past"]}),
    dose(1, repeat={"dayOfWeek": ["someday"]}),
    dose(1, repeat={"when": [{"code": "CM"}]}),
    dose(1, repeat={**DAILY, "frequencyMax": 3}),
    dose(1, repeat=[DAILY]),
    dose(0.25, repeat=DAILY),
    dose(0.5, "capsule", DAILY),
    dose(0, repeat=DAILY),
    dose(1, "squirt", DAILY),
    dose(float("nan"), repeat=DAILY),
    dose(1, repeat=DAILY, route={"text": "per rectum"}),
    dose(1, repeat=DAILY, route={"coding": [{"code": "26643006"}], "text": "per rectum"}),
    dose(1, repeat=DAILY, method={"text": "dissolve"}),
    dose(1, repeat=DAILY, additionalInstruction=[{"text": "while standing up"}]),
    dose(1, repeat=DAILY, asNeededCodeableConcept={"coding": [{"code": "22253000"}]}),
    dose(1, repeat=DAILY, maxDosePerPeriod={"numerator": {"value": 8, "unit": "tablet"},
                                           "denominator": {"value": 1, "unit": "wk"}}),
    {"text": WRITTEN},
    {"text": WRITTEN, "doseAndRate": [{"doseRange": {"low": {"value": 1}, "high": {"value": 2}}}]},
    {"text": WRITTEN, "timing": {"code": {"text": "BID"}}},
]  # fmt: skip


@pytest.mark.parametrize("dosage", UNKNOWN)
def test_an_unknown_shape_is_shown_in_the_clinicians_words_with_their_language(dosage: dict[str, Any]) -> None:
    assert describe_dosage([dosage], ENGLISH, "en") == WRITTEN
    assert describe_dosage([dosage], SPANISH, "en") == f"{WRITTEN} (en inglés)"


def test_one_unknown_dose_shows_all_of_them_in_the_clinicians_words() -> None:
    known, unknown = dose(1, repeat=DAILY), dose(1, "squirt", DAILY)
    assert describe_dosage([known, unknown], SPANISH, "en") == f"{WRITTEN}; {WRITTEN} (en inglés)"


def test_doses_hold_together_or_follow_one_another() -> None:
    morning, night = dose(10, "unit", {"when": ["MORN"]}), dose(8, "unit", {"when": ["HS"]})
    assert describe_dosage([morning, night], ENGLISH, "en") == "10 units, in the morning; 8 units, at bedtime"
    first, second = {**morning, "sequence": 1}, {**night, "sequence": 2}
    assert describe_dosage([first, second], SPANISH, "en") == (
        "10 unidades, por la mañana; después 8 unidades, al acostarse"
    )


@pytest.mark.parametrize("dosages", [[], [{}], [{"text": " "}], ["twice"], [dose(1, "squirt", text="")]])
def test_a_dose_that_is_not_on_record_is_not_made_up(dosages: list[Any]) -> None:
    assert describe_dosage(dosages, ENGLISH, "en") == "the full dose is not in the record; please ask the clinic"
