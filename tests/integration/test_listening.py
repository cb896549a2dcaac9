"""On PostgreSQL a worker hears at once of what another process stores."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.channels.base import InboundMessage
from bot.conversation import inbox
from bot.domain.enums import ChannelName
from bot.records.engine import Database
from bot.records.listening import Listener
from tests.support.cast import AMINA, Cast
from tests.support.clinic import Clinic
from tests.support.clock import NOW

SOON_S = 10.0


class Woken:
    """Counts wakes; `once_more` waits for the next one."""

    def __init__(self) -> None:
        self._heard = threading.Semaphore(0)

    def __call__(self) -> None:
        self._heard.release()

    def once_more(self, within_s: float = SOON_S) -> bool:
        return self._heard.acquire(timeout=within_s)


@contextmanager
def listening(database: Database) -> Iterator[Woken]:
    woken = Woken()
    listener = Listener(database.url, woken)
    listener.start()
    try:
        assert woken.once_more()  # it looks once when it begins to listen
        yield woken
    finally:
        listener.stop()


def arrive(clinic: Clinic, sid: str) -> bool:
    message = InboundMessage(channel=ChannelName.SMS, provider_id=sid, address=AMINA, text="hello")
    return inbox.accept(clinic.database, clinic.clock, "en", message, urgent=False)


def store_and_fail(session: Session) -> None:
    message = InboundMessage(channel=ChannelName.SMS, provider_id="SM2", address=AMINA, text="hello")
    inbox._store(session, NOW, "en", message, False)
    session.flush()
    raise ZeroDivisionError


@pytest.fixture
def clinic_on_postgresql(clinic: Clinic) -> Clinic:
    if not clinic.database.is_postgresql:
        pytest.skip("SQLite cannot tell another process; the sweep finds the work")
    return clinic


def test_a_stored_message_wakes_the_worker(clinic_on_postgresql: Clinic, cast: Cast) -> None:
    with listening(clinic_on_postgresql.database) as woken:
        assert arrive(clinic_on_postgresql, "SM1")
        assert woken.once_more()


def test_what_was_rolled_back_or_seen_before_wakes_nobody(clinic_on_postgresql: Clinic, cast: Cast) -> None:
    clinic = clinic_on_postgresql
    assert arrive(clinic, "SM1")
    with listening(clinic.database) as woken:
        assert not arrive(clinic, "SM1")
        with pytest.raises(ZeroDivisionError):
            clinic.seed(store_and_fail)
        assert not woken.once_more(within_s=1.0)


def test_it_listens_again_after_the_database_was_away(
    clinic_on_postgresql: Clinic, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.records.listening.RECONNECT_AFTER_S", 0.05)
    clinic = clinic_on_postgresql
    with listening(clinic.database) as woken:
        with clinic.database.write() as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE query LIKE 'LISTEN%' AND datname = current_database()"
                )
            )
        assert woken.once_more()  # what came meanwhile is looked for
        assert arrive(clinic, "SM1")
        assert woken.once_more()
