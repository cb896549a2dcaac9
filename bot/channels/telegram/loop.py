"""An event loop in a thread of its own, so that threads that may block can call the asynchronous client."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

import structlog

from bot.channels.base import ChannelError
from bot.channels.telegram.errors import translated

log = structlog.get_logger(__name__)

GRACE_S = 2.0
STOP_TIMEOUT_S = 5.0

Result = TypeVar("Result")


class LoopThread:
    """Runs coroutines that other threads hand in. Started once, stopped once."""

    def __init__(self, name: str) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._ready = threading.Event()

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def stop(self, closing: Coroutine[Any, Any, None]) -> None:
        """Let what runs end within GRACE_S or cancel it, run `closing`, end the thread."""
        loop, self._loop = self._loop, None
        if loop is None:
            closing.close()
            return
        try:
            asyncio.run_coroutine_threadsafe(_finish_others_and(closing), loop).result(STOP_TIMEOUT_S)
        except TimeoutError:
            log.warning("loop_not_closed_in_time")
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(STOP_TIMEOUT_S)

    def submit(self, call: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Run it soon; the future fails with ChannelError only.

        Raises ChannelError, with nothing begun, where the loop does not run.
        """
        loop, translating = self._loop, translated(call)
        try:
            if loop is not None:
                return asyncio.run_coroutine_threadsafe(translating, loop)
        except RuntimeError:  # It was closed a moment ago.
            pass
        translating.close()
        call.close()
        raise ChannelError("bot_not_running")

    def wait_for(self, call: Coroutine[Any, Any, Result], within_s: float) -> Result:
        """Run it and wait. What is not done in time is cancelled, and may have had its effect all the same."""
        future = self.submit(call)
        try:
            return future.result(within_s)
        except TimeoutError:
            future.cancel()
            raise ChannelError("timeout", ambiguous=True) from None
        except CancelledError:
            raise ChannelError("bot_stopped", ambiguous=True) from None

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        self._loop = loop
        loop.call_soon(self._ready.set)
        loop.run_forever()
        loop.close()


async def _finish_others_and(closing: Coroutine[Any, Any, None]) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        # A message that is cancelled halfway may be out; one that ends is known to be.
        _, unfinished = await asyncio.wait(others, timeout=GRACE_S)
        for task in unfinished:
            task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await closing
