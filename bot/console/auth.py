"""Who a coordinator is: passwords (argon2id) and sessions, of which only a hash is stored.

Sessions end by the machine's clock, not the clinic's: turning the demo clock must not sign anybody out.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from bot.records import ConsoleSession, Coordinator
from bot.records.engine import Database

SESSION_LASTS = timedelta(hours=12)
LONGEST_PASSWORD = 1024


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A coordinator with a session. `time_zone` (IANA) is the desk's."""

    coordinator_id: UUID
    name: str
    time_zone: str
    csrf_token: str

    @property
    def given_name(self) -> str:
        return self.name.split()[0]


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    # Verified for unknown names, so that they take as long as known ones.
    return _hasher().hash(secrets.token_hex(16))


def check_password(database: Database, username: str, password: str) -> UUID | None:
    """The coordinator's id, None for an unknown name, a wrong password or a closed account alike. Slow on purpose."""
    with database.read() as session:
        coordinator = session.scalar(select(Coordinator).where(Coordinator.username == username))
    stored = coordinator.password_hash if coordinator else _nobodys_hash()
    try:
        _hasher().verify(stored, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    return coordinator.id if coordinator and coordinator.active else None


def open_session(database: Database, coordinator_id: UUID, replaces: str | None) -> str:
    """A new session; returns the cookie's token. Ends the session of the token `replaces` and all expired ones."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with database.write() as session:
        session.execute(delete(ConsoleSession).where(ConsoleSession.expires_at <= now))
        if replaces:
            session.execute(delete(ConsoleSession).where(ConsoleSession.token_hash == _hash(replaces)))
        session.add(
            ConsoleSession(
                token_hash=_hash(token),
                csrf_token=secrets.token_urlsafe(32),
                coordinator_id=coordinator_id,
                expires_at=now + SESSION_LASTS,
            )
        )
    return token


def find_session(database: Database, token: str) -> SignedIn | None:
    """Whose session this is, None when it is unknown, over, or its coordinator may no longer enter."""
    with database.read() as session:
        row = session.scalar(
            select(ConsoleSession)
            .where(ConsoleSession.token_hash == _hash(token), ConsoleSession.expires_at > datetime.now(UTC))
            .options(joinedload(ConsoleSession.coordinator))
        )
    if row is None or not row.coordinator.active:
        return None
    return SignedIn(
        coordinator_id=row.coordinator_id,
        name=row.coordinator.name,
        time_zone=row.coordinator.time_zone,
        csrf_token=row.csrf_token,
    )


def close_session(database: Database, token: str) -> None:
    with database.write() as session:
        session.execute(delete(ConsoleSession).where(ConsoleSession.token_hash == _hash(token)))


def _hash(token: str) -> bytes:
    # 256 random bits need no salt, and the look-up is by this hash.
    return hashlib.sha256(token.encode()).digest()
