"""The web chat from the form to the record and back, as a browser without scripts uses it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from bot.domain.enums import ChannelName, Direction, ParticipationStatus, TicketReason, Urgency
from bot.records import Appointment, Ticket, Verification
from tests.support.chat_browser import Browser
from tests.support.processes import eventually
from tests.support.telegram_path import MARIA, SHARED, THABO, RunningClinic, running_clinic, seed_clinic

ASK, PREGUNTA = "When is my next visit?", "¿Cuándo es mi próxima cita?"
STRANGER = "+15550100199"
# What differs between any two pages: the visitor's own tokens.
TOKENS = re.compile(r'value="[0-9a-f-]{36,64}"')


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded")
    seed_clinic(folder)
    return folder


@pytest.fixture
def clinic(seeded: Path, tmp_path: Path) -> Iterator[RunningClinic]:
    with running_clinic(seeded, tmp_path / "data") as clinic:
        clinic.understands_visits()
        yield clinic


@pytest.fixture
def browser(clinic: RunningClinic) -> Iterator[Browser]:
    with Browser(clinic) as browser:
        yield browser


@pytest.fixture
def navegador(clinic: RunningClinic) -> Iterator[Browser]:
    with Browser(clinic, "es-MX,es;q=0.9,en;q=0.5") as browser:
        yield browser


def test_somebody_unknown_is_asked_to_sign_in_and_told_nothing(clinic: RunningClinic, browser: Browser) -> None:
    answer = browser.ask(ASK)
    assert answer.startswith("To see your own information, please sign in first")
    assert [bubble.mine for bubble in browser.bubbles()] == [True, False]
    assert clinic.rows(Ticket) == []


def test_danger_is_answered_without_name_number_or_model(clinic: RunningClinic, browser: Browser) -> None:
    clinic.rasa.silent = True
    answer = browser.ask("I can't breathe")
    assert answer.startswith("If this is happening now, call your local emergency number.")
    assert not re.search(r"\d", answer)
    (ticket,) = clinic.rows(Ticket)
    assert (ticket.reason, ticket.urgency) == (TicketReason.EMERGENCY, Urgency.URGENT)
    assert ticket.facts["words"] == ["I can't breathe"]
    assert clinic.rasa.heard == []


def test_danger_is_answered_in_the_language_it_is_written_in(clinic: RunningClinic, browser: Browser) -> None:
    answer = browser.ask("no puedo respirar")
    assert answer.startswith("Si esto está pasando ahora, llame al número de emergencias de su localidad.")


def test_a_silent_model_is_answered_by_a_person(clinic: RunningClinic, browser: Browser) -> None:
    browser.sign_in(THABO)
    clinic.rasa.silent = True
    browser.ask(ASK)
    (ticket,) = clinic.rows(Ticket)
    assert ticket.reason is TicketReason.MODEL_SILENT
    assert ticket.patient_id == clinic.patient("Thabo").id


def test_thabo_signs_in_asks_and_signs_out(clinic: RunningClinic, browser: Browser) -> None:
    assert (
        browser.sign_in("(555) 010-0110", handset=THABO) == "Thank you, Thabo. You are signed in. How can I help you?"
    )
    assert "<bdi>Thabo</bdi>" in browser.page
    answer = browser.ask(ASK)
    assert re.fullmatch(r"The next visit is on .+ at 9:00\sAM with Dr\. Linh Nguyen, at Riverside Clinic\.", answer)
    browser.post("/chat/sign-out")
    assert "Thabo" not in browser.page
    assert browser.bubbles() == []
    assert browser.ask(ASK).startswith("To see your own information, please sign in first")


def test_maria_is_texted_greeted_and_answered_in_spanish(clinic: RunningClinic, navegador: Browser) -> None:
    assert '<html lang="es">' in navegador.page
    assert navegador.ask(PREGUNTA).startswith("Para ver su propia información, primero inicie sesión")
    assert navegador.sign_in(MARIA) == "Gracias, María Elena. Ya inició sesión. ¿En qué le puedo ayudar?"
    assert clinic.handset(MARIA)[0].startswith("Riverside Clinic: su código es ")
    answer = navegador.ask(PREGUNTA)
    assert re.fullmatch(r"La próxima cita es el .+ 9:30.+ con Dr\. Linh Nguyen, en Riverside Clinic\.", answer)


def test_another_visitor_sees_nothing_of_it(clinic: RunningClinic, browser: Browser, navegador: Browser) -> None:
    browser.sign_in(THABO)
    browser.ask(ASK)
    assert "Thabo" not in navegador.look()
    assert navegador.bubbles() == []


def test_five_wrong_codes_lock_the_code_and_a_new_one_works(clinic: RunningClinic, browser: Browser) -> None:
    code = browser.code_for(THABO)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for attempt in (*[wrong] * 5, code):
        assert browser.post("/chat/sign-in", code=attempt).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert "That code does not fit or is too old." in browser.page
    assert browser.sign_in(THABO).startswith("Thank you, Thabo.")


def test_a_code_is_too_old_after_ten_minutes_and_works_once(clinic: RunningClinic, browser: Browser) -> None:
    code = browser.code_for(THABO)
    clinic.turn_clock(by=timedelta(minutes=10, seconds=1))
    assert browser.post("/chat/sign-in", code=code).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    code = browser.code_for(THABO)
    assert browser.post("/chat/sign-in", code=code).status_code == HTTPStatus.OK
    browser.post("/chat/sign-out")
    browser.post(text="hello")
    assert browser.post("/chat/sign-in", code=code).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_code_works_only_in_the_chat_that_asked_for_it(clinic: RunningClinic, browser: Browser) -> None:
    code = browser.code_for(THABO)
    with Browser(clinic) as other:
        other.post(text="hello")
        assert other.post("/chat/sign-in", code=code).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert browser.post("/chat/sign-in", code=code).status_code == HTTPStatus.OK


def test_a_number_that_is_not_on_record_cannot_be_told_from_one_that_is(clinic: RunningClinic) -> None:
    pages = set()
    for phone in (THABO, STRANGER, SHARED, "not a number"):
        with Browser(clinic) as visitor:
            asked = visitor.post("/chat/code", phone=phone)
            tried = visitor.post("/chat/sign-in", code="12")
            pages.add((asked.status_code, tried.status_code, plain(asked.text), plain(tried.text)))
    assert len(pages) == 1


def test_a_phone_that_two_people_share_gets_no_code(clinic: RunningClinic, browser: Browser) -> None:
    browser.post("/chat/code", phone=SHARED)
    browser.code_for(THABO)
    assert clinic.handset(SHARED) == []
    assert len(clinic.rows(Verification)) == 1


def test_codes_for_one_person_are_limited_by_the_hour(clinic: RunningClinic) -> None:
    """Whoever knows a number must not be able to fill that phone with texts."""
    for _ in range(7):
        with Browser(clinic) as visitor:
            visitor.post("/chat/code", phone=THABO)
    eventually(lambda: len(clinic.handset(THABO)) == 5, what="five codes")
    assert len(clinic.rows(Verification)) == 5


def test_a_question_offers_its_answers_as_buttons(clinic: RunningClinic, browser: Browser) -> None:
    browser.sign_in(THABO)
    question = browser.ask("I want to confirm my visit")
    assert "Reply 1 if you will come, 2 to change it." in question
    assert browser.buttons() == {"1": "1 · I will come", "2": "2 · Change it"}
    answer = browser.ask("1")
    assert answer.startswith("Thank you. We look forward to seeing you on ")
    assert browser.buttons() == {}
    (visit,) = coming(clinic)
    assert visit.participation is ParticipationStatus.ACCEPTED


def test_changing_a_visit_by_button_offers_times_and_brings_a_person_where_none_suits(
    clinic: RunningClinic, browser: Browser
) -> None:
    browser.sign_in(THABO)
    browser.ask("I want to confirm my visit")
    assert browser.ask("2").startswith("The next free times are:")
    assert "will look for a new time" in browser.ask("4")
    (ticket,) = clinic.rows(Ticket)
    assert ticket.reason is TicketReason.RESCHEDULE
    (visit,) = coming(clinic)
    assert visit.participation is ParticipationStatus.TENTATIVE


def test_a_form_that_is_posted_twice_has_one_effect(clinic: RunningClinic, browser: Browser) -> None:
    form = {name: re.findall(rf'name="{name}" value="([^"]+)"', browser.page)[0] for name in ("csrf", "once")}
    for _ in range(2):
        browser.http.post("/chat", data=form | {"text": ASK})
    browser.next_said(0)
    assert browser.ask("hello")
    assert len(clinic.messages(ChannelName.WEBCHAT, Direction.INBOUND)) == 2
    assert len(browser.said()) == 2


def coming(clinic: RunningClinic) -> list[Appointment]:
    thabo, now = clinic.patient("Thabo").id, clinic.now()
    return clinic.rows(Appointment, Appointment.patient_id == thabo, Appointment.starts_at > now)


def plain(page: str) -> str:
    return TOKENS.sub("", page)
