"""The bot: calls of the Bot API, made on a loop of their own and usable from any thread.

The token is part of every request's URL, and the libraries' loggers print URLs, parameters and answers, so they
are silenced here before the first request.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import structlog
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.channels.base import ChannelError
from bot.channels.telegram.errors import as_channel_error, translated
from bot.channels.telegram.loop import LoopThread

log = structlog.get_logger(__name__)

TELEGRAM_API = "https://api.telegram.org"
UPDATES_WANTED = ("message", "edited_message", "callback_query")
CONNECT_TIMEOUT_S = 5.0
FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 60.0
# A preview would let Telegram's servers open our single-use links before the person does.
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

Result = TypeVar("Result")


class BotRunner:
    """One bot. `base_url` is the Bot API server, Telegram's own or a self-hosted one, without the token.

    Nothing is asked of Telegram before the first call, so the program starts without it. `timeout_s` is how long
    Telegram may be silent. Failures are ChannelError.
    """

    def __init__(self, token: str, *, base_url: str = TELEGRAM_API, timeout_s: float = 10.0) -> None:
        quiet_library_logs()
        self._timeout_s = timeout_s
        connect_timeout_s = min(CONNECT_TIMEOUT_S, timeout_s)
        self._request = HTTPXRequest(
            connect_timeout=connect_timeout_s,
            read_timeout=timeout_s,
            write_timeout=timeout_s,
            pool_timeout=connect_timeout_s,
        )
        self._bot = Bot(
            token,
            base_url=_with_bot_prefix(base_url),
            request=self._request,
            get_updates_request=self._request,  # one pool for all; the library would open a second one
        )
        self._loop = LoopThread("telegram-bot")
        self._leaving: set[int] = set()

    def start(self) -> None:
        """Start the thread. Once; a stopped runner is not started again."""
        self._loop.start()

    def stop(self) -> None:
        """Let calls under way end or cancel them, close the connections, end the thread: a few seconds."""
        self._loop.stop(self._request.shutdown())

    def fetch_username(self) -> str:
        """The bot's name without @, for https://t.me/NAME?start=TOKEN links. Asks Telegram each time."""
        return str(self._loop.wait_for(self._bot.get_me(), self._timeout_s * 2).username)

    def send_message(self, chat_id: int, text: str, keyboard: InlineKeyboardMarkup | None, within_s: float) -> int:
        """Send one message as it is, no markup read. Returns Telegram's message id, unique in that chat."""
        sending = self._bot.send_message(chat_id, text, reply_markup=keyboard, link_preview_options=NO_PREVIEW)
        return self._loop.wait_for(sending, within_s).message_id

    def answer_callback(self, callback_id: str) -> None:
        """Stop a pressed button's spinner, in the background. Lost where Telegram no longer waits for it."""
        self._in_background(self._bot.answer_callback_query(callback_id), "callback_not_answered")

    def refuse_group(self, chat_id: int, text: str) -> None:
        """Say `text` in a group and leave it, in the background. Once, however much is written there meanwhile."""
        if chat_id in self._leaving:
            return
        self._leaving.add(chat_id)
        leaving = self._in_background(self._say_and_leave(chat_id, text), "group_not_left")
        leaving.add_done_callback(lambda _: self._leaving.discard(chat_id))

    def set_webhook(self, url: str, secret: str) -> Future[None]:
        """Have updates posted to `url` (https). Returns at once and tries until Telegram has taken it.

        The future ends with ChannelError when Telegram refuses for good, which is logged too. `secret` is 1 to
        256 of A-Z, a-z, 0-9, _ and -.
        """

        def call() -> Coroutine[Any, Any, bool]:
            return self._bot.set_webhook(url, secret_token=secret, allowed_updates=UPDATES_WANTED)

        return self._in_background(_until_taken(call), "webhook_not_set")

    def delete_webhook(self) -> Future[bool]:
        """Go back to polling; updates that wait at Telegram are kept. Can be cancelled."""
        return self._loop.submit(self._bot.delete_webhook(drop_pending_updates=False))

    def fetch_updates(self, offset: int | None, wait_s: float) -> Future[list[Any]]:
        """Updates from `offset` on as raw JSON, waiting up to `wait_s` for the first. Can be cancelled."""
        parameters = {"offset": offset, "timeout": int(wait_s), "allowed_updates": UPDATES_WANTED}
        # Bot.get_updates logs and drops a whole batch when it cannot read one update of it. Method names are
        # case-insensitive; the capital tells the library that going around its own method is meant.
        return self._loop.submit(
            self._bot.do_api_request("GetUpdates", parameters, read_timeout=wait_s + self._timeout_s)
        )

    def _in_background(self, call: Coroutine[Any, Any, Result], failed: str) -> Future[Result]:
        future: Future[Result]
        try:
            future = self._loop.submit(call)
        except ChannelError as error:
            future = Future()
            future.set_exception(error)
        future.add_done_callback(lambda done: _log_failure(done, failed))
        return future

    async def _say_and_leave(self, chat_id: int, text: str) -> None:
        try:
            await self._bot.send_message(chat_id, text)
        except TelegramError as error:  # A group may forbid bots to write; it is left all the same.
            log.info("group_not_told", code=as_channel_error(error).code)
        await self._bot.leave_chat(chat_id)


def quiet_library_logs() -> None:
    """Keep the libraries from logging URLs (they hold the token), texts and answers at any root level."""
    for name, level in (
        ("telegram", logging.CRITICAL),
        ("httpx", logging.WARNING),
        ("httpcore", logging.WARNING),
    ):
        logging.getLogger(name).setLevel(level)


def backoff_s(failures: int) -> float:
    """Seconds until the next try after that many failures: doubling, with jitter on the upper half."""
    longest: float = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** min(failures - 1, 10))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret


def _with_bot_prefix(base_url: str) -> str:
    root = base_url.rstrip("/")
    return root if root.endswith("/bot") else f"{root}/bot"


async def _until_taken(call: Callable[[], Coroutine[Any, Any, bool]]) -> None:
    failures = 0
    while True:
        try:
            await translated(call())
        except ChannelError as error:
            if error.permanent:
                raise
            failures += 1
            log.warning("webhook_delayed", code=error.code)
            await asyncio.sleep(error.retry_after_s or backoff_s(failures))
        else:
            return


def _log_failure(done: Future[Any], event: str) -> None:
    error = None if done.cancelled() else done.exception()
    if isinstance(error, ChannelError):
        log.warning(event, code=error.code)
    elif error is not None:
        log.error(event, error=type(error).__name__)
