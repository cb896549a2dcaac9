"""Telegram from the update to the record and back, by polling and by webhook alike."""

import re
from collections.abc import Iterator
from datetime import time, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.telegram.webhook import SECRET_HEADER, WEBHOOK_PATH
from bot.demo.seed import DEMO_PASSWORD
from bot.domain.clock import instant, zone
from bot.domain.enums import (
    AdministrationStatus,
    AppointmentStatus,
    ChannelName,
    CommunicationStatus,
    Direction,
    ParticipationStatus,
    TicketReason,
    Urgency,
)
from bot.records import (
    Appointment,
    Communication,
    ContactPoint,
    Conversation,
    MedicationAdministration,
    Patient,
    Ticket,
)
from bot.reminders.schedule import schedule_doses
from tests.channels.telegram.fake_bot_api import FakeBotApi
from tests.support.chat_browser import Browser
from tests.support.processes import eventually
from tests.support.telegram_path import (
    MARIA,
    NEW_YORK,
    THABO,
    TRUSTED,
    RunningClinic,
    running_clinic,
    seed_clinic,
    telegram_only,
)
from tests.support.telegram_side import Telegram

CHAT, FAMILY = 5512009001, -1001998877665
PREGUNTA = "¿Cuándo es mi próxima cita?"
CITA = r"La próxima cita es el .+ 9:30.+ con Dr\. Linh Nguyen, en Riverside Clinic\."
DEAD_LINK = "This link does not work any more."
ENLACE_MUERTO = "Este enlace ya no funciona."
NOTHING_ASKED = "En este momento no espero ninguna respuesta."


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded")
    seed_clinic(folder)
    return folder


@pytest.fixture(scope="module")
def server() -> Iterator[FakeBotApi]:
    with FakeBotApi() as server:
        yield server


@pytest.fixture
def api(server: FakeBotApi) -> Iterator[FakeBotApi]:
    server.reset()
    yield server
    server.reset()


@pytest.fixture(params=["polling", "webhook"])
def updates(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clinic(seeded: Path, tmp_path: Path, api: FakeBotApi, updates: str) -> Iterator[RunningClinic]:
    with running_clinic(seeded, tmp_path / "data", api, updates) as clinic:
        api.wait_for_calls("setWebhook" if updates == "webhook" else "getUpdates")
        clinic.understands_visits()
        yield clinic


@pytest.fixture
def telegram(clinic: RunningClinic) -> Telegram:
    assert clinic.telegram is not None
    return clinic.telegram


@pytest.fixture
def maria(clinic: RunningClinic) -> Patient:
    """María, whom the clinic reaches on Telegram only."""
    maria = clinic.patient("María Elena")
    clinic.change(lambda session: telegram_only(session, maria.id, CHAT, clinic.now()))
    return maria


# Linking


def test_a_chat_that_nobody_knows_is_told_so_and_a_person_looks(clinic: RunningClinic, telegram: Telegram) -> None:
    assert "I do not know this number" in telegram.ask(CHAT, "When is my next visit?")
    (ticket,) = clinic.rows(Ticket)
    assert (ticket.reason, ticket.patient_id) == (TicketReason.UNKNOWN_PERSON, None)
    assert ticket.facts["words"] == ["When is my next visit?"]


def test_maria_continues_in_telegram_and_is_answered_in_spanish(clinic: RunningClinic, telegram: Telegram) -> None:
    token = link_token(clinic, MARIA)
    assert telegram.ask(CHAT, f"/start {token}").startswith("Gracias, María Elena. Este chat de Telegram ya quedó")
    assert re.fullmatch(CITA, telegram.ask(CHAT, PREGUNTA))
    stored = [row.body for row in clinic.messages(ChannelName.TELEGRAM, Direction.OUTBOUND)]
    assert stored == [message["text"] for message in telegram.sent(CHAT)]
    assert clinic.rows(Ticket) == []


def test_a_link_works_once(clinic: RunningClinic, telegram: Telegram) -> None:
    token = link_token(clinic, MARIA)
    telegram.ask(CHAT, f"/start {token}")
    assert telegram.ask(CHAT, f"/start {token}").startswith(ENLACE_MUERTO)
    assert telegram.ask(CHAT + 1, f"/start {token}").startswith(DEAD_LINK)
    assert "I do not know this number" in telegram.ask(CHAT + 1, PREGUNTA)


def test_a_link_is_too_old_after_fifteen_minutes(clinic: RunningClinic, telegram: Telegram) -> None:
    token = link_token(clinic, MARIA)
    clinic.turn_clock(by=timedelta(minutes=15, seconds=1))
    assert telegram.ask(CHAT, f"/start {token}").startswith(DEAD_LINK)
    assert telegram_contacts(clinic) == []


def test_a_chat_that_goes_to_somebody_else_is_only_theirs(clinic: RunningClinic, telegram: Telegram) -> None:
    """A phone that is handed on: neither reminders nor questions of the one before are for who has it now."""
    telegram.ask(CHAT, f"/start {link_token(clinic, MARIA)}")
    telegram.ask(CHAT, "Quiero confirmar mi cita")
    question = telegram.sent(CHAT)[-1]
    assert telegram.ask(CHAT, f"/start {link_token(clinic, THABO)}").startswith("Thank you, Thabo.")
    assert telegram.ask(CHAT, "1").startswith("I am not waiting for an answer right now.")
    assert telegram.press(CHAT, button(question, "1")).startswith("I am not waiting for an answer right now.")
    assert participations(clinic, clinic.patient("María Elena")) == {ParticipationStatus.NEEDS_ACTION}
    (contact,) = telegram_contacts(clinic)
    assert contact.patient_id == clinic.patient("Thabo").id
    assert "Dr. Linh Nguyen" in telegram.ask(CHAT, "When is my next visit?")


def test_start_without_a_link_is_greeted(clinic: RunningClinic, telegram: Telegram) -> None:
    assert telegram.ask(CHAT, "/start").startswith("Hello, this is the automatic assistant of Riverside Clinic.")


# Reminders and their buttons


def test_a_dose_reminder_is_answered_by_its_button(clinic: RunningClinic, telegram: Telegram, maria: Patient) -> None:
    reminder = morning_reminder(clinic, telegram, maria)
    assert reminder["text"].startswith("Es hora de su medicina:\n")
    assert "losartan 50 mg" in reminder["text"]
    buttons = telegram.buttons(reminder)
    assert [data.partition(":")[0] for data in buttons.values()] == ["1", "2", "3"]
    assert telegram.press(CHAT, button(reminder, "1")).startswith("Gracias. Quedó anotada como tomada (8:0")
    assert dose_statuses(clinic) == [AdministrationStatus.COMPLETED] * 2
    assert telegram.api.wait_for_calls("answerCallbackQuery")
    assert clinic.handset(MARIA) == []


def test_the_button_of_an_answered_question_answers_no_newer_one(
    clinic: RunningClinic, telegram: Telegram, maria: Patient
) -> None:
    first = morning_reminder(clinic, telegram, maria)
    assert telegram.press(CHAT, button(first, "2")).startswith("Está bien. Le vuelvo a preguntar más tarde")
    before = len(telegram.sent(CHAT))
    clinic.turn_clock(by=timedelta(minutes=31))
    again = telegram.next_sent(CHAT, before)
    assert telegram.press(CHAT, button(first, "1")).startswith(NOTHING_ASKED)
    assert dose_statuses(clinic) == [AdministrationStatus.IN_PROGRESS] * 2
    assert telegram.press(CHAT, button(again, "3")).startswith("Gracias por decírmelo.")
    assert dose_statuses(clinic) == [AdministrationStatus.NOT_DONE] * 2


def test_the_button_of_an_earlier_question_answers_that_one(
    clinic: RunningClinic, telegram: Telegram, maria: Patient
) -> None:
    reminder = morning_reminder(clinic, telegram, maria)
    assert telegram.ask(CHAT, "Quiero confirmar mi cita").startswith("La cita es el ")
    visit_question = telegram.sent(CHAT)[-1]
    telegram.press(CHAT, button(reminder, "1"))
    assert dose_statuses(clinic) == [AdministrationStatus.COMPLETED] * 2
    assert participations(clinic, maria) == {ParticipationStatus.NEEDS_ACTION}
    assert telegram.press(CHAT, button(visit_question, "1")).startswith("Gracias. Le esperamos el ")
    assert participations(clinic, maria) == {ParticipationStatus.NEEDS_ACTION, ParticipationStatus.ACCEPTED}


def test_the_button_of_a_question_that_is_too_old_answers_nothing(
    clinic: RunningClinic, telegram: Telegram, maria: Patient
) -> None:
    morning = morning_reminder(clinic, telegram, maria)
    before = len(telegram.sent(CHAT))
    clinic.turn_clock(to=time(20, 5))
    telegram.next_sent(CHAT, before)
    assert telegram.press(CHAT, button(morning, "1")).startswith(NOTHING_ASKED)
    assert dose_statuses(clinic) == [AdministrationStatus.UNKNOWN] * 2


def test_a_made_up_button_of_another_chat_answers_nothing(
    clinic: RunningClinic, telegram: Telegram, maria: Patient
) -> None:
    reminder = morning_reminder(clinic, telegram, maria)
    assert telegram.press(CHAT + 1, button(reminder, "1")).startswith("I am not waiting for an answer right now.")
    assert dose_statuses(clinic) == [AdministrationStatus.IN_PROGRESS] * 2


# Groups, danger, the same update twice


def test_a_group_is_told_once_and_left(clinic: RunningClinic, telegram: Telegram) -> None:
    telegram.api.next_call_meets("leaveChat", delay_s=0.3)
    telegram.group_message(FAMILY, new_chat_members=[{"id": 7100200300, "is_bot": True, "first_name": "Northstar"}])
    telegram.group_message(FAMILY, text="Does mom take metformin?")
    telegram.api.wait_for_calls("leaveChat")
    (told,) = telegram.sent(FAMILY)
    assert told["text"].startswith("To keep health matters private, I answer only in a private chat.")
    assert [int(call["chat_id"]) for call in telegram.api.calls_of("leaveChat")] == [FAMILY]
    assert clinic.rows(Conversation) == []


def test_danger_is_answered_while_the_model_is_stopped(
    clinic: RunningClinic, telegram: Telegram, maria: Patient
) -> None:
    clinic.rasa.silent = True
    assert telegram.ask(CHAT, "me duele el pecho").startswith("Si esto está pasando ahora, llame al 911.")
    (ticket,) = clinic.rows(Ticket)
    assert (ticket.reason, ticket.urgency, ticket.patient_id) == (TicketReason.EMERGENCY, Urgency.URGENT, maria.id)
    assert clinic.rasa.heard == []


def test_the_same_update_twice_has_one_effect(clinic: RunningClinic, telegram: Telegram, maria: Patient) -> None:
    number, before = telegram.new_id(), len(telegram.sent(CHAT))
    telegram.text(CHAT, PREGUNTA, update_id=number)
    telegram.next_sent(CHAT, before)
    telegram.text(CHAT, PREGUNTA, update_id=number)
    telegram.ask(CHAT, "/start")
    assert [row.body for row in clinic.messages(ChannelName.TELEGRAM, Direction.INBOUND)] == [PREGUNTA, "/start"]
    assert len(telegram.sent(CHAT)) == 2
    assert len(clinic.rasa.heard) == 1


# Trouble


def test_a_person_who_blocked_the_bot_is_left_alone_and_a_person_hears_of_it(
    clinic: RunningClinic, telegram: Telegram, maria: Patient
) -> None:
    telegram.api.blocked_by.add(CHAT)
    telegram.text(CHAT, PREGUNTA)
    ticket = eventually(lambda: clinic.rows(Ticket), what="a ticket")[0]
    assert ticket.reason is TicketReason.UNDELIVERED
    (message,) = clinic.messages(ChannelName.TELEGRAM, Direction.OUTBOUND)
    assert (message.status, message.error_code) == (CommunicationStatus.FAILED, "blocked")
    assert clinic.conversation(ChannelName.TELEGRAM).opted_out_at is not None
    assert telegram.sent(CHAT) == []


@pytest.mark.parametrize("updates", ["polling"], indirect=True)
@pytest.mark.parametrize("with_link", [False, True])
def test_who_blocked_the_bot_and_starts_it_again_is_answered_again(
    clinic: RunningClinic, telegram: Telegram, with_link: bool
) -> None:
    """Telegram sends /start when somebody unblocks a bot, and with a token when they follow a link."""
    telegram.ask(CHAT, f"/start {link_token(clinic, MARIA)}")
    telegram.api.blocked_by.add(CHAT)
    telegram.text(CHAT, PREGUNTA)
    eventually(lambda: clinic.conversation(ChannelName.TELEGRAM).opted_out_at, what="the opt-out")
    telegram.api.blocked_by.clear()
    assert telegram.ask(CHAT, f"/start {link_token(clinic, MARIA)}" if with_link else "/start")
    assert re.fullmatch(CITA, telegram.ask(CHAT, PREGUNTA))


def test_an_answer_that_may_be_out_is_not_sent_twice(clinic: RunningClinic, telegram: Telegram, maria: Patient) -> None:
    telegram.api.next_call_meets("sendMessage", hang_after=True)
    telegram.text(CHAT, PREGUNTA)
    eventually(lambda: statuses(clinic) == [CommunicationStatus.UNKNOWN], what="an unknown end")
    clinic.turn_clock(by=timedelta(minutes=1))
    eventually(lambda: statuses(clinic) == [CommunicationStatus.FAILED], what="giving up")
    (ticket,) = clinic.rows(Ticket)
    assert ticket.reason is TicketReason.UNDELIVERED
    assert ticket.facts["error"] == "cannot_look_up"
    assert "not delivered (code cannot_look_up)" in console_page(clinic, f"/console/tickets/{ticket.id}")
    assert len(telegram.sent(CHAT)) == 1


@pytest.mark.parametrize("updates", ["polling"], indirect=True)
def test_a_busy_telegram_is_tried_again_when_it_says(clinic: RunningClinic, telegram: Telegram, maria: Patient) -> None:
    telegram.api.next_call_meets(
        "sendMessage", status=429, description="Too Many Requests: retry after 3", parameters={"retry_after": 3}
    )
    telegram.text(CHAT, PREGUNTA)
    eventually(lambda: not telegram.api.has_trouble("sendMessage"), what="the first try")
    eventually(lambda: statuses(clinic) == [CommunicationStatus.QUEUED], what="the wait")
    clinic.turn_clock(by=timedelta(seconds=4))
    assert re.fullmatch(CITA, str(telegram.next_sent(CHAT, 0)["text"]))
    assert clinic.rows(Ticket) == []


# Only by webhook


@pytest.mark.parametrize("updates", ["webhook"], indirect=True)
def test_the_webhook_is_set_with_its_secret(clinic: RunningClinic, telegram: Telegram) -> None:
    (call,) = telegram.api.calls_of("setWebhook")
    assert call["url"] == f"{clinic.url}{WEBHOOK_PATH}"
    assert call["secret_token"] == clinic.parts.tokens.telegram_webhook
    assert len(call["secret_token"]) >= 32
    assert set(call["allowed_updates"]) == {"message", "edited_message", "callback_query"}
    assert telegram.api.calls_of("getUpdates") == []


@pytest.mark.parametrize("updates", ["webhook"], indirect=True)
@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: "ñ"}])
def test_an_update_without_the_secret_leaves_nothing(clinic: RunningClinic, headers: dict[str, str]) -> None:
    update = {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": CHAT, "type": "private"}}}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = httpx.post(f"{clinic.url}{WEBHOOK_PATH}", json=update, headers=raw, trust_env=False, verify=TRUSTED)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert clinic.rows(Communication) == []
    assert clinic.rows(Conversation) == []


def link_token(clinic: RunningClinic, phone: str) -> str:
    """From the page of somebody who has signed in."""
    with Browser(clinic) as browser:
        browser.sign_in(phone)
        page = browser.post("/chat/telegram").text
    return str(re.findall(r'href="https://t\.me/northstar_clinic_bot\?start=([\w-]{16,64})"', page)[0])


def console_page(clinic: RunningClinic, path: str) -> str:
    """As a coordinator sees it."""
    with httpx.Client(base_url=clinic.url, follow_redirects=True, trust_env=False, verify=TRUSTED) as desk:
        csrf = re.findall(r'name="csrf" value="([^"]+)"', desk.get("/console/login").text)[0]
        desk.post("/console/login", data={"csrf": csrf, "username": "dolores", "password": DEMO_PASSWORD})
        return desk.get(path).text


def morning_reminder(clinic: RunningClinic, telegram: Telegram, maria: Patient) -> dict[str, Any]:
    """Tomorrow at eight in the morning: losartan and metformin."""
    before = len(telegram.sent(CHAT))
    clinic.change(lambda session: schedule_doses(session, clinic.parts.policies, maria.id, clinic.now()))
    clinic.turn_clock(days=1, to=time(8, 1))
    return telegram.next_sent(CHAT, before)


def button(message: dict[str, Any], digit: str) -> str:
    """The callback data of this answer."""
    return next(data for data in Telegram.buttons(message).values() if data.startswith(f"{digit}:"))


def telegram_contacts(clinic: RunningClinic) -> list[ContactPoint]:
    return clinic.rows(ContactPoint, ContactPoint.channel == ChannelName.TELEGRAM)


def dose_statuses(clinic: RunningClinic) -> list[AdministrationStatus]:
    """Of the doses at eight in the morning."""
    day = clinic.now().astimezone(zone(NEW_YORK)).date()
    due = MedicationAdministration.due_at == instant(day, time(8), NEW_YORK)
    return [dose.status for dose in clinic.rows(MedicationAdministration, due)]


def participations(clinic: RunningClinic, patient: Patient) -> set[ParticipationStatus]:
    visits = clinic.rows(
        Appointment, Appointment.patient_id == patient.id, Appointment.status == AppointmentStatus.BOOKED
    )
    return {visit.participation for visit in visits}


def statuses(clinic: RunningClinic) -> list[CommunicationStatus]:
    return [row.status for row in clinic.messages(ChannelName.TELEGRAM, Direction.OUTBOUND)]
