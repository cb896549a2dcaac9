"""The fake Bot API and a bot that talks to it."""

from collections.abc import Iterator

import pytest

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.runner import BotRunner
from tests.channels.telegram.fake_bot_api import TOKEN, FakeBotApi
from tests.channels.telegram.support import Inbox


@pytest.fixture(scope="session")
def server() -> Iterator[FakeBotApi]:
    with FakeBotApi() as server:
        yield server


@pytest.fixture
def api(server: FakeBotApi) -> FakeBotApi:
    server.reset()
    return server


@pytest.fixture
def runner(api: FakeBotApi) -> Iterator[BotRunner]:
    runner = BotRunner(TOKEN, base_url=api.base_url, timeout_s=0.5)
    runner.start()
    yield runner
    runner.stop()


@pytest.fixture
def channel(runner: BotRunner) -> TelegramChannel:
    return TelegramChannel(runner)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()
