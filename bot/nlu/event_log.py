"""Conversation events in one SQLite file, sealed with AES-256-GCM, bounded per conversation and in age.

Knows nothing of Rasa: an event is a JSON text and a mark that says whether a conversation may be read from
there on (`opens`: it listens, and no form is active).
"""

import os
import sqlite3
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_BYTES = 32
DAY_SECONDS = 86_400

SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    id INTEGER PRIMARY KEY,
    sender_id TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    opens INTEGER NOT NULL,
    stored_at REAL NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS event_by_sender ON event (sender_id, id);
CREATE INDEX IF NOT EXISTS event_by_opening ON event (sender_id, opens, id);
CREATE INDEX IF NOT EXISTS event_by_age ON event (stored_at);
"""


class KeyUnusable(Exception):
    """The key file is readable by others or holds no key of 32 bytes."""


class EventSealBroken(Exception):
    """A stored event was changed, moved to another row, or sealed with another key."""


@dataclass(frozen=True)
class LoggedEvent:
    """One event. `opens`: a conversation may be read from this event on."""

    json: str
    opens: bool


def load_or_make_key(path: Path) -> bytes:
    """The key in this file, which is made on first use and readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    with os.fdopen(descriptor, "wb") as file:
        key = os.urandom(KEY_BYTES)
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def _read_key(path: Path) -> bytes:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyUnusable(f"others can read {path.name}; run: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeyUnusable(f"{path.name} holds no key; restore it, or remove it and the file it belongs to")
    return key


class EventLog:
    """Appends, loads and forgets events. A call costs the same at a conversation's 1st and 1,000th turn."""

    def __init__(self, path: Path, key: bytes, *, window: int = 60, max_age_days: int = 90) -> None:
        """`window`: how many of the latest events are loaded; twice as many are kept on disk."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._cipher = AESGCM(key)
        self._window = window
        self._max_age_seconds = max_age_days * DAY_SECONDS
        self._next_sweep_at = 0.0
        path.touch(mode=0o600)
        # Commits are explicit; a sweep or a second process may hold the file for a moment.
        self._database = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute("PRAGMA secure_delete = ON")
        self._database.executescript(SCHEMA)

    def load(self, sender_id: str) -> list[str]:
        """The latest events as JSON texts, oldest first, never beginning inside a form."""
        rows = self._database.execute(
            "SELECT id, sealed FROM event WHERE sender_id = ? AND id >= ? ORDER BY id",
            (sender_id, self._first_id(sender_id, self._window)),
        )
        return [self._open(sender_id, row_id, sealed) for row_id, sealed in rows]

    def append(self, sender_id: str, turn_id: str, events: Sequence[LoggedEvent]) -> None:
        """Store new events in one transaction and drop those that fell out of the window."""
        now = time.time()
        self._database.execute("BEGIN IMMEDIATE")
        try:
            (last_id,) = self._database.execute("SELECT COALESCE(MAX(id), 0) FROM event").fetchone()
            self._database.executemany(
                "INSERT INTO event (id, sender_id, turn_id, opens, stored_at, sealed) VALUES (?,?,?,?,?,?)",
                [
                    (row_id, sender_id, turn_id, event.opens, now, self._seal(sender_id, row_id, event.json))
                    for row_id, event in enumerate(events, start=last_id + 1)
                ],
            )
            self._database.execute(
                "DELETE FROM event WHERE sender_id = ? AND id < ?",
                (sender_id, self._first_id(sender_id, 2 * self._window)),
            )
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._sweep(now)

    def forget(self, sender_id: str, turn_id: str) -> None:
        """Remove what an earlier try of this turn wrote."""
        self._database.execute("DELETE FROM event WHERE sender_id = ? AND turn_id = ?", (sender_id, turn_id))

    def senders(self) -> list[str]:
        return [row[0] for row in self._database.execute("SELECT DISTINCT sender_id FROM event")]

    def close(self) -> None:
        self._database.close()

    def _first_id(self, sender_id: str, window: int) -> int:
        """Where reading starts: the first opening within the window, else the last one before it."""
        (oldest_id,) = self._database.execute(
            "SELECT MIN(id) FROM (SELECT id FROM event WHERE sender_id = ? ORDER BY id DESC LIMIT ?)",
            (sender_id, window),
        ).fetchone()
        (first_id,) = self._database.execute(
            "SELECT COALESCE("
            "(SELECT MIN(id) FROM event WHERE sender_id = :sender AND opens = 1 AND id >= :oldest),"
            "(SELECT MAX(id) FROM event WHERE sender_id = :sender AND opens = 1 AND id < :oldest),"
            "0)",
            {"sender": sender_id, "oldest": oldest_id or 0},
        ).fetchone()
        return int(first_id)

    def _sweep(self, now: float) -> None:
        """Once a day, drop conversations that have been silent for longer than the greatest age."""
        if now < self._next_sweep_at:
            return
        self._next_sweep_at = now + DAY_SECONDS
        self._database.execute(
            "DELETE FROM event WHERE sender_id IN "
            "(SELECT sender_id FROM event GROUP BY sender_id HAVING MAX(stored_at) < ?)",
            (now - self._max_age_seconds,),
        )

    def _seal(self, sender_id: str, row_id: int, text: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), _place(sender_id, row_id))

    def _open(self, sender_id: str, row_id: int, sealed: bytes) -> str:
        nonce, cipher = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, cipher, _place(sender_id, row_id)).decode()
        except InvalidTag as error:
            raise EventSealBroken(f"row {row_id}") from error


def _place(sender_id: str, row_id: int) -> bytes:
    return f"{sender_id}:{row_id}".encode()
