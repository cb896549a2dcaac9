"""Hears from PostgreSQL that a message was stored, so that a worker of another process wakes at once.

The notice is part of the transaction that stores the message. Losing one costs a sweep of the worker, nothing else,
so a connection through a pooler that cannot LISTEN does no harm.
"""

import threading
from collections.abc import Callable

import psycopg
import structlog
from sqlalchemy.engine import URL

from bot.records.engine import WORK_CHANNEL

log = structlog.get_logger(__name__)

HEARS_FOR_S = 1.0
RECONNECT_AFTER_S = 5.0


class Listener:
    """Calls `wake` for each notice, from a thread of its own. It connects again when the database was away."""

    def __init__(self, url: URL, wake: Callable[[], None]) -> None:
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._wake = wake
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=15)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                log.warning("listener_unavailable", error=type(error).__name__)
                self._stopping.wait(RECONNECT_AFTER_S)

    def _listen(self) -> None:
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(f"LISTEN {WORK_CHANNEL}")
            # Whatever was stored while nobody listened.
            self._wake()
            while not self._stopping.is_set():
                for _ in connection.notifies(timeout=HEARS_FOR_S):
                    self._wake()
                    if self._stopping.is_set():
                        return
