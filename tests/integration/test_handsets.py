"""The handsets: a text goes out through the signed webhook and comes back through the outbox."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from bot import timers
from bot.domain.enums import TimerKind
from bot.records import Communication
from tests.support_pages import ACCOUNT_SID, AUTH_TOKEN, CLINIC_NUMBER, FARAH, MARIA, THABO, Clinic, serving

HERE = ("127.0.0.1", 50_000)


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path)
    yield clinic
    clinic.close()


@pytest.fixture
def browser(clinic: Clinic) -> TestClient:
    return TestClient(clinic.app, client=HERE, headers={"accept": "text/html"})


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 10 s"
        time.sleep(0.05)


def names_of(page: str) -> list[str]:
    return re.findall(r"<h2><bdi>(.*?)</bdi>", page)


def test_the_page_opens_with_an_english_patient_a_spanish_one_and_a_caregiver(browser: TestClient) -> None:
    assert names_of(browser.get("/phone").text) == ["Robert Hale", "María Elena García", "Bruno Diallo"]


def test_the_chosen_handsets_are_shown_and_arabic_reads_from_the_right(clinic: Clinic, browser: TestClient) -> None:
    farah, thabo = clinic.contact_id(FARAH), clinic.contact_id(THABO)
    page = browser.get(f"/phone?show={farah}&show={thabo}&show=nonsense&show={farah}").text
    assert names_of(page) == ["فرح الخطيب", "Thabo O&#39;Connor"]
    assert 'aria-label="Handset of فرح الخطيب" dir="rtl"' in page


def test_a_shared_phone_is_one_handset_with_both_names(browser: TestClient) -> None:
    assert "Jim Kowalski and Wanda Kowalski" in browser.get("/phone").text


def test_a_text_goes_through_the_webhook_and_the_answer_comes_back(tmp_path: Path) -> None:
    with serving(tmp_path) as (clinic, base_url):
        thabo = str(clinic.contact_id(THABO))
        form = {"phone": thabo, "text": "when is my next visit", "show": thabo}
        sent = httpx.post(f"{base_url}/phone/send", data=form)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/phone?show={thabo}")
        wait_for(lambda: len(clinic.bodies(THABO)) == 1)
        page = httpx.get(f"{base_url}/phone?show={thabo}").text
        assert "when is my next visit" in page
        assert "Hello, this is the automatic assistant of Riverside Clinic." in page
        assert "1 segment · delivered" in page
        listed = httpx.get(
            f"{base_url}/carrier/messages", params={"phone": THABO}, auth=(ACCOUNT_SID, AUTH_TOKEN)
        ).json()
        assert [(m["direction"], m["from"], m["to"]) for m in listed] == [
            ("inbound", THABO, CLINIC_NUMBER),
            ("outbound-api", CLINIC_NUMBER, THABO),
        ]
        assert listed[0]["body"] == "when is my next visit"
        assert set(listed[0]) == {
            "sid",
            "from",
            "to",
            "body",
            "direction",
            "status",
            "num_segments",
            "date_created",
        }


def test_a_picture_without_words_arrives_as_a_content_type(tmp_path: Path) -> None:
    with serving(tmp_path) as (clinic, base_url):
        form = {"phone": str(clinic.contact_id(MARIA)), "text": "", "media": "image/jpeg"}
        httpx.post(f"{base_url}/phone/send", data=form, headers={"HX-Request": "true"}).raise_for_status()
        with clinic.database.read() as session:
            row = session.scalars(select(Communication).order_by(Communication.id)).first()
        assert row is not None
        assert row.detail["media"] == ["image/jpeg"]


def test_a_live_page_hears_which_handset_changed(tmp_path: Path) -> None:
    with serving(tmp_path) as (clinic, base_url):
        thabo, maria = clinic.contact_id(THABO), clinic.contact_id(MARIA)
        page = httpx.get(f"{base_url}/phone?show={thabo}&show={maria}").text
        address = re.findall(r'hx-sse:connect="([^"]+)"', page)[0].replace("&amp;", "&")
        with httpx.stream("GET", base_url + address, timeout=10) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith(":")
            clinic.carrier.create_message(to=MARIA, body="Hola", status_callback=base_url)
            events = (line.removeprefix("event: ") for line in lines if line.startswith("event: "))
            assert next(events) == f"handset-{maria}"


def test_a_webhook_that_does_not_answer_is_said_on_the_handset(clinic: Clinic, browser: TestClient) -> None:
    form = {"phone": str(clinic.contact_id(THABO)), "text": "hello"}
    answer = browser.post("/phone/send", data=form)
    assert answer.status_code == 502
    assert "did not take this text" in answer.text


def test_an_empty_text_is_not_sent(clinic: Clinic, browser: TestClient) -> None:
    browser.post("/phone/send", data={"phone": str(clinic.contact_id(THABO)), "text": ""})
    assert not clinic.carrier.messages(THABO)


def test_the_clock_turns_an_hour(clinic: Clinic, browser: TestClient) -> None:
    before = clinic.clock.now()
    browser.post("/phone/clock", data={"to": "hour"})
    assert timedelta(minutes=59) < clinic.clock.now() - before < timedelta(minutes=61)
    assert clinic.woken == 1


def test_the_clock_turns_to_tomorrow_morning_where_the_first_person_lives(clinic: Clinic, browser: TestClient) -> None:
    jose = clinic.contact_id("+15550100105")
    page = browser.post("/phone/clock", data={"to": "morning", "show": str(jose)}).text
    assert re.search(r"08:00 · Puerto Rico", page)


def test_the_clock_turns_to_the_next_reminder(clinic: Clinic, browser: TestClient) -> None:
    due_at = clinic.clock.now() + timedelta(hours=5)
    with clinic.database.write() as session:
        timers.schedule(session, TimerKind.DOSE_REMINDER, cause="dose:1", name="first", subject={}, due_at=due_at)
        timers.schedule(
            session,
            TimerKind.TICKET_DEADLINE,
            cause="ticket:1",
            name="deadline",
            subject={},
            due_at=due_at - timedelta(hours=1),
        )
    browser.post("/phone/clock", data={"to": "reminder"})
    assert abs(clinic.clock.now() - due_at) < timedelta(seconds=5)


def test_without_a_reminder_the_page_says_so(browser: TestClient) -> None:
    assert "No reminder is set yet." in browser.post("/phone/clock", data={"to": "reminder"}).text


@pytest.mark.parametrize("path", ["/phone", "/phone/changes", "/carrier/messages?phone=1"])
def test_other_machines_are_kept_out(clinic: Clinic, path: str) -> None:
    stranger = TestClient(clinic.app, client=("192.0.2.7", 40_000))
    assert stranger.get(path).status_code == 403


def test_another_site_cannot_type_or_turn_the_clock(clinic: Clinic, browser: TestClient) -> None:
    for path, form in (("/phone/send", {"phone": "x"}), ("/phone/clock", {"to": "hour"})):
        answer = browser.post(path, data=form, headers={"origin": "https://elsewhere.example"})
        assert answer.status_code == 403
    assert clinic.woken == 0


@pytest.mark.parametrize("auth", [None, (ACCOUNT_SID, "guess"), ("", "")])
def test_the_carriers_list_asks_for_its_credentials(browser: TestClient, auth: tuple[str, str] | None) -> None:
    answer = browser.get("/carrier/messages", params={"phone": THABO}, auth=auth)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_the_carriers_list_needs_a_number_and_knows_only_its_own(clinic: Clinic, browser: TestClient) -> None:
    auth = (ACCOUNT_SID, AUTH_TOKEN)
    assert browser.get("/carrier/messages", auth=auth).status_code == 400
    assert browser.get("/carrier/messages?phone=+15550100110", auth=auth).json() == []
    with clinic.database.read() as session:
        assert session.scalar(select(func.count(Communication.id))) == 0
