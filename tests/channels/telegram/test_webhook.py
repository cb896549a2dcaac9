"""The webhook: who may post, what is stored, what Telegram is answered."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.telegram.runner import BotRunner
from bot.channels.telegram.webhook import LARGEST_UPDATE, SECRET_HEADER, WEBHOOK_PATH, TelegramWebhook
from tests.channels.telegram.fake_bot_api import FakeBotApi
from tests.channels.telegram.support import AMINA, FAMILY_GROUP, Inbox, payload

SECRET = "b2Fj-Rk_77"
PRIVATE_ONLY = "Please write to me in a private chat."


@pytest.fixture
def app(inbox: Inbox, runner: BotRunner) -> Starlette:
    webhook = TelegramWebhook(
        SECRET,
        inbox.accept,
        on_group=lambda chat_id: runner.refuse_group(chat_id, PRIVATE_ONLY),
        answer_callback=runner.answer_callback,
    )
    return Starlette(routes=webhook.routes())


def request(app: Starlette, method: str, body: bytes, headers: dict[str, Any]) -> httpx.Response:
    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://clinic.example") as client:
            return await client.request(method, WEBHOOK_PATH, content=body, headers=headers)

    return asyncio.run(call())


def post(app: Starlette, update: Any) -> httpx.Response:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    return request(app, "POST", body, {SECRET_HEADER: SECRET})


def test_a_text_is_stored_and_answered_at_once(app: Starlette, inbox: Inbox) -> None:
    assert post(app, payload("private_text")).status_code == 200
    (message,) = inbox.messages
    assert (message.address, message.text) == (AMINA, "When is my next appointment?")


def test_the_same_update_twice_is_stored_once(app: Starlette, inbox: Inbox) -> None:
    assert [post(app, payload("private_text")).status_code for _ in range(2)] == [200, 200]
    assert len(inbox.messages) == 1


@pytest.mark.parametrize("secret", [None, "", "b2Fj-Rk_7", "b2Fj-Rk_77x", "ñandú"])
def test_without_the_secret_nothing_is_read(app: Starlette, inbox: Inbox, secret: str | None) -> None:
    headers = {} if secret is None else {SECRET_HEADER: secret.encode()}
    body = json.dumps(payload("private_text")).encode()
    assert request(app, "POST", body, headers).status_code == 403
    assert inbox.attempts == 0


def test_an_empty_secret_is_no_secret(inbox: Inbox) -> None:
    with pytest.raises(ValueError, match="secret"):
        TelegramWebhook("", inbox.accept, on_group=print, answer_callback=print)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b"[" * 200_000,
        json.dumps(payload("missing_update_id")).encode(),
        json.dumps(payload("missing_chat")).encode(),
        b'{"update_id": 7, "message": {"message_id": 1, "date": 1e30, "chat": {"id": 1, "type": "private"}}}',
        b'{"update_id": 7, "message": "hi"}',
    ],
)
def test_what_is_no_update_is_refused(app: Starlette, inbox: Inbox, body: bytes) -> None:
    assert post(app, body).status_code == 400
    assert inbox.attempts == 0


def test_a_body_over_a_megabyte_is_refused(app: Starlette, inbox: Inbox) -> None:
    assert post(app, b" " * (LARGEST_UPDATE + 1)).status_code == 413
    assert inbox.attempts == 0


def test_only_posts_are_taken(app: Starlette) -> None:
    assert request(app, "GET", b"", {SECRET_HEADER: SECRET}).status_code == 405


def test_when_the_database_is_away_telegram_is_asked_to_come_again(app: Starlette, inbox: Inbox) -> None:
    inbox.failures = 1
    assert post(app, payload("private_text")).status_code >= 500
    assert post(app, payload("private_text")).status_code == 200
    assert len(inbox.messages) == 1


def test_a_pressed_button_is_stored_as_its_digit_and_stops_spinning(
    app: Starlette, inbox: Inbox, api: FakeBotApi
) -> None:
    update = payload("callback_query")
    assert post(app, update).status_code == 200
    assert [message.text for message in inbox.messages] == ["1"]
    (answer,) = api.wait_for_calls("answerCallbackQuery")
    assert answer["callback_query_id"] == update["callback_query"]["id"]


def test_a_button_keeps_spinning_until_it_is_stored(app: Starlette, inbox: Inbox, api: FakeBotApi) -> None:
    inbox.failures = 1
    post(app, payload("callback_query"))
    post(app, payload("callback_query"))
    api.wait_for_calls("answerCallbackQuery")
    assert len(inbox.messages) == 1


def test_a_button_that_telegram_no_longer_waits_for_does_no_harm(app: Starlette, inbox: Inbox, api: FakeBotApi) -> None:
    api.next_call_meets("answerCallbackQuery", status=400, description="Bad Request: query is too old")
    assert post(app, payload("callback_query_old_message")).status_code == 200
    assert [message.text for message in inbox.messages] == ["2"]


def test_a_group_is_told_once_and_left(app: Starlette, inbox: Inbox, api: FakeBotApi) -> None:
    assert post(app, payload("group_text")).status_code == 200
    assert api.wait_for_calls("leaveChat") == [{"chat_id": str(FAMILY_GROUP)}]
    assert [call["text"] for call in api.calls_of("sendMessage")] == [PRIVATE_ONLY]
    assert inbox.attempts == 0


def test_a_group_that_forbids_writing_is_left_in_silence(app: Starlette, api: FakeBotApi) -> None:
    api.next_call_meets("sendMessage", status=400, description="Bad Request: not enough rights")
    post(app, payload("group_bot_added"))
    assert len(api.wait_for_calls("leaveChat")) == 1


@pytest.mark.parametrize("name", ["pinned_message", "live_location_moved", "group_bot_left", "nothing_inside"])
def test_what_nobody_wrote_is_answered_and_not_stored(app: Starlette, inbox: Inbox, api: FakeBotApi, name: str) -> None:
    assert post(app, payload(name)).status_code == 200
    assert inbox.attempts == 0
    assert api.calls == []
