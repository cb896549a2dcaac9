"""The bot at start: its name, its webhook, and what the logs must never show."""

import logging
import traceback
import warnings
from datetime import UTC, datetime

import pytest

from bot.channels.base import ChannelError, OutboundMessage
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.runner import BotRunner
from bot.domain.ids import new_id
from tests.channels.telegram.fake_bot_api import TOKEN, FakeBotApi
from tests.channels.telegram.support import AMINA

pytestmark = pytest.mark.filterwarnings("ignore:.*retry_after.*:DeprecationWarning")
HOOK = "https://clinic.example/channels/telegram/webhook"


def test_the_bot_knows_its_name(runner: BotRunner) -> None:
    assert runner.fetch_username() == "northstar_clinic_bot"


@pytest.mark.parametrize("suffix", ["", "/", "/bot"])
def test_the_server_may_be_written_in_any_usual_way(api: FakeBotApi, suffix: str) -> None:
    runner = BotRunner(TOKEN, base_url=api.base_url + suffix)
    runner.start()
    try:
        assert runner.fetch_username() == "northstar_clinic_bot"
    finally:
        runner.stop()


def test_the_webhook_is_set_with_its_secret_and_only_the_updates_we_read(runner: BotRunner, api: FakeBotApi) -> None:
    runner.set_webhook(HOOK, "b2Fj-Rk_77").result(5)
    assert api.webhook is not None
    assert (api.webhook["url"], api.webhook["secret_token"]) == (HOOK, "b2Fj-Rk_77")
    assert api.webhook["allowed_updates"] == ["message", "edited_message", "callback_query"]


def test_the_webhook_is_set_once_telegram_is_back(runner: BotRunner, api: FakeBotApi) -> None:
    api.next_call_meets("setWebhook", status=502, body=b"")
    api.next_call_meets("setWebhook", status=429, parameters={"retry_after": 1})
    runner.set_webhook(HOOK, "b2Fj-Rk_77").result(10)
    assert api.webhook is not None


def test_a_webhook_that_telegram_refuses_is_reported(runner: BotRunner, api: FakeBotApi) -> None:
    api.next_call_meets("setWebhook", status=400, description="Bad Request: bad webhook: HTTPS url must be provided")
    with pytest.raises(ChannelError) as caught:
        runner.set_webhook("http://clinic.example", "x").result(5)
    assert (caught.value.code, caught.value.permanent) == ("bad_request", True)


def test_deleting_the_webhook_keeps_what_waits(runner: BotRunner, api: FakeBotApi) -> None:
    runner.delete_webhook().result(5)
    (call,) = api.calls_of("deleteWebhook")
    assert call["drop_pending_updates"].lower() == "false"


def test_no_log_line_or_traceback_holds_the_token_or_a_text(
    api: FakeBotApi, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    caught = _fail_in_every_way(api)
    logged = caplog.text + "".join(capfd.readouterr())
    logged += "".join("".join(traceback.format_exception(error)) for error in caught)
    assert len(caught) == 6
    for secret in (TOKEN, TOKEN.partition(":")[2], "metformin", AMINA, "quoted back"):
        assert secret not in logged


def _fail_in_every_way(api: FakeBotApi) -> list[ChannelError]:
    runner = BotRunner(TOKEN, base_url=api.base_url, timeout_s=0.3)
    runner.start()
    channel = TelegramChannel(runner)
    sending = OutboundMessage(
        communication_id=new_id(), address=AMINA, text="Take metformin now.", created_at=datetime.now(UTC)
    )
    caught: list[ChannelError] = []
    channel.send(sending)
    for trouble in (
        {"status": 400, "description": "Bad Request: quoted back"},
        {"status": 401, "description": "Unauthorized"},
        {"status": 502, "body": b"quoted back"},
        {"status": 200, "body": b"quoted back"},
        {"status": 429, "parameters": {"retry_after": 3}},
        {"hang": True},
    ):
        api.next_call_meets("sendMessage", **trouble)
        try:
            channel.send(sending)
        except ChannelError as error:
            caught.append(error)
    runner.stop()
    return caught


def test_no_coroutine_is_left_behind_by_a_bot_that_does_not_run(runner: BotRunner) -> None:
    runner.stop()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runner.answer_callback("1")
        runner.refuse_group(-1, "x")
        with pytest.raises(ChannelError):
            runner.delete_webhook()
