"""A name means the patient's own medicine, another drug or a question back, in every script."""

from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.care.drug_names import Drug, drugs_by_key, known_drugs
from bot.care.medications import Medicine
from bot.care.medicine_names import Found, Match, NotNamed, NotOnList, SeveralClose, find_medicine
from bot.care.medicine_spelling import fold_name
from bot.demo.seed import load_clinic
from tests.unit.care_cast import NOW, dosage

TABLES = yaml.safe_load(Path(__file__).with_name("medicine_tables.yml").read_text("utf-8"))
MISSPELT = [pair for script in TABLES.values() for pair in script["misspelt"].items()]
BETWEEN = [pair for script in TABLES.values() for pair in script.get("between", {}).items()]
LOOK_ALIKES = [tuple(pair) for script in TABLES.values() for pair in script["look_alikes"]]


def medicine(medication: str, *aliases: str, active: bool = True) -> Medicine:
    return Medicine(
        id=uuid4(),
        name=medication,
        medication=medication,
        aliases=aliases,
        dosage=dosage(),
        purpose=None,
        refills_left=None,
        authored_at=NOW,
        stopped_at=None,
        active=active,
    )


METFORMIN = medicine("metformin")
LISINOPRIL = medicine("lisinopril")
ATORVASTATIN = medicine("atorvastatin")
AMINA = [METFORMIN, LISINOPRIL, ATORVASTATIN]
GLARGINE = medicine("insulin glargine", "Lantus", "insulina")
SUCCINATE = medicine("metoprolol succinate", "metoprolol")
COMBINATION = medicine("losartan potassium-hydrochlorothiazide")


def is_found(match: Match, meant: str) -> bool:
    return isinstance(match, Found) and match.medicine.medication == meant


def test_each_script_has_its_tables() -> None:
    assert all(len(table["misspelt"]) >= 10 and len(table["look_alikes"]) >= 10 for table in TABLES.values())
    assert set(TABLES) == {"latin", "cyrillic", "arabic", "devanagari", "han", "hangul"}


@pytest.mark.parametrize(("typed", "meant"), MISSPELT)
def test_a_misspelt_name_finds_the_patients_own_medicine_in_every_script(typed: str, meant: str) -> None:
    own = [medicine(meant), *(each for each in AMINA if each.medication != meant)]
    assert is_found(find_medicine(typed, own, []), meant)


@pytest.mark.parametrize(("typed", "meant"), BETWEEN)
def test_a_misspelt_name_that_is_near_to_another_drug_too_is_asked_back(typed: str, meant: str) -> None:
    own = medicine(meant)
    assert find_medicine(typed, [own, METFORMIN], []) == SeveralClose((own,))


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKES)
def test_a_look_alike_is_never_answered_for_the_other(one: str, other: str) -> None:
    for own, said in ((one, other), (other, one)):
        assert find_medicine(said, [medicine(own)], []) == NotOnList()
        assert isinstance(find_medicine(own, [medicine(own), medicine(said)], []), Found)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cuánto glucophage tomo", METFORMIN),
        ("二甲双胍什么时候吃", METFORMIN),
        ("立普妥还有吗", ATORVASTATIN),
        ("متى آخذ الميتفورمين", METFORMIN),
        ("كم حبة للميتفورمين", METFORMIN),
        ("сколько метформина пить", METFORMIN),
        ("глюкофаж когда", METFORMIN),
        ("मेटफॉर्मिन कब लेनी है", METFORMIN),
        ("메트포르민을 언제 먹어요", METFORMIN),
        ("리피토는요", ATORVASTATIN),
        ("uống metformin lúc nào", METFORMIN),
        ("quand prendre la metformine", METFORMIN),
        ("que horas tomo a metformina", METFORMIN),
        ("kailan ko iinumin ang glucophage", METFORMIN),
        ("kilè pou m pran metformin nan", METFORMIN),
        ("metformin500mg", METFORMIN),
        ("met formin", METFORMIN),
        ("吃metformin的时间", METFORMIN),
        ("my statin", ATORVASTATIN),
        ("他汀什么时候吃", ATORVASTATIN),
    ],
)
def test_brand_and_local_names_find_the_medicine_in_every_language(text: str, meant: Medicine) -> None:
    assert find_medicine(text, AMINA, []) == Found(meant)


@pytest.mark.parametrize(
    "text",
    ["ibuprofeno", "布洛芬怎么吃", "البروفين", "сколько ибупрофена", "इबुप्रोफेन", "이부프로펜을", "doliprane", "dipirona",
     "biogesic", "paracétamol", "insulin", "胰岛素", "bactrim", "ozempik"],
)  # fmt: skip
def test_a_known_drug_that_is_not_on_the_list_is_not_on_the_list(text: str) -> None:
    assert find_medicine(text, AMINA, []) == NotOnList()
    assert find_medicine(text, [METFORMIN], []) == NotOnList()


@pytest.mark.parametrize(
    "typed",
    ["mеtformin", "metfοrmin", "МЕТFОRMIN", "метфоpмин", "ｍｅｔｆｏｒｍｉｎ", "𝗺𝗲𝘁𝗳𝗼𝗿𝗺𝗶𝗻", "met\u200dfor\u200bmin",
     "\u202emetformin\u202c", "met\x00formin", "metf0rmin", "me\u0301tformin"],
)  # fmt: skip
def test_look_alike_and_invisible_letters_are_read_as_what_they_show(typed: str) -> None:
    assert find_medicine(f"how much {typed}?", AMINA, []) == Found(METFORMIN)
    assert find_medicine(typed, [LISINOPRIL, ATORVASTATIN], []) == NotOnList()


def test_a_word_of_two_alphabets_that_shows_no_name_is_asked_back() -> None:
    assert find_medicine("metfоrmмn", AMINA, []) == SeveralClose((METFORMIN,))
    assert find_medicine("лupqzжw", [METFORMIN], []) == SeveralClose((METFORMIN,))
    assert isinstance(find_medicine("50µg or 100 μg?", AMINA, []), NotNamed)


def test_a_word_between_two_medicines_is_asked_back() -> None:
    prednisone, prednisolone = medicine("prednisone"), medicine("prednisolone")
    assert find_medicine("prednisolne", [prednisone, prednisolone], []) == SeveralClose((prednisone, prednisolone))
    assert find_medicine("prednisolne", [prednisone], []) == SeveralClose((prednisone,))
    assert find_medicine("信伐他汀", [medicine("simvastatin")], []) != NotOnList()
    assert not isinstance(find_medicine("信伐他汀", [medicine("lovastatin")], []), Found)


def test_a_family_name_means_its_one_member_on_the_list() -> None:
    lispro = medicine("insulin lispro")
    assert find_medicine("mi insulina", [METFORMIN, GLARGINE], []) == Found(GLARGINE)
    assert find_medicine("胰岛素", [GLARGINE, lispro], []) == SeveralClose((GLARGINE, lispro))
    assert find_medicine("insulin lispro", [GLARGINE], []) == NotOnList()
    assert find_medicine("metoprolol", [SUCCINATE], []) == Found(SUCCINATE)
    assert find_medicine("lopressor", [SUCCINATE], []) == NotOnList()
    unspecific = medicine("metoprolol")
    assert find_medicine("lopressor", [unspecific], []) == SeveralClose((unspecific,))


def test_a_combination_is_found_by_its_parts_and_no_part_by_the_combination() -> None:
    for said in ("losartan", "hctz", "hyzaar", "losartan hctz"):
        assert find_medicine(said, [METFORMIN, COMBINATION], []) == Found(COMBINATION)
    assert find_medicine("hyzaar", [medicine("losartan")], []) == NotOnList()
    assert find_medicine("augmentin", [medicine("amoxicillin")], []) == NotOnList()


def test_a_salt_is_part_of_a_name_and_a_drug_when_it_stands_alone() -> None:
    assert find_medicine("losartan potassium", [COMBINATION], []) == Found(COMBINATION)
    assert find_medicine("potassium", [COMBINATION], []) == NotOnList()


@pytest.mark.parametrize(
    "text",
    [
        "😀" * 10_000,
        "\x00\u202e\u200d" * 4_000,
        "ﷺ" * 10_000,
        "\ud800" * 50,
        "zq xw " * 2_000,
        "的" * 10_000,
        "가" * 10_000,
        "?!" * 5_000,
        "\u0301" * 10_000,
    ],
)
def test_rubbish_names_nothing(text: str) -> None:
    assert isinstance(find_medicine(text, AMINA, []), NotNamed)


@pytest.mark.parametrize(
    "text",
    ["كم مرة اليوم", "الدكتور قال كل يوم", "combien par jour", "qual a senha do portal", "я тоже", "문자로 보내 주세요",
     "medicare plan", "wi-fi", "mi tarjeta", "gracias"],
)  # fmt: skip
def test_ordinary_words_that_look_like_a_name_name_nothing(text: str) -> None:
    assert isinstance(find_medicine(text, AMINA, []), NotNamed)


def test_the_vocabulary_knows_every_medicine_of_the_demo_and_keeps_names_apart() -> None:
    demo = {each["medication"] for person in load_clinic()["patients"] for each in person.get("medicines", [])}
    assert {name for name in demo if fold_name(name).replace(" ", "") not in drugs_by_key()} == set()
    assert len({drug for drug in known_drugs().values() if not drug.members}) > 300


NAMES = sorted(drugs_by_key().items())
SINGLE = sorted({drug.name for drug in known_drugs().values() if not drug.members and len(drug.ingredients) == 1})


@settings(max_examples=300, deadline=None)
@given(named=st.sampled_from(NAMES), on_list=st.lists(st.sampled_from(SINGLE), min_size=1, max_size=4, unique=True))
def test_a_known_drug_that_is_not_on_the_list_is_never_answered(named: tuple[str, Drug], on_list: list[str]) -> None:
    said, drug = named
    own = [medicine(name) for name in on_list if name not in drug.ingredients | drug.members]
    match = find_medicine(said, own, [])
    short = said.isascii() and len(said) <= 3
    assert short or not isinstance(match, Found)


LONG_NAMES = [(key, drug) for key, drug in NAMES if len(key) >= 8 and key.isalpha() and key[0] < "\u4e00"]


@settings(max_examples=300, deadline=None)
@given(named=st.sampled_from(LONG_NAMES), places=st.tuples(st.integers(0, 7), st.integers(0, 7)), data=st.data())
def test_with_two_letters_wrong_it_is_not_answered_either(
    named: tuple[str, Drug], places: tuple[int, int], data: st.DataObject
) -> None:
    said, drug = named
    letters = list(said)
    for place in places:
        letters[place] = data.draw(st.sampled_from([letters[place - 1], letters[-1], ""]))
    own = [medicine(name) for name in SINGLE[::7] if name not in drug.ingredients | drug.members]
    typed = "".join(letters)
    match = find_medicine(typed, own, [])
    assert typed in drugs_by_key() or not isinstance(match, Found)
