"""A whole clinic on one database, wired by `bot.bootstrap`; only the network and the clock are replaced.

People text through the local carrier, whose signed posts reach the real web app in this process; the worker's
three loops are run by hand until all is quiet, so that a test never waits.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast
from unittest.mock import patch

import httpx
from sqlalchemy import select
from starlette.testclient import TestClient

from bot import bootstrap
from bot.bootstrap import Parts, make_web, make_worker
from bot.channels.twilio.channel import TwilioChannel
from bot.channels.twilio.local_carrier import LocalCarrier
from bot.channels.twilio.webhook import STATUS_PATH
from bot.conversation import inbox
from bot.conversation.steps import Desk
from bot.dialogue.client import RasaClient
from bot.domain.enums import ChannelName, Direction, TicketStatus
from bot.i18n.render import Words
from bot.records import Communication, Conversation, Record, Ticket, Timer
from bot.records.types import keyring
from bot.reminders.policies import Policies
from bot.settings import CHECKOUT, Settings, read_settings
from bot.worker import Worker
from tests.support.cast import Cast, write_cast
from tests.support.clock import FixedClock
from tests.support.rasa import ScriptedRasa

PUBLIC_URL = "http://127.0.0.1:8000"
SETTINGS = {
    "NORTHSTAR_CLINIC": "Riverside Clinic",
    "NORTHSTAR_CLINIC_PHONE": "+12125550100",
    "NORTHSTAR_NURSE_LINE": "+12125550111",
    "NORTHSTAR_DISCLOSURE": "standard",
    "NORTHSTAR_LANGUAGES": "all",
    "NORTHSTAR_PUBLIC_URL": PUBLIC_URL,
}
STATUS_URL = f"{PUBLIC_URL}{STATUS_PATH}"
Row = TypeVar("Row", bound=Record)


def to_the_minute(policies: Policies) -> Policies:
    """The same without jitter, so that a test knows when it is written to."""
    return replace(
        policies,
        visits=tuple(replace(each, jitter=timedelta()) for each in policies.visits),
        doses=tuple(replace(each, jitter=timedelta()) for each in policies.doses),
    )


def settings_in(folder: Path, database_url: str, **values: str) -> Settings:
    environment = {
        **SETTINGS,
        "NORTHSTAR_DATA_DIR": str(folder),
        "NORTHSTAR_DATABASE_URL": database_url,
        **values,
    }
    return read_settings(environment, CHECKOUT)


class Clinic:
    """The parts of one process. `rasa` is scripted unless the settings are to be taken as they are."""

    def __init__(self, settings: Settings, *, clock: FixedClock | None = None, scripted: bool = True) -> None:
        built = _build(settings)
        self.clock = clock or FixedClock()
        self.rasa = ScriptedRasa(call_action=self._call_action)
        rasa = cast(RasaClient, self.rasa) if scripted else built.rasa
        self.parts: Parts = replace(built, clock=self.clock, rasa=rasa, policies=to_the_minute(built.policies))
        if scripted:
            built.rasa.close()
        self.database = self.parts.database
        self.keyring = keyring()
        self.web = TestClient(make_web(self.parts), base_url=settings.public_url, raise_server_exceptions=False)
        self.carrier = self._carrier()
        self._worker: Worker | None = None

    @property
    def worker(self) -> Worker:
        if self._worker is None:
            self._worker = make_worker(self.parts)
        return self._worker

    def seed(self, write: Callable[..., Any]) -> Any:
        """Run a seeding function in one transaction; what it returns."""
        with self.database.write() as session:
            return write(session)

    def cast(self) -> Cast:
        return cast(Cast, self.seed(write_cast))

    # What people do.

    def text(self, phone: str, body: str, *, media: tuple[str, ...] = ()) -> list[str]:
        """Somebody texts; returns what their handset shows for it, the carrier's own answers included."""
        seen = len(self.received(phone))
        assert self.carrier.send_from_handset(phone, body, media) == 200
        self.work()
        return self.received(phone)[seen:]

    def received(self, phone: str) -> list[str]:
        return [message.body for message in self.carrier.messages(phone) if not message.from_handset]

    # What the worker does.

    def work(self) -> None:
        """Turns, timers and the outbox, until nothing is left that is due now."""
        while self.take_turns() + self.worker._timers.fire_batch() + self.deliver():
            pass

    def take_turns(self) -> int:
        with self.database.write() as session:
            leased = inbox.claim(session, limit=20, lease_s=self.parts.settings.lease_s)
        return sum(self.worker._turns.handle(message) for message in leased)

    def deliver(self) -> int:
        sent = self.worker._deliverer.deliver_batch()
        self.worker._deliverer.drain()
        self.settle()
        return sent

    def settle(self) -> None:
        """Wait for the receipts that are on their way: the carrier posts them one after the other."""
        self.carrier._callbacks.submit(lambda: None).result()

    # What is stored.

    def rows(self, kind: type[Row], *where: Any) -> list[Row]:
        with self.database.read() as session:
            return list(session.scalars(select(kind).where(*where).order_by(kind.id)))

    def row(self, kind: type[Row], row_id: Any) -> Row:
        with self.database.read() as session:
            return session.get_one(kind, row_id)

    def tickets(self) -> list[Ticket]:
        return self.rows(Ticket, Ticket.status != TicketStatus.RESOLVED)

    def ticket(self) -> Ticket:
        (ticket,) = self.tickets()
        return ticket

    def timers(self, **where: Any) -> list[Timer]:
        return self.rows(Timer, *(getattr(Timer, name) == value for name, value in where.items()))

    def inbound(self) -> list[Communication]:
        return self.rows(Communication, Communication.direction == Direction.INBOUND)

    def outbound(self) -> list[Communication]:
        return self.rows(Communication, Communication.direction == Direction.OUTBOUND)

    def conversation(self, phone: str) -> Conversation:
        (row,) = self.rows(Conversation, Conversation.address_index == phone)
        return row

    def change(self, kind: type[Record], row_id: Any, **values: Any) -> None:
        with self.database.write() as session:
            row = session.get_one(kind, row_id)
            for name, value in values.items():
                setattr(row, name, value)

    def close(self) -> None:
        if self._worker is not None:
            self._worker._pool.shutdown()
            self._worker._deliverer._executor.shutdown()  # type: ignore[attr-defined]
        self.web.close()
        self.parts.close()

    def _carrier(self) -> LocalCarrier:
        carrier = self.parts.carrier
        if carrier is None:
            raise ValueError("these settings have no local carrier")
        carrier._clock = self.clock
        carrier._http.close()
        carrier._http = self.web
        carrier._callbacks.shutdown()
        carrier._callbacks = ThreadPoolExecutor(max_workers=1)
        return carrier

    def _call_action(self, call: dict[str, Any]) -> list[Mapping[str, Any]]:
        response = self.web.post(
            "/actions", json=call, headers={"Authorization": f"Bearer {self.parts.tokens.actions}"}
        )
        assert response.status_code == 200, response.text
        return [message["custom"] for message in response.json()["responses"]]

    def over(self, channel: Any) -> None:
        """Send SMS through this channel instead of the local carrier's."""
        self.parts.channels[ChannelName.SMS] = channel

    def sms_over(self, carrier: Any) -> None:
        self.over(TwilioChannel(carrier, STATUS_URL))


def _build(settings: Settings) -> Parts:
    """As a process does, but phrase lists, catalogs and certificates are read from disk once for the whole run."""
    with (
        patch.object(bootstrap.parts, "make_desk", _desk),
        patch.object(bootstrap.parts, "make_words", _words),
        patch("httpx._transports.default.create_ssl_context", _make_ssl_context),
    ):
        return bootstrap.build(settings)


_make_desk, _make_words = cache(bootstrap.make_desk), cache(bootstrap.make_words)
_make_ssl_context = cache(httpx.create_ssl_context)


def _anywhere(settings: Settings) -> Settings:
    nowhere = Path()
    return replace(settings, data_dir=nowhere, key_file=nowhere, database_url="")


def _desk(settings: Settings) -> Desk:
    return _make_desk(_anywhere(settings))


def _words(settings: Settings) -> Words:
    return _make_words(_anywhere(settings))


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run it in so many threads that start together; returns results or exceptions, in order."""
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        barrier.wait()
        try:
            return act(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
