"""Only coordinators come in, and nothing tells a stranger who is one."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from httpx import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from bot.demo.seed import DEMO_PASSWORD
from bot.records import ConsoleSession, Coordinator
from bot.web.pages import LARGEST_FORM
from tests.support_pages import Clinic

COOKIE = "northstar_console"


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path)
    yield clinic
    clinic.close()


@pytest.fixture
def browser(clinic: Clinic) -> TestClient:
    return TestClient(clinic.app, follow_redirects=False, headers={"accept": "text/html"})


def csrf_of(html: str) -> str:
    return re.findall(r'name="csrf" value="([^"]+)"', html)[0]


def log_in(browser: TestClient, username: str = "dolores", password: str = DEMO_PASSWORD) -> Response:
    csrf = csrf_of(browser.get("/console/login").text)
    return browser.post("/console/login", data={"csrf": csrf, "username": username, "password": password})


def test_dolores_logs_in_and_sees_the_brief(browser: TestClient) -> None:
    answer = log_in(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    assert "Dolores" in browser.get("/console").text


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(browser: TestClient) -> None:
    cookie = next(value for value in log_in(browser).headers.get_list("set-cookie") if value.startswith(f"{COOKIE}="))
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()


def test_only_a_hash_of_the_session_is_stored(clinic: Clinic, browser: TestClient) -> None:
    log_in(browser)
    token = browser.cookies[COOKIE]
    with clinic.database.read() as session:
        row = session.scalars(select(ConsoleSession)).one()
    assert row.token_hash == hashlib.sha256(token.encode()).digest()
    assert timedelta(hours=11) < row.expires_at - datetime.now(UTC) <= timedelta(hours=12)


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(browser: TestClient) -> None:
    wrong = log_in(browser, password="guess")
    unknown = log_in(browser, username="chen", password="guess")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace('value="dolores"', "") == unknown.text.replace('value="chen"', "")


def test_a_closed_account_cannot_log_in(clinic: Clinic, browser: TestClient) -> None:
    with clinic.database.write() as session:
        session.scalars(select(Coordinator).where(Coordinator.username == "dolores")).one().active = False
    assert log_in(browser).status_code == 401


def test_a_coordinator_whose_account_closes_is_out_at_once(clinic: Clinic, browser: TestClient) -> None:
    log_in(browser)
    with clinic.database.write() as session:
        session.scalars(select(Coordinator).where(Coordinator.username == "dolores")).one().active = False
    assert browser.get("/console").headers["location"] == "/console/login"


def test_guessing_is_stopped_after_five_tries_even_with_the_right_password(browser: TestClient) -> None:
    assert [log_in(browser, password="guess").status_code for _ in range(5)] == [401] * 5
    assert log_in(browser).status_code == 429
    assert log_in(browser, username="adaeze").status_code == 303


def test_logging_in_again_ends_the_session_before(clinic: Clinic, browser: TestClient) -> None:
    log_in(browser)
    first = browser.cookies[COOKIE]
    browser.cookies.delete("northstar_console_form")
    fresh = TestClient(clinic.app, follow_redirects=False)
    csrf = csrf_of(fresh.get("/console/login").text)
    fresh.cookies.set(COOKIE, first)
    fresh.post("/console/login", data={"csrf": csrf, "username": "adaeze", "password": "riverside"})
    assert browser.get("/console").status_code == 303


def test_an_expired_session_leads_to_the_login(clinic: Clinic, browser: TestClient) -> None:
    log_in(browser)
    with clinic.database.write() as session:
        session.scalars(select(ConsoleSession)).one().expires_at = datetime.now(UTC)
    assert browser.get("/console").headers["location"] == "/console/login"


def test_logging_out_ends_the_session(clinic: Clinic, browser: TestClient) -> None:
    log_in(browser)
    csrf = csrf_of(browser.get("/console").text)
    token = browser.cookies[COOKIE]
    assert browser.post("/console/logout", data={"csrf": csrf}).status_code == 303
    browser.cookies.set(COOKIE, token)
    assert browser.get("/console").status_code == 303


def test_turning_the_demo_clock_signs_nobody_out(clinic: Clinic, browser: TestClient) -> None:
    log_in(browser)
    clinic.clock.turn_to(clinic.clock.now() + timedelta(days=3))
    assert browser.get("/console").status_code == 200


def test_a_login_posted_by_another_site_is_refused(browser: TestClient) -> None:
    browser.get("/console/login")
    answer = browser.post("/console/login", data={"csrf": "forged", "username": "dolores", "password": "riverside"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/console", "/console?view=mine", "/console/changes"])
def test_nothing_of_the_console_is_open_without_a_session(browser: TestClient, path: str) -> None:
    assert browser.get(path).headers["location"] == "/console/login"


def test_an_open_page_that_was_signed_out_goes_to_the_login_by_itself(browser: TestClient) -> None:
    answer = browser.get("/console", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/console/login")


def test_every_answer_carries_the_strict_policy(browser: TestClient) -> None:
    for path in ("/console/login", "/nothing", "/static/tokens.css"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert browser.get("/console/login").headers["cache-control"] == "no-store"


def test_mistaken_addresses_get_a_calm_page(browser: TestClient) -> None:
    assert "There is nothing here" in browser.get("/nothing").text
    assert "This cannot be done here" in browser.put("/console/login").text


def test_a_form_that_is_too_long_says_so(browser: TestClient) -> None:
    answer = browser.post("/console/login", data={"username": "x" * (LARGEST_FORM + 1)})
    assert answer.status_code == 413
    assert "too long" in answer.text
