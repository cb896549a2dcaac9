"""The resources' pages: what is listed, added, changed and retired, and that nothing typed is lost."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import select

from bot.care.resources import find_resources
from bot.domain.enums import ResourceTopic
from bot.records import ClinicResource, Coordinator, Location
from tests.support.console import Browser, text_of
from tests.support_pages import Clinic

LIST = "/console/resources"


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path)
    yield clinic
    clinic.close()


@pytest.fixture
def dolores(clinic: Clinic) -> Browser:
    return Browser(clinic, "dolores")


@pytest.fixture
def adaeze(clinic: Clinic) -> Browser:
    return Browser(clinic, "adaeze")


def today(clinic: Clinic) -> date:
    return clinic.clock.now().date()


def rows(clinic: Clinic, *where: Any) -> list[ClinicResource]:
    with clinic.database.read() as session:
        return list(session.scalars(select(ClinicResource).where(*where).order_by(ClinicResource.id)))


def row(clinic: Clinic, topic: ResourceTopic) -> ClinicResource:
    return rows(clinic, ClinicResource.topic == topic)[0]


def change(clinic: Clinic, topic: ResourceTopic, **values: Any) -> None:
    with clinic.database.write() as session:
        for each in session.scalars(select(ClinicResource).where(ClinicResource.topic == topic)):
            for name, value in values.items():
                setattr(each, name, value)


def directions(clinic: Clinic, **fields: str) -> dict[str, str]:
    """A new entry that can be stored."""
    good = {
        "version": "0",
        "topic": "other",
        "expires_on": (today(clinic) + timedelta(days=30)).isoformat(),
        "phone": "+1 (212) 555-0100",
        "url": "https://riverside.example/map",
        "place": "48 Harbor Street",
        "name-en": "How to find us",
        "summary-en": "Bus 12 stops at the door.",
        "keywords-en": "bus 12, Harbor Street,bus 12",
        "name-ar": "كيف تجدوننا",
        "summary-ar": "الحافلة 12 تقف أمام الباب.",
        "keywords-ar": "حافلة، باص",
    }
    return good | {name.replace("_in_", "-"): value for name, value in fields.items()}


def stored_as_typed(html: str) -> dict[str, str]:
    """The fields of the form as they would be posted again."""
    fields = dict(re.findall(r'<input id="([\w-]+)"[^>]* value="([^"]*)"', html))
    fields |= {name: text for name, text in re.findall(r'<textarea id="([\w-]+)"[^>]*>\n?([^<]*)</textarea>', html)}
    fields |= dict(re.findall(r'<select id="(\w+)".*?<option value="([^"]+)" selected', html, re.DOTALL))
    fields["version"] = re.findall(r'name="version" value="(\d+)"', html)[0]
    return fields


def test_what_expired_stands_first_in_a_block_of_its_own_and_is_counted(clinic: Clinic, dolores: Browser) -> None:
    page = text_of(dolores.get(LIST))
    gone, offered = page.split("Opening hours", 1)
    assert "These are not offered any more Taxi voucher pilot expired 10 days ago in 2 of 12 languages" in gone
    assert "Taxi voucher" not in offered
    assert "1 expired or soon to expire" in page
    change(clinic, ResourceTopic.FOOD, expires_on=today(clinic) + timedelta(days=14))
    change(clinic, ResourceTopic.RESPITE, expires_on=today(clinic) + timedelta(days=15))
    page = text_of(dolores.get("/console"))
    assert "2 expired or soon to expire" in page
    assert "expires in 14 days" in text_of(dolores.get(LIST))


def test_the_list_says_which_languages_are_missing(dolores: Browser) -> None:
    page = text_of(dolores.get(LIST))
    assert "in 12 of 12 languages" in page
    assert "Not yet in Chinese (Simplified), Vietnamese, Arabic" in page


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("despensa", "Riverside Food Pantry"),
        ("통역", "Interpreter Line"),
        ("MILL lane", "Parking"),
        ("rides", "Harbor"),
    ],
)
def test_a_search_finds_words_of_every_language(dolores: Browser, query: str, name: str) -> None:
    page = text_of(dolores.get(f"{LIST}?q={query}"))
    assert f"Found for “ {query} ”" in page
    assert name in page
    assert "Patient portal" not in page


def test_a_search_without_a_hit_says_so_and_shows_it_as_text(dolores: Browser) -> None:
    page = dolores.get(f"{LIST}?q=<script>")
    assert "<script>" not in page.replace("<script src=", "")
    assert "Nothing was found for “ &lt;script&gt; ”" in text_of(page)


def test_dolores_adds_an_answer_and_it_is_offered(clinic: Clinic, dolores: Browser) -> None:
    with clinic.database.read() as session:
        place = session.scalars(select(Location).order_by(Location.name)).first()
    assert place is not None
    answer = dolores.post(f"{LIST}/new", **directions(clinic, location=str(place.id)))
    assert "Saved. It is offered from now on." in answer.text
    stored = row(clinic, ResourceTopic.OTHER)
    assert stored.name == {"en": "How to find us", "ar": "كيف تجدوننا"}
    assert stored.keywords == {"en": ["bus 12", "Harbor Street"], "ar": ["حافلة", "باص"]}
    assert (stored.phone, stored.url, stored.place) == (
        "+12125550100",
        "https://riverside.example/map",
        "48 Harbor Street",
    )
    assert (stored.hours, stored.eligibility, stored.location_id, stored.version) == ({}, {}, place.id, 1)
    with clinic.database.read() as session:
        (offered,) = find_resources(session, [ResourceTopic.OTHER], today(clinic))
        by = session.scalars(select(Coordinator).where(Coordinator.id == stored.updated_by_id)).one()
    assert (offered.summary["en"], by.username) == ("Bus 12 stops at the door.", "dolores")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("topic", "weather", "Choose what it is about."),
        ("expires_on", "", "Give the last day on which it is true"),
        ("expires_on", "2020-01-01", "That day is over."),
        ("phone", "555-0100", "Write the number with a plus and the country’s code"),
        ("url", "http://riverside.example", "beginning with https://"),
        ("url", "https://riverside.example/a b", "An address holds no spaces."),
        ("url", "https://[", "beginning with https://"),
        ("location", "nowhere", "Choose one of the clinic’s places."),
        ("place", "x" * 201, "This is 201 characters long; 200 fit."),
        ("name_in_en", " ", "Name is missing in English."),
        ("summary_in_en", "x" * 301, "This is 301 characters long; 300 fit."),
        ("summary_in_ar", "", "Answer is missing in Arabic."),
        ("keywords_in_en", "a, 12", "“12” is no short phrase."),
        ("keywords_in_en", "where ... bus", "is no short phrase."),
        (
            "keywords_in_en",
            ",".join(f"word {number}" for number in range(21)),
            "These are 21 words or phrases; 20 fit.",
        ),
    ],
)
def test_a_mistake_is_named_at_its_field_and_nothing_typed_is_lost(
    clinic: Clinic, dolores: Browser, field: str, value: str, said: str
) -> None:
    typed = directions(clinic, **{field: value})
    answer = dolores.post(f"{LIST}/new", **typed)
    name = field.replace("_in_", "-")
    assert answer.status_code == 422
    assert said in text_of(answer.text).replace("&#39;", "'")
    assert re.search(rf'id="{name}"[^>]* aria-invalid="true"', answer.text)
    assert not rows(clinic, ClinicResource.topic == ResourceTopic.OTHER)
    kept = stored_as_typed(answer.text)
    assert {each: kept.get(each, "") for each in typed if each not in {name, "topic"}} == {
        each: text for each, text in typed.items() if each not in {name, "topic"}
    }


def test_one_language_other_than_english_is_enough(clinic: Clinic, dolores: Browser) -> None:
    assert (
        dolores.post(
            f"{LIST}/new", **directions(clinic, name_in_en="", summary_in_en="", keywords_in_en="")
        ).status_code
        == 200
    )
    assert row(clinic, ResourceTopic.OTHER).summary.keys() == {"ar"}
    assert "كيف تجدوننا" in dolores.get(LIST)


def test_an_edit_changes_only_what_was_changed(clinic: Clinic, dolores: Browser) -> None:
    before = row(clinic, ResourceTopic.FOOD)
    form = stored_as_typed(dolores.get(f"{LIST}/{before.id}"))
    dolores.post(f"{LIST}/{before.id}", **form | {"summary-en": "Free groceries each week."})
    after = row(clinic, ResourceTopic.FOOD)
    assert after.summary == before.summary | {"en": "Free groceries each week."}
    assert (after.name, after.hours, after.eligibility) == (before.name, before.hours, before.eligibility)
    assert (after.phone, after.place, after.expires_on) == (before.phone, before.place, before.expires_on)
    assert after.version == 2
    assert "by Dolores Reyes" in text_of(dolores.get(f"{LIST}/{before.id}"))


def test_who_saves_second_sees_both_and_loses_nothing(clinic: Clinic, dolores: Browser, adaeze: Browser) -> None:
    this = f"{LIST}/{row(clinic, ResourceTopic.FOOD).id}"
    form = stored_as_typed(dolores.get(this))
    adaeze.post(this, **form | {"summary-en": "Adaeze’s words.", "topic": "other"})
    answer: Response = dolores.post(this, **form | {"summary-en": "Dolores’ words."})
    assert answer.status_code == 409
    assert "Adaeze Obi saved this while you wrote." in text_of(answer.text)
    assert "Stored now: Adaeze’s words." in text_of(answer.text)
    assert "Stored now: Other" in text_of(answer.text)
    assert answer.text.count("Stored now") == 2
    assert row(clinic, ResourceTopic.OTHER).summary["en"] == "Adaeze’s words."
    again = stored_as_typed(answer.text)
    assert again["summary-en"].replace("&#39;", "’") == "Dolores’ words."
    dolores.post(this, **again)
    assert row(clinic, ResourceTopic.FOOD).summary["en"] == "Dolores’ words."
    assert row(clinic, ResourceTopic.FOOD).version == 3


def test_what_is_retired_is_not_offered_and_can_be_brought_back(clinic: Clinic, dolores: Browser) -> None:
    food = row(clinic, ResourceTopic.FOOD)
    this = f"{LIST}/{food.id}"
    page = text_of(dolores.post(f"{this}/retire", version="1").text)
    assert "Retired. It is not offered any more" in page
    assert "Riverside Food Pantry retired" in page.split("Opening hours")[0]
    assert "1 expired or soon to expire" in page
    with clinic.database.read() as session:
        assert find_resources(session, [ResourceTopic.FOOD], today(clinic)) == []
    page = dolores.get(this)
    assert "It is retired; save it to offer it again." in text_of(page)
    dolores.post(this, **stored_as_typed(page))
    with clinic.database.read() as session:
        assert [each.id for each in find_resources(session, [ResourceTopic.FOOD], today(clinic))] == [food.id]


def test_an_entry_that_changed_meanwhile_is_not_retired(clinic: Clinic, dolores: Browser) -> None:
    food = row(clinic, ResourceTopic.FOOD)
    change(clinic, ResourceTopic.FOOD, version=2)
    assert "Somebody else changed it meanwhile" in dolores.post(f"{LIST}/{food.id}/retire", version="1").text
    assert row(clinic, ResourceTopic.FOOD).retired_at is None


def test_an_expired_entry_with_a_new_last_day_is_offered_again(clinic: Clinic, dolores: Browser) -> None:
    taxi = rows(clinic, ClinicResource.expires_on < today(clinic))[0]
    form = stored_as_typed(dolores.get(f"{LIST}/{taxi.id}"))
    assert "so it is not offered" in dolores.post(f"{LIST}/{taxi.id}", **form).text
    form |= {"version": "2", "expires_on": (today(clinic) + timedelta(days=90)).isoformat()}
    assert "These are not offered any more" not in dolores.post(f"{LIST}/{taxi.id}", **form).text


def test_all_twelve_languages_at_their_longest_fit_into_one_form(clinic: Clinic, dolores: Browser) -> None:
    full = directions(clinic)
    for language in row(clinic, ResourceTopic.FOOD).name:
        lengths = {"name": 80, "summary": 300, "hours": 120, "eligibility": 200}
        full |= {f"{part}-{language}": "हा" * (length // 2) for part, length in lengths.items()}
        full[f"keywords-{language}"] = ",".join(f"{'हा' * 6}{number}" for number in range(10, 30))
    assert dolores.post(f"{LIST}/new", **full).status_code == 200
    assert len(row(clinic, ResourceTopic.OTHER).summary) == 12


def test_right_to_left_languages_are_written_so(dolores: Browser) -> None:
    page = dolores.get(f"{LIST}/new")
    assert re.search(r'<textarea id="summary-ar"[^>]* lang="ar" dir="rtl"', page)
    assert re.search(r'<textarea id="summary-es"[^>]* lang="es" dir="ltr"', page)


def test_only_coordinators_and_only_our_own_pages_change_anything(clinic: Clinic, dolores: Browser) -> None:
    food = row(clinic, ResourceTopic.FOOD)
    dolores.csrf = "guess"
    assert dolores.post(f"{LIST}/new", **directions(clinic)).status_code == 403
    assert dolores.post(f"{LIST}/{food.id}/retire", version="1").status_code == 403
    dolores.browser.cookies.clear()
    for path in (LIST, f"{LIST}/new", f"{LIST}/{food.id}"):
        assert dolores.browser.get(path, follow_redirects=False).headers["location"] == "/console/login"
    assert len(rows(clinic, ClinicResource.topic == ResourceTopic.OTHER)) == 0
    assert row(clinic, ResourceTopic.FOOD).retired_at is None


def test_an_entry_that_is_not_there_is_not_found(dolores: Browser) -> None:
    nowhere = f"{LIST}/01a208b1-2281-7c23-bce0-c50085f542fc"
    assert dolores.browser.get(nowhere).status_code == 404
    assert dolores.post(nowhere, version="1").status_code == 404
    assert dolores.post(f"{LIST}/new", version="x", **{"topic": "food"}).status_code == 400
