"""Sees replies arrive at the local carrier, by watching its table; a look costs microseconds and no request."""

import sqlite3
import threading
import time
from collections import defaultdict
from pathlib import Path
from queue import Empty, Queue

from bot.records.types import keyring

LOOK_EVERY_S = 0.001


class NoReply(Exception):
    """Nothing arrived at a handset in time."""


class Handsets:
    """The arrivals at all handsets from now on. One thread watches for everybody."""

    def __init__(self, database: Path) -> None:
        self._path = database
        self._arrivals: dict[bytes, Queue[float]] = defaultdict(Queue)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def next_arrival(self, phone: str, *, within_s: float = 30.0) -> float:
        """When the next reply arrived, on the monotonic clock. Raises NoReply."""
        try:
            return self._arrivals[keyring().blind(phone)].get(timeout=within_s)
        except Empty:
            raise NoReply(f"within {within_s:.0f} s") from None

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)
        (seen,) = connection.execute("SELECT COALESCE(MAX(rowid), 0) FROM carrier_message").fetchone()
        while not self._stopping.wait(LOOK_EVERY_S):
            rows = connection.execute(
                "SELECT rowid, handset_index FROM carrier_message WHERE rowid > ? AND NOT from_handset ORDER BY rowid",
                (seen,),
            ).fetchall()
            now = time.monotonic()
            for row_id, handset in rows:
                seen = row_id
                self._arrivals[bytes(handset)].put(now)
        connection.close()
