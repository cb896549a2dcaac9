"""Polling: nothing is lost, nothing is stored twice, and it ends when it is told to."""

import time
from collections.abc import Iterator

import pytest

from bot.channels.telegram.polling import Poller
from bot.channels.telegram.runner import BotRunner
from tests.channels.telegram.fake_bot_api import TOKEN, FakeBotApi
from tests.channels.telegram.support import FAMILY_GROUP, Inbox, eventually, payload


@pytest.fixture
def groups() -> list[int]:
    return []


@pytest.fixture
def poller(runner: BotRunner, inbox: Inbox, groups: list[int]) -> Iterator[Poller]:
    poller = Poller(runner, inbox.accept, on_group=groups.append, wait_s=2)
    poller.start()
    yield poller
    poller.stop()


def texts(inbox: Inbox) -> list[str]:
    return [message.text for message in inbox.messages]


@pytest.mark.usefixtures("poller")
def test_updates_are_stored_in_order_and_then_confirmed(api: FakeBotApi, inbox: Inbox) -> None:
    for name in ("private_text", "start_token", "edited_text", "callback_query"):
        api.push(payload(name))
    assert eventually(lambda: len(inbox.messages) == 4)
    assert texts(inbox) == [
        "When is my next appointment?",
        "/start k3J9xQ0mTz7bWn2LpR8vYg",
        "When is my next visit?",
        "1",
    ]
    assert eventually(lambda: api.waiting_updates() == [])
    assert len(api.wait_for_calls("answerCallbackQuery")) == 1
    assert inbox.attempts == 4


@pytest.mark.usefixtures("poller")
def test_an_update_is_not_confirmed_before_it_is_stored(api: FakeBotApi, inbox: Inbox) -> None:
    inbox.failures = 1
    api.push(payload("private_text"))
    api.push(payload("start_token"))
    assert eventually(lambda: inbox.attempts == 1)
    assert len(api.waiting_updates()) == 2
    assert eventually(lambda: len(inbox.messages) == 2)
    assert texts(inbox)[0] == "When is my next appointment?"
    assert eventually(lambda: api.waiting_updates() == [])


@pytest.mark.usefixtures("poller")
def test_an_update_that_cannot_be_read_does_not_hold_up_the_next(api: FakeBotApi, inbox: Inbox) -> None:
    api.push({"update_id": 781339999, "message": {"text": "no chat"}})
    api.push(payload("private_text"))
    assert eventually(lambda: len(inbox.messages) == 1)
    assert eventually(lambda: api.waiting_updates() == [])


@pytest.mark.usefixtures("poller")
def test_polling_goes_on_after_telegram_was_away(api: FakeBotApi, inbox: Inbox) -> None:
    api.wait_for_calls("getUpdates")
    api.next_call_meets("getUpdates", status=502, body=b"<html>Bad Gateway</html>")
    api.next_call_meets("getUpdates", status=200, body=b"not json")
    api.push(payload("private_text"))
    api.push(payload("start_token"))
    assert eventually(lambda: len(inbox.messages) == 2, within_s=8)


@pytest.mark.usefixtures("poller")
def test_a_group_is_reported_and_not_stored(api: FakeBotApi, inbox: Inbox, groups: list[int]) -> None:
    api.push(payload("group_text"))
    assert eventually(lambda: groups == [FAMILY_GROUP])
    assert inbox.attempts == 0


def test_a_webhook_from_before_is_removed_first(runner: BotRunner, api: FakeBotApi, inbox: Inbox) -> None:
    api.webhook = {"url": "https://old.example"}
    api.push(payload("private_text"))
    poller = Poller(runner, inbox.accept, on_group=print, wait_s=1)
    poller.start()
    assert eventually(lambda: len(inbox.messages) == 1)
    poller.stop()
    assert api.webhook is None


@pytest.mark.usefixtures("poller")
def test_a_webhook_that_is_set_meanwhile_is_removed_again(api: FakeBotApi, inbox: Inbox) -> None:
    api.wait_for_calls("getUpdates")
    api.webhook = {"url": "https://old.example"}
    api.push(payload("private_text"))
    api.push(payload("start_token"))
    assert eventually(lambda: len(inbox.messages) == 2)
    assert eventually(lambda: api.webhook is None)


def test_after_a_quiet_time_lower_ids_are_seen(api: FakeBotApi, runner: BotRunner, inbox: Inbox) -> None:
    poller = Poller(runner, inbox.accept, on_group=print, wait_s=0.0)
    poller.start()
    api.push(payload("private_text"))
    assert eventually(lambda: len(inbox.messages) == 1)
    calls = len(api.calls_of("getUpdates"))
    api.wait_for_calls("getUpdates", calls + 3)
    api.push(payload("start_token") | {"update_id": 5})
    assert eventually(lambda: len(inbox.messages) == 2)
    poller.stop()


def test_it_stops_in_the_middle_of_a_long_poll(api: FakeBotApi, runner: BotRunner, inbox: Inbox) -> None:
    poller = Poller(runner, inbox.accept, on_group=print)
    poller.start()
    api.wait_for_calls("getUpdates")
    started = time.monotonic()
    poller.stop()
    assert time.monotonic() - started < 2
    assert not poller._thread.is_alive()


def test_it_stops_while_telegram_is_silent(api: FakeBotApi, inbox: Inbox) -> None:
    runner = BotRunner(TOKEN, base_url=api.base_url, timeout_s=30)
    runner.start()
    api.next_call_meets("deleteWebhook", hang=True)
    poller = Poller(runner, inbox.accept, on_group=print)
    poller.start()
    time.sleep(0.2)
    started = time.monotonic()
    poller.stop()
    runner.stop()
    assert time.monotonic() - started < 2
    assert not poller._thread.is_alive()
