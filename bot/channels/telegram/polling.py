"""Long polling, for a clinic whose machine cannot be reached from outside.

Telegram keeps an update until a later request's offset passes it, and ours passes it only after it is stored.
What is fetched twice after a crash is stored once, because update ids are unique. One process may poll for a bot.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

import structlog

from bot.channels.base import AcceptMessage, ChannelError
from bot.channels.telegram.runner import BotRunner, backoff_s
from bot.channels.telegram.updates import Intake, UpdateUnreadable, read_update, update_id_of
from bot.domain.enums import ChannelName

log = structlog.get_logger(__name__)

LONG_POLL_S = 30.0
JOIN_S = 5.0

Result = TypeVar("Result")


class Poller:
    """Fetches updates in a thread of its own until it is stopped; a started `runner` has to outlive it.

    `accept` and `on_group` are called in that thread, `accept` on an event loop of its own.
    """

    def __init__(
        self,
        runner: BotRunner,
        accept: AcceptMessage,
        *,
        on_group: Callable[[int], None],
        wait_s: float = LONG_POLL_S,
    ) -> None:
        self._runner = runner
        self._intake = Intake(accept, on_group, runner.answer_callback)
        self._wait_s = wait_s
        self._offset: int | None = None
        self._webhook_deleted = False
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._request: Future[Any] | None = None
        self._thread = threading.Thread(target=self._run, name="telegram-poller", daemon=True)

    def start(self) -> None:
        """Start once. Telegram may be away: it is tried again until it answers."""
        self._thread.start()

    def stop(self) -> None:
        """Cancel the open request and wait up to JOIN_S for the update in hand to be stored."""
        with self._lock:
            self._stopping.set()
            if self._request is not None:
                self._request.cancel()
        self._thread.join(JOIN_S)
        if self._thread.is_alive():
            log.warning("poller_still_storing", channel=ChannelName.TELEGRAM)

    def _run(self) -> None:
        failures = 0
        with asyncio.Runner() as loop:
            while not self._stopping.is_set():
                try:
                    self._poll_once(loop)
                    failures = 0
                except CancelledError:
                    pass
                except Exception as error:  # The thread has to survive anything; only the kind is logged.
                    failures += 1
                    self._pause(error, failures)

    def _pause(self, error: Exception, failures: int) -> None:
        code, pause_s = type(error).__name__, backoff_s(failures)
        if isinstance(error, ChannelError):
            code, pause_s = error.code, error.retry_after_s or pause_s
            # A conflict may be a webhook that somebody has set again.
            self._webhook_deleted = self._webhook_deleted and code != "conflict"
        log.warning("polling_failed", channel=ChannelName.TELEGRAM, code=code)
        self._stopping.wait(pause_s)

    def _poll_once(self, loop: asyncio.Runner) -> None:
        if not self._webhook_deleted:
            self._wait_for(self._runner.delete_webhook)
            self._webhook_deleted = True
        documents = self._wait_for(lambda: self._runner.fetch_updates(self._offset, self._wait_s))
        for document in documents:
            if self._stopping.is_set():
                return
            next_offset = update_id_of(document) + 1
            try:
                update = read_update(document)
            except UpdateUnreadable:
                log.error("malformed_message", channel=ChannelName.TELEGRAM)
            else:
                loop.run(self._intake.take(update))
            self._offset = next_offset
        if not documents:
            # All is confirmed. After a quiet week ids start anew at random, maybe below the old offset.
            self._offset = None

    def _wait_for(self, begin: Callable[[], Future[Result]]) -> Result:
        """Raises CancelledError once `stop` was called."""
        with self._lock:
            if self._stopping.is_set():
                raise CancelledError
            future = begin()
            self._request = future
        return future.result()
