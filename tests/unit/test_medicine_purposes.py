"""A medicine may be asked for by what it is for; the record's own reasons decide which it is."""

from uuid import uuid4

import pytest

from bot.care.medications import Medicine
from bot.care.medicine_names import Found, NotNamed, NotOnList, SeveralClose, find_medicine
from bot.care.medicine_purposes import asked_purposes
from bot.care.medicine_spelling import fold_name
from bot.care.medicine_words import document, names_no_medicine
from bot.demo.seed import load_clinic
from tests.unit.care_cast import NOW, dosage

REASONS = load_clinic()["words"]["purposes"]
LANGUAGES = {"en", "es", "zh-Hans", "vi", "ar", "fr", "pt-BR", "ru", "ko", "fil", "ht", "hi"}


def medicine(medication: str, reason: str | None) -> Medicine:
    return Medicine(
        id=uuid4(),
        name=medication,
        medication=medication,
        aliases=(),
        dosage=dosage(),
        purpose=REASONS[reason] if reason else None,
        refills_left=None,
        authored_at=NOW,
        stopped_at=None,
        active=True,
    )


METFORMIN = medicine("metformin", "diabetes")
LISINOPRIL = medicine("lisinopril", "blood_pressure")
AMLODIPINE = medicine("amlodipine", "blood_pressure")
WARFARIN = medicine("warfarin", "stroke")
OMEPRAZOLE = medicine("omeprazole", "reflux")
LIST = [METFORMIN, LISINOPRIL, WARFARIN, OMEPRAZOLE]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("when do I take my blood pressure medicine", LISINOPRIL),
        ("the pill that I take for my sugar", METFORMIN),
        ("blood thinner", WARFARIN),
        ("my stomach pill", OMEPRAZOLE),
        ("pastilla de la presión", LISINOPRIL),
        ("mi pastilla del azúcar", METFORMIN),
        ("血压药什么时候吃", LISINOPRIL),
        ("降压药", LISINOPRIL),
        ("治糖尿病的药", METFORMIN),
        ("thuốc tiểu đường uống lúc nào", METFORMIN),
        ("thuoc huyet ap", LISINOPRIL),
        ("متى آخذ دواء الضغط", LISINOPRIL),
        ("حبوب السكر", METFORMIN),
        ("médicament pour la tension", LISINOPRIL),
        ("remédio da pressão", LISINOPRIL),
        ("таблетки от давления", LISINOPRIL),
        ("лекарство от диабета", METFORMIN),
        ("혈압약 언제 먹어요", LISINOPRIL),
        ("당뇨 약", METFORMIN),
        ("gamot ko sa presyon", LISINOPRIL),
        ("medikaman pou tansyon", LISINOPRIL),
        ("grenn sik la", METFORMIN),
        ("बीपी की दवा", LISINOPRIL),
        ("शुगर की गोली", METFORMIN),
    ],
)
def test_the_one_medicine_with_that_reason_on_the_record_is_meant(text: str, meant: Medicine) -> None:
    assert find_medicine(text, LIST, []) == Found(meant)
    assert find_medicine(text, LIST, [], [text]) == Found(meant)


def test_several_with_the_reason_are_asked_about_and_none_is_not_on_the_list() -> None:
    assert find_medicine("bp pill", [LISINOPRIL, AMLODIPINE, METFORMIN], []) == SeveralClose((LISINOPRIL, AMLODIPINE))
    assert find_medicine("thyroid pill", LIST, []) == NotOnList()
    assert find_medicine("мочегонное", LIST, []) == NotOnList()


def test_a_medicine_without_a_reason_on_the_record_may_be_the_one() -> None:
    unknown = medicine("carvedilol", None)
    assert find_medicine("mi pastilla de la presión", [METFORMIN, unknown], []) == NotNamed((METFORMIN, unknown))


@pytest.mark.parametrize(
    "text",
    [
        "do I take the pill on an empty stomach",
        "the pills hurt my stomach",
        "my sugar is high. when is my pill",
        "la pastilla con el estómago vacío",
        "tìm thuốc ở đâu",
        "الحبة قبل النوم",
        "таблетка перед сном",
    ],
)
def test_a_symptom_or_a_time_is_no_purpose(text: str) -> None:
    assert asked_purposes(text) == frozenset()


def test_a_named_drug_comes_before_its_purpose() -> None:
    assert find_medicine("is metformin my blood pressure pill", LIST, []) == Found(METFORMIN)
    assert find_medicine("insulin for my sugar pill", LIST, []) == NotOnList()


def test_every_language_has_words_for_every_purpose_and_for_medicines() -> None:
    assert all(set(purpose["about"]) == LANGUAGES for purpose in document()["purposes"].values())
    assert len(document()["purposes"]) == 15
    assert set(document()["medicine"]) == set(document()["pointing"]) == LANGUAGES


@pytest.mark.parametrize(
    "word",
    [
        "pills",
        "pastillas",
        "药",
        "thuốc",
        "دوائي",
        "comprimés",
        "remédio",
        "таблетки",
        "약",
        "gamot",
        "medikaman",
        "गोली",
    ],
)
def test_a_word_for_any_medicine_names_none(word: str) -> None:
    assert names_no_medicine(fold_name(word))
