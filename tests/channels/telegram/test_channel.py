"""Sending: what the person gets, and what the outbox is told when Telegram does not take a message."""

import socket
import threading
from datetime import UTC, datetime
from uuid import UUID

import pytest

from bot.channels.base import ChannelError, OutboundMessage, Sent
from bot.channels.telegram.channel import LONGEST_CALLBACK_BYTES, TelegramChannel
from bot.channels.telegram.runner import BotRunner
from bot.domain.enums import ChannelName, CommunicationStatus
from tests.channels.telegram.fake_bot_api import TOKEN, FakeBotApi
from tests.channels.telegram.support import AMINA, eventually

# Waits are whole seconds or spans, as the environment says; the adapter reads both.
pytestmark = pytest.mark.filterwarnings("ignore:.*retry_after.*:DeprecationWarning")
OUR_ID = UUID("019b0e2c-6f10-7c3e-8a55-0d9b1f7c2e11")


def message(
    text: str = "Your visit is tomorrow.", address: str = AMINA, options: tuple[tuple[str, str], ...] = ()
) -> OutboundMessage:
    return OutboundMessage(
        communication_id=OUR_ID, address=address, text=text, options=options, created_at=datetime.now(UTC)
    )


def failure(channel: TelegramChannel, sending: OutboundMessage | None = None) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel.send(sending or message())
    return caught.value


def test_a_text_arrives_as_it_is(channel: TelegramChannel, api: FakeBotApi) -> None:
    sent = channel.send(message("Mañana *9:00* <b>&</b> 👍🏽 موعدك"))
    (call,) = api.calls_of("sendMessage")
    assert call["chat_id"] == AMINA
    assert call["text"] == "Mañana *9:00* <b>&</b> 👍🏽 موعدك"
    assert "parse_mode" not in call
    assert "reply_markup" not in call
    assert sent.status is CommunicationStatus.SENT
    assert sent.provider_id == f"1:{OUR_ID}"
    assert channel.name is ChannelName.TELEGRAM
    assert channel.segments("x" * 5000) == 1


def test_a_link_is_not_opened_by_telegram_before_the_person(channel: TelegramChannel, api: FakeBotApi) -> None:
    channel.send(message("https://clinic.example/v/once"))
    assert api.calls_of("sendMessage")[0]["link_preview_options"] == {"is_disabled": True}


def test_options_become_buttons_that_carry_the_digit_and_the_message(channel: TelegramChannel, api: FakeBotApi) -> None:
    channel.send(message("Did you take it?", options=(("1", "Taken"), ("2", "Not yet"))))
    rows = api.calls_of("sendMessage")[0]["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in rows] == [["Taken"], ["Not yet"]]
    assert [row[0]["callback_data"] for row in rows] == [f"1:{OUR_ID}", f"2:{OUR_ID}"]
    assert all(len(row[0]["callback_data"].encode()) <= LONGEST_CALLBACK_BYTES for row in rows)


def test_an_option_that_fits_no_button_is_refused_before_anything_is_sent(
    channel: TelegramChannel, api: FakeBotApi
) -> None:
    error = failure(channel, message(options=(("1" * 30, "Long"),)))
    assert (error.code, error.permanent) == ("option_too_long", True)
    assert api.calls == []


def test_a_long_text_goes_in_parts_with_the_buttons_under_the_last(channel: TelegramChannel, api: FakeBotApi) -> None:
    text = "\n".join(f"Line {number} of the instructions." for number in range(300))
    sent = channel.send(message(text, options=(("1", "OK"),)))
    calls = api.calls_of("sendMessage")
    assert len(calls) == 3
    assert "\n".join(call["text"] for call in calls) == text
    assert [("reply_markup" in call) for call in calls] == [False, False, True]
    assert sent.provider_id == f"3:{OUR_ID}"


def test_a_part_that_telegram_delays_is_sent_without_repeating_the_first(
    channel: TelegramChannel, api: FakeBotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_sent = channel._runner.send_message

    def send_and_delay_the_next(*arguments: object) -> int:
        message_id = first_sent(*arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(channel._runner, "send_message", first_sent)
        api.next_call_meets("sendMessage", status=429, parameters={"retry_after": 1})
        return message_id

    monkeypatch.setattr(channel._runner, "send_message", send_and_delay_the_next)
    channel.send(message("a" * 4096 + " " + "b" * 10))
    assert [call["text"][0] for call in api.calls_of("sendMessage")] == ["a", "b"]


def test_a_message_that_is_half_out_is_given_to_a_person_instead_of_sent_again(
    channel: TelegramChannel, api: FakeBotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_sent = channel._runner.send_message

    def send_then_be_blocked(*arguments: object) -> int:
        message_id = first_sent(*arguments)  # type: ignore[arg-type]
        api.blocked_by.add(int(AMINA))
        return message_id

    monkeypatch.setattr(channel._runner, "send_message", send_then_be_blocked)
    error = failure(channel, message("word " * 1000))
    assert (error.code, error.permanent, error.opted_out) == ("partly_sent", True, True)


def test_too_many_requests_waits_as_long_as_telegram_says(channel: TelegramChannel, api: FakeBotApi) -> None:
    api.next_call_meets(
        "sendMessage",
        status=429,
        description="Too Many Requests: retry after 17",
        parameters={"retry_after": 17},
    )
    error = failure(channel)
    assert (error.code, error.retry_after_s) == ("429", 17)
    assert not error.permanent
    assert not error.ambiguous


def test_too_many_requests_without_a_time_is_tried_again(channel: TelegramChannel, api: FakeBotApi) -> None:
    api.next_call_meets("sendMessage", status=429, description="Too Many Requests")
    error = failure(channel)
    assert error.retry_after_s
    assert not error.permanent
    assert not error.ambiguous


def test_a_person_who_blocked_the_bot_has_opted_out(channel: TelegramChannel, api: FakeBotApi) -> None:
    api.blocked_by.add(int(AMINA))
    error = failure(channel)
    assert (error.code, error.permanent, error.opted_out) == ("blocked", True, True)


def test_a_deleted_account_has_not_opted_out(channel: TelegramChannel, api: FakeBotApi) -> None:
    api.next_call_meets("sendMessage", status=403, description="Forbidden: user is deactivated")
    error = failure(channel)
    assert (error.code, error.permanent, error.opted_out) == ("forbidden", True, False)


@pytest.mark.parametrize(
    ("description", "code"),
    [
        ("Bad Request: chat not found", "chat_not_found"),
        ("Bad Request: message text is empty", "bad_request"),
    ],
)
def test_a_request_that_telegram_refuses_is_not_tried_again(
    channel: TelegramChannel, api: FakeBotApi, description: str, code: str
) -> None:
    api.next_call_meets("sendMessage", status=400, description=description)
    error = failure(channel)
    assert (error.code, error.permanent, error.ambiguous) == (code, True, False)


@pytest.mark.parametrize("silence", ["hang", "hang_after"])
def test_silence_after_the_request_went_out_is_ambiguous(
    channel: TelegramChannel, api: FakeBotApi, silence: str
) -> None:
    api.next_call_meets("sendMessage", **{silence: True})
    error = failure(channel)
    assert (error.code, error.ambiguous, error.permanent) == ("timeout", True, False)
    assert len(api.calls_of("sendMessage")) == (silence == "hang_after")


@pytest.mark.parametrize(
    ("status", "body"), [(502, b"<html>Bad Gateway</html>"), (500, b"{}"), (200, b"<html>proxy</html>")]
)
def test_an_answer_that_proves_nothing_is_ambiguous(
    channel: TelegramChannel, api: FakeBotApi, status: int, body: bytes
) -> None:
    api.next_call_meets("sendMessage", status=status, body=body)
    error = failure(channel)
    assert error.ambiguous
    assert not error.permanent


def test_a_server_that_is_not_there_is_simply_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    runner = BotRunner(TOKEN, base_url=f"http://127.0.0.1:{port}", timeout_s=0.5)
    runner.start()
    try:
        error = failure(TelegramChannel(runner))
    finally:
        runner.stop()
    assert (error.code, error.permanent, error.ambiguous) == ("connection", False, False)


def test_a_wrong_token_is_named(api: FakeBotApi) -> None:
    runner = BotRunner("7100200300:AAWrong", base_url=api.base_url)
    runner.start()
    try:
        error = failure(TelegramChannel(runner))
    finally:
        runner.stop()
    assert (error.code, error.permanent, error.opted_out) == ("invalid_token", True, False)


@pytest.mark.parametrize("address", ["-1001998877665", "@channel", "", "5512009001 "])
def test_nothing_is_sent_to_what_is_no_private_chat(channel: TelegramChannel, api: FakeBotApi, address: str) -> None:
    error = failure(channel, message(address=address))
    assert (error.code, error.permanent) == ("not_a_private_chat", True)
    assert api.calls == []


def test_telegram_cannot_be_asked_about_a_message(channel: TelegramChannel) -> None:
    with pytest.raises(ChannelError) as caught:
        channel.look_up(message())
    assert caught.value.permanent


def test_a_stopped_bot_is_tried_again_later(channel: TelegramChannel, runner: BotRunner) -> None:
    runner.stop()
    error = failure(channel)
    assert (error.code, error.permanent, error.ambiguous) == ("bot_not_running", False, False)


def test_stopping_releases_a_thread_that_waits_for_telegram(api: FakeBotApi) -> None:
    runner = BotRunner(TOKEN, base_url=api.base_url, timeout_s=30)
    runner.start()
    channel = TelegramChannel(runner)
    api.next_call_meets("sendMessage", hang=True)
    errors: list[ChannelError] = []
    sender = threading.Thread(target=lambda: errors.append(failure(channel)))
    sender.start()
    assert eventually(lambda: not api.has_trouble("sendMessage"))
    runner.stop()
    sender.join(1)
    assert [(error.code, error.ambiguous) for error in errors] == [("bot_stopped", True)]


def test_a_message_under_way_is_finished_before_stopping(api: FakeBotApi) -> None:
    runner = BotRunner(TOKEN, base_url=api.base_url)
    runner.start()
    sent: list[Sent] = []
    api.next_call_meets("sendMessage", delay_s=0.5)
    sender = threading.Thread(target=lambda: sent.append(TelegramChannel(runner).send(message())))
    sender.start()
    assert eventually(lambda: not api.has_trouble("sendMessage"))
    runner.stop()
    sender.join(1)
    assert len(sent) == len(api.calls_of("sendMessage")) == 1
