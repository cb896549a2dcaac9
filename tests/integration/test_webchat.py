"""The web chat: written to without a script, answered, and signed in to by a code."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from httpx import Response
from sqlalchemy import func, select
from starlette.testclient import TestClient

from bot.domain.enums import ChannelName, Direction
from bot.records import Communication, Conversation
from tests.support_pages import MARIA, Clinic

COOKIE = "northstar_chat"


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path)
    yield clinic
    clinic.close()


class Visitor:
    """A browser on the chat page."""

    def __init__(self, clinic: Clinic, language: str = "en") -> None:
        self.browser = TestClient(
            clinic.app,
            follow_redirects=True,
            headers={"accept": "text/html", "accept-language": language},
        )
        page = self.browser.get("/chat").text
        self.csrf = re.findall(r'name="csrf" value="([^"]+)"', page)[0]

    def page(self) -> str:
        return self.browser.get("/chat").text

    def post(self, path: str = "/chat", **fields: str) -> Response:
        return self.browser.post(path, data={"csrf": self.csrf, **fields})


@pytest.fixture
def visitor(clinic: Clinic) -> Visitor:
    return Visitor(clinic)


def stored(clinic: Clinic, direction: Direction = Direction.INBOUND) -> list[Communication]:
    with clinic.database.read() as session:
        return list(
            session.scalars(
                select(Communication)
                .where(Communication.channel == ChannelName.WEBCHAT, Communication.direction == direction)
                .order_by(Communication.id)
            )
        )


def texted_code(clinic: Clinic) -> str:
    clinic.deliver()
    return re.findall(r"\d{6}", clinic.bodies(MARIA)[-1])[0]


def test_looking_at_the_page_stores_nothing(clinic: Clinic, visitor: Visitor) -> None:
    with clinic.database.read() as session:
        assert session.scalar(select(func.count(Conversation.id))) == 0
    assert "In an emergency call your local emergency number" in visitor.page()


def test_a_text_is_stored_once_and_answered(clinic: Clinic, visitor: Visitor) -> None:
    once = str(uuid4())
    for _ in range(3):
        visitor.post(text="When is my next visit?", once=once)
    assert [row.body for row in stored(clinic)] == ["When is my next visit?"]
    page = visitor.page()
    assert "Hello, this is the automatic assistant of Riverside Clinic." in page
    assert page.count("When is my next visit?</span>") == 1


def test_options_are_buttons_that_send_their_digit(clinic: Clinic, visitor: Visitor) -> None:
    visitor.post(text="hello", once=str(uuid4()))
    assert re.search(r'<button name="text" value="1"[^>]*>1 · I will come</button>', visitor.page())
    visitor.post(text="1", once=str(uuid4()))
    assert [row.body for row in stored(clinic)] == ["hello", "1"]


def test_the_cookie_is_the_address_and_closed_to_scripts(clinic: Clinic, visitor: Visitor) -> None:
    header = visitor.browser.get("/chat").headers["set-cookie"]
    assert "HttpOnly" in header
    assert "samesite=lax" in header.lower()
    visitor.post(text="hello")
    with clinic.database.read() as session:
        conversation = session.scalars(select(Conversation).where(Conversation.channel == ChannelName.WEBCHAT)).one()
    token = visitor.browser.cookies[COOKIE]
    assert conversation.address == token
    assert len(token) == 64
    assert token.encode() not in conversation.address_sealed + bytes(conversation.address_index)


def test_the_page_and_the_conversation_speak_the_browsers_language(clinic: Clinic) -> None:
    visitor = Visitor(clinic, "es-MX,es;q=0.9")
    page = visitor.page()
    assert '<html lang="es">' in page
    assert "En una emergencia llame a su número local de emergencias." in page
    visitor.post(text="hola")
    assert stored(clinic)[0].language == "es"


def test_maria_signs_in_by_code_and_out_again(clinic: Clinic, visitor: Visitor) -> None:
    assert "a code is on its way" in visitor.post("/chat/code", phone="(555) 010-0104").text
    page = visitor.post("/chat/sign-in", code=texted_code(clinic)).text
    assert "<bdi>María Elena</bdi>" in page
    old = visitor.browser.cookies[COOKIE]
    page = visitor.post("/chat/sign-out").text
    assert "María Elena" not in page
    assert visitor.browser.cookies[COOKIE] != old


def test_a_known_and_an_unknown_number_look_alike(clinic: Clinic) -> None:
    pages = []
    for phone in (MARIA, "+15550100198", "not a number"):
        visitor = Visitor(clinic)
        page = visitor.post("/chat/code", phone=phone).text
        pages.append(re.sub(r'value="[0-9a-f-]{36,64}"|seen=\w+', "", page))
    assert len(set(pages)) == 1


def test_a_wrong_code_is_refused_with_a_word_of_advice(clinic: Clinic, visitor: Visitor) -> None:
    visitor.post("/chat/code", phone=MARIA)
    answer = visitor.post("/chat/sign-in", code="000000" if texted_code(clinic) != "000000" else "1")
    assert answer.status_code == 422
    assert "does not fit" in answer.text


def test_guessing_codes_is_stopped(clinic: Clinic, visitor: Visitor) -> None:
    answers = [visitor.post("/chat/sign-in", code="1").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_a_signed_in_person_gets_a_telegram_link(clinic: Clinic, visitor: Visitor) -> None:
    visitor.post("/chat/code", phone=MARIA)
    visitor.post("/chat/sign-in", code=texted_code(clinic))
    assert 'href="https://t.me/riverside_test_bot?start=' in visitor.post("/chat/telegram").text


@pytest.mark.parametrize("path", ["/chat", "/chat/code", "/chat/sign-in", "/chat/sign-out", "/chat/telegram"])
def test_a_post_from_another_site_is_refused(clinic: Clinic, visitor: Visitor, path: str) -> None:
    visitor.csrf = "forged"
    assert visitor.post(path, text="hello", phone=MARIA).status_code == 403
    stranger = TestClient(clinic.app)
    assert stranger.post(path, data={"csrf": visitor.csrf}).status_code == 403
    assert not stored(clinic)


def test_one_visitor_does_not_see_another(clinic: Clinic, visitor: Visitor) -> None:
    visitor.post(text="my secret question")
    assert "my secret question" not in Visitor(clinic).page()


def test_empty_and_too_long_texts_store_nothing_and_say_so(clinic: Clinic, visitor: Visitor) -> None:
    assert visitor.post(text="  \n ").status_code == 200
    answer = visitor.post(text="palabra " * 1000)
    assert answer.status_code == 413
    assert "too long" in answer.text
    assert not stored(clinic)


def test_bytes_that_are_no_utf8_are_refused_with_advice(clinic: Clinic, visitor: Visitor) -> None:
    form = f"csrf={visitor.csrf}&text=%FF%FE+hello"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = visitor.browser.post("/chat", content=form.encode(), headers=headers)
    assert answer.status_code == 400
    assert "reload the page and try again" in answer.text
    assert not stored(clinic)


def test_a_flood_of_texts_is_slowed(clinic: Clinic, visitor: Visitor) -> None:
    answers = [visitor.post(text=f"text {n}").status_code for n in range(21)]
    assert answers == [200] * 20 + [429]


def test_texts_are_shown_as_text(visitor: Visitor) -> None:
    visitor.post(text="<img src=x onerror=alert(1)>")
    assert "<img" not in visitor.page()
