"""What is offered of the clinic's resources: valid today, about the right place, and only when it was asked for."""

import shutil
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.care.resource_words import FILE, ResourceWords, empty_topics, shipped_words
from bot.care.resources import find_resources, search_resources
from bot.demo.seed import load_resources
from bot.dialogue.model import inputs_hash
from bot.domain.enums import ResourceTopic
from bot.domain.errors import ContentInvalid
from bot.nlu.corpus import examples
from bot.records import ClinicResource, Location
from bot.settings import CHECKOUT
from tests.unit.care_cast import NOW, ZONE, Clinic, make_clinic

TODAY = date(2026, 11, 18)
DAY = timedelta(days=1)
INTENTS = CHECKOUT / "intents"
# Intents whose texts may well ask for something that a clinic writes down.
MAY_ASK = frozenset(
    {"ask_directions", "ask_appointment_where", "ask_telehealth_link", "running_late", "need_transport"}
    | {"need_interpreter", "cannot_afford", "caregiver_overwhelmed", "insurance_or_bill", "test_results"}
    | {"portal_trouble", "talk_to_person", "complaint", "out_of_scope", "ask_clinic_info", "find_resource"}
)
ASKED = [
    ("en", "what time do you open on saturday", "hours"),
    ("en", "where can i park", "parking"),
    ("en", "Is there a grace period if I’m late?", "late_policy"),
    ("en", "i need fmla paperwork filled", "forms"),
    ("en", "is there a food bank near by", "food"),
    ("es", "a que hora abren mañana", "hours"),
    ("es", "dónde me estaciono", "parking"),
    ("es", "no me alcanza para mis medicinas, hay algun programa de asistencia", "medication_assistance"),
    ("zh-Hans", "请问哪里可以停车", "parking"),
    ("zh-Hans", "你们星期六开门吗", "hours"),
    ("vi", "phong mach mo cua luc may gio, chu nhat co mo khong", "hours"),
    ("vi", "cho con hỏi chỗ đậu xe", "parking"),
    ("ar", "متى تفتحون يوم السبت؟", "hours"),
    ("ar", "وين بنك الطعام", "food"),
    ("fr", "C’est quoi vos horaires ?", "hours"),
    ("fr", "on peut se garer ou", "parking"),
    ("pt-BR", "vcs abrem sábado? tem estacionamento?", "parking"),
    ("ru", "где можно припарковаться", "parking"),
    ("ru", "до скольки вы сегодня работаете", "hours"),
    ("ko", "주차는 어디에 해요?", "parking"),
    ("ko", "토요일에도 진료하나요", "hours"),
    ("fil", "bukas po ba kayo sa sabado", "hours"),
    ("ht", "ki lè klinik la ouvri", "hours"),
    ("ht", "kote yo bay manje gratis", "food"),
    ("hi", "clinic kitne baje khulta hai", "hours"),
    ("hi", "गाड़ी कहाँ खड़ी करें", "parking"),
]


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return make_clinic(tmp_path)


def store(clinic: Clinic, english: str, topic: ResourceTopic, expires_on: date = TODAY, **values: Any) -> None:
    empty: dict[str, Any] = {"hours": {}, "eligibility": {}, "keywords": {}, "summary": {"en": english}}
    columns = {"name": {"en": english}} | empty | values
    clinic.store(ClinicResource(topic=topic, expires_on=expires_on, updated_at=NOW, **columns))


def found(clinic: Clinic, *topics: ResourceTopic, **rest: Any) -> list[str]:
    with clinic.database.read() as session:
        return [each.name["en"] for each in find_resources(session, topics, TODAY, **rest)]


def searched(clinic: Clinic, text: str, language: str = "en", **rest: Any) -> list[str]:
    with clinic.database.read() as session:
        return [each.name["en"] for each in search_resources(session, text, language, TODAY, **rest)]


def test_help_that_nobody_vouches_for_any_more_is_not_offered(clinic: Clinic) -> None:
    store(clinic, "Ride", ResourceTopic.TRANSPORT)
    store(clinic, "Old ride", ResourceTopic.TRANSPORT, TODAY - DAY)
    store(clinic, "Retired ride", ResourceTopic.TRANSPORT, TODAY + DAY, retired_at=NOW)
    store(clinic, "Meals", ResourceTopic.FOOD, TODAY + DAY)
    assert found(clinic, ResourceTopic.TRANSPORT) == ["Ride"]
    assert searched(clinic, "i need a ride, an old ride or a retired ride") == ["Ride"]


def test_topics_come_in_the_order_asked_and_the_longest_valid_first(clinic: Clinic) -> None:
    store(clinic, "Soon over", ResourceTopic.FOOD, TODAY)
    store(clinic, "Longer", ResourceTopic.FOOD, TODAY + DAY)
    store(clinic, "Ride", ResourceTopic.TRANSPORT)
    assert found(clinic, ResourceTopic.TRANSPORT, ResourceTopic.FOOD) == ["Ride", "Longer", "Soon over"]
    assert found(clinic, ResourceTopic.FOOD, ResourceTopic.TRANSPORT, limit=1) == ["Longer"]
    assert found(clinic) == []


def test_what_is_about_another_place_of_the_clinic_is_left_out(clinic: Clinic) -> None:
    kidney = clinic.places["kidney"]
    annex = Location(name="Annex", address="2 Mill Lane", floor={}, directions={}, phone="+12125550111", time_zone=ZONE)
    other = clinic.store(annex)
    store(clinic, "Everywhere", ResourceTopic.PARKING, TODAY + DAY)
    store(clinic, "Kidney", ResourceTopic.PARKING, location_id=kidney)
    store(clinic, "Other", ResourceTopic.PARKING, location_id=other)
    assert found(clinic, ResourceTopic.PARKING, location_id=kidney) == ["Kidney", "Everywhere"]
    assert searched(clinic, "parking?", location_id=other) == ["Other", "Everywhere"]
    assert len(found(clinic, ResourceTopic.PARKING)) == 3


def test_an_entry_is_found_by_its_name_and_keywords_in_any_language_that_it_has(clinic: Clinic) -> None:
    store(clinic, "Harbor Rides", ResourceTopic.TRANSPORT)
    store(
        clinic,
        "Blue Van",
        ResourceTopic.TRANSPORT,
        TODAY + DAY,
        keywords={"es": ["camioneta azul"], "zh-Hans": ["蓝车"]},
    )
    assert searched(clinic, "what is the number of HARBOR RIDES?") == ["Harbor Rides"]
    assert searched(clinic, "cuando pasa la camioneta azul", "es") == ["Blue Van"]
    assert searched(clinic, "蓝车几点来", "zh-Hans") == ["Blue Van"]
    assert searched(clinic, "harbor rides or any other free ride") == ["Harbor Rides", "Blue Van"]
    assert searched(clinic, "a harborside view, camionetas azuladas") == []


def test_an_entry_is_shown_in_the_persons_language_else_in_english_else_in_one_that_it_has(clinic: Clinic) -> None:
    texts = {"en": "Free", "ht": "Gratis", "ko": "무료"}
    store(clinic, "Pantry", ResourceTopic.FOOD, summary=texts, name={"en": "Pantry", "ht": "Manje"})
    with clinic.database.read() as session:
        (pantry,) = find_resources(session, [ResourceTopic.FOOD], TODAY)
    assert [pantry.language_for(code) for code in ("ht", "ko", "hi")] == ["ht", "en", "en"]


def test_an_entry_that_no_language_names_and_answers_is_not_offered(clinic: Clinic) -> None:
    store(clinic, "Pantry", ResourceTopic.FOOD, summary={"es": "Gratis"})
    assert found(clinic, ResourceTopic.FOOD) == []


def test_a_text_without_a_clear_topic_finds_nothing(clinic: Clinic) -> None:
    for topic in ResourceTopic:
        store(clinic, f"About {topic}", topic)
    for text in ("take it with food", "my hours are long", "parkinson", "", "?", "💊", "hi", "ok thanks"):
        assert searched(clinic, text) == []


@pytest.mark.parametrize(("language", "text", "topic"), ASKED)
def test_people_ask_in_their_own_words(language: str, text: str, topic: str) -> None:
    assert topic in shipped_words().topics_in(text, language)


def test_fewer_than_one_in_200_texts_about_something_else_are_taken_for_a_resource() -> None:
    taken: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for example in examples(INTENTS)[::4]:
        if example.intent not in MAY_ASK:
            asked[example.language] += 1
            taken[example.language] += bool(shipped_words().topics_in(example.text, example.language))
    assert len(asked) == 12
    assert {language: count for language, count in asked.items() if taken[language] * 100 > count} == {}
    assert taken.total() * 200 < asked.total()


def test_the_words_are_nothing_to_train_on(tmp_path: Path) -> None:
    shutil.copytree(INTENTS, tmp_path / "intents")
    for part in ("config.yml", "deploy/requirements/nlu.txt"):
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / part, tmp_path / part)
    before = inputs_hash(tmp_path), len(examples(tmp_path / "intents"))
    for path in tmp_path.glob(f"intents/*/{FILE}"):
        path.unlink()
    assert (inputs_hash(tmp_path), len(examples(tmp_path / "intents"))) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("language: es\n", "language: en"),
        ("language: en\nhours: []\n", "parking must be a list"),
        ("language: en\nhuors: []\n", "huors: no such topic"),
        ("[", "not readable"),
        ("- a\n", "keys and values"),
    ],
)
def test_a_spoilt_file_of_words_is_named_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "en" / FILE
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    with pytest.raises(ContentInvalid, match=said) as caught:
        ResourceWords(tmp_path)
    assert str(path) in str(caught.value)


def test_a_word_that_yaml_reads_as_something_else_is_refused(tmp_path: Path) -> None:
    shutil.copytree(INTENTS / "en", tmp_path / "en")
    path = tmp_path / "en" / FILE
    path.write_text(path.read_text("utf-8").replace("parkin,", "no,"), "utf-8")
    with pytest.raises(ContentInvalid, match="parking: False is no word"):
        ResourceWords(tmp_path)


def test_every_language_has_words_for_every_topic() -> None:
    assert empty_topics(INTENTS) == []


def test_the_demos_help_around_the_clinic_is_written_in_all_languages() -> None:
    languages = {path.parent.name for path in INTENTS.glob(f"*/{FILE}")}
    around = [each for each in load_resources() if each["topic"] in list(ResourceTopic)[11:] and each["expires"] > 0]
    assert len(around) == 6
    for entry in load_resources():
        assert {"en", "es"} <= set(entry["name"])
        assert max(map(len, entry["summary"].values())) <= 300
        assert max(map(len, entry["name"].values())) <= 80
    for entry in around:
        for part in ("name", "summary", "hours", "eligibility"):
            assert set(entry[part]) == languages, (entry["topic"], part)
