"""The pages in a real browser: by keyboard, live, readable, and within the strict content policy."""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from bot.demo.seed import DEMO_PASSWORD
from bot.domain.enums import TicketReason, TicketStatus
from bot.fhir.export.writing import Export
from bot.records import ContactPoint
from bot.web.pages import STATIC
from tests.support_pages import AMINA, BRUNO, CLINIC, FARAH, MARIA, STRANGER, THABO, Clinic, serving

pytestmark = pytest.mark.browser

# A busy machine takes its time; what never comes fails all the same.
expect.set_options(timeout=20_000)

AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WAIT_MS = 15_000


def chromium_path() -> str:
    """The system's Chromium. Without one the tests skip, and fail where it is required."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        reason = "no Chromium was found (Debian: apt-get install chromium)"
        if os.environ.get("NORTHSTAR_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Clinic, str]]:
    with serving(tmp_path) as clinic_and_address:
        yield clinic_and_address


class Watched:
    """Pages whose console errors and policy violations are kept."""

    def __init__(self, browser: Browser, base_url: str, width: int = 1280, scheme: str = "light") -> None:
        self.context: BrowserContext = browser.new_context(
            base_url=base_url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        self.context.set_default_timeout(WAIT_MS)
        self.faults: list[str] = []

    def page(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._keep)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page

    def signed_in(self, username: str = "dolores") -> Page:
        page = self.page()
        page.goto("/console/login")
        expect(page.locator("#username")).to_be_focused()
        page.keyboard.type(username)
        page.keyboard.press("Tab")
        page.keyboard.type(DEMO_PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/console")
        return page

    def _keep(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.faults.append(message.text)


def open_tickets(clinic: Clinic) -> dict[str, UUID]:
    """A queue as on a full morning."""
    return {
        "urgent": clinic.open_ticket(
            THABO,
            TicketReason.EMERGENCY,
            "My chest hurts since this morning",
            did="emergency_known",
            red_flag="chest_pain",
        ),
        "clinical": clinic.open_ticket(
            MARIA,
            TicketReason.CLINICAL,
            "¿Puedo tomar ibuprofeno con la losartán?",
            minutes_ago=50,
            did="handoff_clinical",
            understood={"intent": "clinical_question", "confidence": 0.94, "language": "es"},
        ),
        "arabic": clinic.open_ticket(FARAH, TicketReason.RESCHEDULE, "الخميس عندي غسيل كلى", minutes_ago=130),
        "doses": clinic.open_ticket(AMINA, TicketReason.CLINICAL, "Avec du lait ?", minutes_ago=70),
        "caregiver": clinic.open_ticket(BRUNO, TicketReason.PERSON, "did mom take her pills", minutes_ago=60),
        "stranger": clinic.open_ticket(STRANGER, TicketReason.UNKNOWN_PERSON, "hello?", did="unknown_person"),
    }


def test_dolores_works_a_ticket_by_keyboard_alone(chromium: Browser, served: tuple[Clinic, str]) -> None:
    clinic, base_url = served
    ticket_id = open_tickets(clinic)["urgent"]
    watched = Watched(chromium, base_url)
    page = watched.signed_in()
    expect(page.locator("h1")).to_contain_text("One person needs you now.")
    page.keyboard.press("1")
    page.wait_for_url(f"**/tickets/{ticket_id}")
    page.keyboard.press("c")
    expect(page.get_by_text("It is yours.")).to_be_visible()
    expect(page.locator("#reply")).to_be_focused()
    page.keyboard.type("Please call 911 now. I am here. 👋")
    expect(page.locator("#cost")).to_have_text("1 segment")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Sent. You see below")).to_be_visible()
    expect(page.locator(".msg.staff")).to_contain_text("1 segment · delivered")
    assert clinic.bodies(THABO) == ["Please call 911 now. I am here. 👋"]
    expect(page.locator("#reply")).to_have_value("")
    page.keyboard.press("e")
    page.wait_for_url("**/console*")
    expect(page.get_by_text("Resolved. Northstar answers")).to_be_visible()
    assert clinic.ticket(ticket_id).status is TicketStatus.RESOLVED
    assert not watched.faults
    watched.context.close()


def test_the_queue_and_the_conversation_are_live(chromium: Browser, served: tuple[Clinic, str]) -> None:
    clinic, base_url = served
    watched = Watched(chromium, base_url)
    page = watched.signed_in()
    expect(page.locator("h1")).to_contain_text("Nobody is waiting")
    tickets = open_tickets(clinic)
    expect(page.locator("h1")).to_contain_text("One person needs you now.")
    expect(page.locator(f"#ticket-{tickets['urgent']}")).to_contain_text("My chest hurts")
    page.goto(f"/console/tickets/{tickets['clinical']}")
    expect(page.locator("#talk")).to_contain_text("ibuprofeno")
    with clinic.database.write() as session:
        clinic.write_in(session, MARIA, "¿Hola? ¿Hay alguien?")
    expect(page.locator("#talk")).to_contain_text("¿Hay alguien?")
    other = Watched(chromium, base_url)
    adaeze = other.signed_in("adaeze")
    adaeze.goto(f"/console/tickets/{tickets['clinical']}")
    adaeze.keyboard.press("c")
    expect(page.locator("#write")).to_contain_text("Adaeze Obi has this ticket")
    assert not watched.faults + other.faults
    watched.context.close()
    other.context.close()


def test_dolores_adds_a_resource_by_keyboard_alone(chromium: Browser, served: tuple[Clinic, str]) -> None:
    clinic, base_url = served
    watched = Watched(chromium, base_url)
    page = watched.signed_in()
    page.keyboard.press("s")
    page.wait_for_url("**/console/resources")
    expect(page.get_by_role("region", name="These are not offered any more")).to_contain_text("Taxi voucher pilot")
    page.keyboard.press("n")
    page.wait_for_url("**/resources/new")
    page.get_by_label("What it is about").select_option("Getting here")
    page.get_by_label("Last day on which it is true").fill(f"{clinic.clock.now() + timedelta(days=30):%Y-%m-%d}")
    page.get_by_label("Name in English").fill("How to find us")
    arabic = page.locator("summary", has_text="Arabic")
    arabic.focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name in Arabic").fill("كيف تجدوننا")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("nothing you typed is lost")
    expect(page.get_by_label("Answer in Arabic")).to_be_visible()
    expect(page.get_by_label("Name in Arabic")).to_have_value("كيف تجدوننا")
    page.get_by_role("link", name="Answer is missing in Arabic").press("Enter")
    expect(page.get_by_label("Answer in Arabic")).to_be_focused()
    page.keyboard.type("الحافلة 12 تقف أمام الباب.")
    page.get_by_label("Answer in English").fill("Bus 12 stops at the door.")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Saved. It is offered from now on.")).to_be_visible()
    expect(page.get_by_role("region", name="Getting here")).to_contain_text("in 2 of 12 languages")
    # The browser itself reports the refused post of the unfinished form.
    assert [fault for fault in watched.faults if "422" not in fault] == []
    watched.context.close()


def test_a_draft_survives_a_reload_and_keys_can_be_switched_off(chromium: Browser, served: tuple[Clinic, str]) -> None:
    clinic, base_url = served
    ticket_id = open_tickets(clinic)["clinical"]
    watched = Watched(chromium, base_url)
    page = watched.signed_in()
    page.goto(f"/console/tickets/{ticket_id}")
    page.keyboard.press("c")
    page.locator("#reply").fill("Hola María Elena, ")
    page.reload()
    expect(page.locator("#reply")).to_have_value("Hola María Elena, ")
    page.locator("#reply").press("Escape")
    page.keyboard.press("?")
    page.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("e")
    page.keyboard.press("g")
    expect(page.locator("#reply")).to_be_visible()
    assert clinic.ticket(ticket_id).status is TicketStatus.CLAIMED
    watched.context.close()


def test_a_handset_types_and_sees_the_answer_without_a_reload(chromium: Browser, served: tuple[Clinic, str]) -> None:
    clinic, base_url = served
    watched = Watched(chromium, base_url)
    page = watched.page()
    page.goto("/phone")
    first = page.locator(".phone").first
    first.get_by_label("Text of Robert Hale").fill("when is my next visit")
    page.keyboard.press("Enter")
    expect(first.locator(".b.me")).to_contain_text("when is my next visit")
    expect(first.locator(".b").nth(1)).to_contain_text("automatic assistant of Riverside Clinic")
    expect(first.locator(".b").nth(1)).to_contain_text("1 segment · delivered")
    expect(first.get_by_label("Text of Robert Hale")).to_have_value("")
    page.get_by_label("Handset 2").select_option(label="فرح الخطيب (العربية)")
    expect(page.locator(".phone").nth(1)).to_have_attribute("dir", "rtl")
    expect(first.locator(".b.me")).to_contain_text("when is my next visit")
    before = clinic.clock.now()
    page.get_by_role("button", name="+1 hour").click()
    expect(page.locator("#clock")).not_to_have_text(f"{before:%H:%M}")
    assert (clinic.clock.now() - before).total_seconds() > 3500
    assert not watched.faults
    watched.context.close()


def test_a_visitor_chats_on_a_phone(chromium: Browser, served: tuple[Clinic, str]) -> None:
    _, base_url = served
    watched = Watched(chromium, base_url, width=390)
    page = watched.page()
    page.goto("/chat")
    page.get_by_label("Your message").fill("hello")
    page.keyboard.press("Enter")
    expect(page.locator(".b.me")).to_have_count(1)
    expect(page.locator("#talk")).to_contain_text("How can I help you?")
    page.get_by_role("button", name="1 · I will come").click()
    expect(page.locator(".b.me")).to_have_count(2)
    expect(page.get_by_label("Your message")).to_have_value("")
    assert not watched.faults
    watched.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_can_be_read_reached_and_keeps_the_policy(
    chromium: Browser, served: tuple[Clinic, str], width: int, scheme: str
) -> None:
    clinic, base_url = served
    tickets = open_tickets(clinic)
    watched = Watched(chromium, base_url, width, scheme)
    page = watched.page()
    page.goto("/console/login")
    found = {"/console/login": page.evaluate(AUDIT)}
    page = watched.signed_in()
    paths = ["/console", "/console?view=mine", "/console?view=unclaimed", "/phone", "/chat", "/chat?step=code"]
    paths += ["/console/resources", "/console/resources?q=comida", "/console/resources/new"]
    for path in [*paths, *(f"/console/tickets/{ticket_id}" for ticket_id in tickets.values())]:
        page.goto(path)
        found[path] = page.evaluate(AUDIT)
    page.goto(f"/console/tickets/{tickets['clinical']}")
    page.get_by_role("button", name=re.compile("Claim")).click()
    expect(page.locator("#reply")).to_be_visible()
    page.wait_for_load_state()  # the box is there before the style sheet
    found["claimed"] = page.evaluate(AUDIT)
    assert {path: faults for path, faults in found.items() if faults} == {}
    assert not watched.faults
    watched.context.close()


@pytest.mark.parametrize(("number", "width"), [(FARAH, 390), (FARAH, 1280), (THABO, 390)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_persons_file_can_be_read_by_everybody(
    chromium: Browser, tmp_path: Path, number: str, width: int, scheme: str
) -> None:
    clinic = Clinic(tmp_path)
    clinic.open_ticket(number, TicketReason.CLINICAL, "May I take it with milk?")
    with clinic.database.read() as session:
        patient = session.get_one(ContactPoint, clinic.contact_id(number)).patient_id
    tokens = (STATIC / "tokens.css").read_text("utf-8")
    made = Export(
        database=clinic.database, words=clinic.words, clinic=CLINIC, tokens=tokens, now=clinic.clock.now()
    ).run(str(patient), tmp_path)
    watched = Watched(chromium, "http://127.0.0.1", width, scheme)
    page = watched.page()
    page.goto((made / f"{made.name}.html").as_uri())
    expect(page.locator("#messages .own").first).to_contain_text("May I take it with milk?")
    assert page.evaluate(AUDIT) == []
    assert watched.faults == []
    clinic.close()
