"""The pages on a small seeded clinic, for their tests: real database, real outbox, real carrier; no language model.

Whatever a person writes is answered by one fixed sentence, so that a test sees both directions.
"""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from datetime import time as wall
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

import uvicorn
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from bot.channels.base import InboundMessage, Receipt
from bot.channels.twilio.channel import TwilioChannel
from bot.channels.twilio.local_carrier import LocalCarrier
from bot.channels.twilio.webhook import MESSAGES_PATH, STATUS_PATH, TwilioWebhooks
from bot.channels.webchat.channel import WebchatChannel
from bot.console.routes import console_routes
from bot.conversation import inbox
from bot.conversation.sign_in import SignIn
from bot.demo.seed import seed
from bot.domain.enums import (
    Author,
    ChannelName,
    CommunicationStatus,
    Direction,
    Disclosure,
    TicketReason,
)
from bot.handoff.hours import OfficeHours
from bot.handoff.tickets import open_ticket
from bot.i18n.catalogs import Catalogs
from bot.i18n.render import Words
from bot.outbox import Say, apply_receipt, enqueue
from bot.outbox.deliver import Deliverer
from bot.records import Communication, ContactPoint, Conversation, Coordinator, Deployment, Ticket
from bot.records.demo_clock import DemoClock
from bot.records.engine import Database
from bot.records.types import Keyring, install_keyring
from bot.web.chat import chat_routes
from bot.web.handsets import handset_routes
from bot.web.pages import SecurityHeaders, error_page, static_routes

CLINIC = "Riverside Clinic"
CLINIC_NUMBER = "+15550100000"
AUTH_TOKEN = "local-test-token"
ACCOUNT_SID = "AC00000000000000000000000000000000"
HOURS = OfficeHours(
    weekdays=frozenset(range(5)), opens_local=wall(8), closes_local=wall(17), time_zone="America/New_York"
)
THABO, MARIA, FARAH, BRUNO = "+15550100110", "+15550100104", "+15550100107", "+15550100201"
AMINA = "+15550100101"
STRANGER = "+15550100199"


@cache
def _seeded() -> tuple[Keyring, Path]:
    """One seeded database for the whole run; each test copies it."""
    keyring = Keyring.generate()
    install_keyring(keyring)
    path = Path(mkdtemp(prefix="northstar-pages-")) / "clinic.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    with database.write() as session:
        session.add(Deployment(key_probe="probe"))
        session.flush()
        seed(session, datetime.now().astimezone())
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return keyring, path


@cache
def _catalogs() -> Catalogs:
    return Catalogs.load()


class Clinic:
    """Everything a pages test needs. `base_url` is where webhooks are posted to, once a server runs there."""

    def __init__(self, folder: Path, base_url: str = "http://127.0.0.1:9") -> None:
        keyring, seeded = _seeded()
        install_keyring(keyring)
        shutil.copy(seeded, folder / "clinic.db")
        self.database = Database(f"sqlite:///{folder / 'clinic.db'}")
        self.clock = DemoClock(self.database)
        self.words = Words(
            _catalogs(),
            defaults={"clinic": CLINIC, "url": f"{base_url}/chat", "nurse_line": "+15550100001"},
        )
        self.carrier = LocalCarrier(
            self.database,
            self.clock,
            account_sid=ACCOUNT_SID,
            auth_token=AUTH_TOKEN,
            number=CLINIC_NUMBER,
            webhook_url=f"{base_url}{MESSAGES_PATH}",
        )
        self._executor = ThreadPoolExecutor(2)
        self.deliverer = Deliverer(
            self.database,
            {
                ChannelName.SMS: TwilioChannel(self.carrier, f"{base_url}{STATUS_PATH}"),
                ChannelName.WEBCHAT: WebchatChannel(),
            },
            self.clock,
            self._executor,
            lambda session, row, now: None,
            lease_s=30.0,
            limits={},
        )
        self._stopping = False
        self._lock = threading.Lock()
        self.woken = 0
        self.app = self._build(base_url)

    def wake(self) -> None:
        self.woken += 1
        threading.Thread(target=self.deliver).start()

    def deliver(self) -> None:
        with self._lock:
            while not self._stopping and self.deliverer.deliver_batch():
                pass

    async def accept(self, message: InboundMessage) -> bool:
        is_new = await run_in_threadpool(inbox.accept, self.database, self.clock, "en", message, urgent=False)
        if is_new:
            await run_in_threadpool(self._answer, message)
            self.wake()
        return is_new

    async def accept_receipt(self, receipt: Receipt) -> None:
        def store() -> None:
            with self.database.write() as session:
                apply_receipt(session, receipt, self.clock.now())

        await run_in_threadpool(store)

    def write_in(
        self,
        session: Session,
        number: str,
        text: str,
        *,
        minutes_ago: float = 0,
        understood: dict[str, object] | None = None,
        media: tuple[str, ...] = (),
    ) -> Conversation:
        """A text that came in and was handled, with the conversation it belongs to."""
        at = self.clock.now() - timedelta(minutes=minutes_ago)
        message = InboundMessage(channel=ChannelName.SMS, provider_id="", address=number, text=text, media=media)
        conversation = inbox.find_or_open(session, at, "en", message)
        session.add(
            Communication(
                conversation_id=conversation.id,
                channel=ChannelName.SMS,
                direction=Direction.INBOUND,
                author=Author.PERSON,
                status=CommunicationStatus.HANDLED,
                provider_id=f"SM{time.monotonic_ns()}",
                body=text,
                detail={"media": list(media), "understood": understood or {}},
                language=conversation.language,
                created_at=at,
                next_attempt_at=at,
            )
        )
        session.flush()
        return conversation

    def say(self, session: Session, conversation: Conversation, *says: Say, at: datetime) -> Communication:
        """A message of the bot that was delivered."""
        row = enqueue(session, self.words, conversation, says, now=at, level=Disclosure.FULL)
        assert row is not None
        row.status, row.segments, row.delivered_at = CommunicationStatus.DELIVERED, 2, at
        return row

    def open_ticket(
        self,
        number: str,
        reason: TicketReason,
        text: str,
        *,
        minutes_ago: float = 5,
        did: str = "handoff",
        **facts: object,
    ) -> UUID:
        """A person wrote, the bot answered that a person will, and a ticket stands open."""
        with self.database.write() as session:
            conversation = self.write_in(session, number, text, minutes_ago=minutes_ago)
            at = self.clock.now() - timedelta(minutes=minutes_ago)
            due = {
                "at": (at + timedelta(hours=3)).isoformat(timespec="seconds"),
                "time_zone": "America/New_York",
            }
            params = {"number": "911"} if did == "emergency_known" else {"due": due}
            self.say(session, conversation, Say(did, params), at=at)
            ticket, _ = open_ticket(
                session,
                conversation,
                reason,
                patient_id=conversation.patient_id,
                facts={"words": [text], "did": [did], **facts},
                now=at,
                hours=HOURS,
            )
            return ticket.id

    def ticket(self, ticket_id: UUID) -> Ticket:
        with self.database.read() as session:
            return session.get_one(Ticket, ticket_id)

    def coordinator_id(self, username: str) -> UUID:
        with self.database.read() as session:
            return session.scalars(select(Coordinator.id).where(Coordinator.username == username)).one()

    def contact_id(self, number: str) -> UUID:
        """The handset page's key of this phone."""
        with self.database.read() as session:
            return session.scalars(
                select(ContactPoint.id).where(ContactPoint.address_index == number).order_by(ContactPoint.id).limit(1)
            ).one()

    def bodies(self, number: str) -> list[str]:
        """What this handset received."""
        return [message.body for message in self.carrier.messages(number) if not message.from_handset]

    def close(self) -> None:
        self._stopping = True
        with self._lock:
            self._executor.shutdown()
        self.carrier.close()
        self.database.close()

    def _answer(self, message: InboundMessage) -> None:
        with self.database.write() as session:
            conversation = session.scalars(
                select(Conversation).where(
                    Conversation.channel == message.channel, Conversation.address_index == message.address
                )
            ).one()
            now = self.clock.now()
            enqueue(
                session,
                self.words,
                conversation,
                [Say("greet")],
                now=now,
                level=Disclosure.GENERIC,
                options=[("1", "option_will_come"), ("2", "option_change")],
            )

    def _build(self, base_url: str) -> Starlette:
        sign_in = SignIn(
            self.database,
            self.words,
            self.clock,
            self.wake,
            default_language="en",
            default_region="US",
            telegram_bot="riverside_test_bot",
        )
        routes = [
            *static_routes(),
            *console_routes(
                database=self.database,
                clock=self.clock,
                words=self.words,
                hours=HOURS,
                clinic=CLINIC,
                wake=self.wake,
                secure_cookies=False,
            ),
            *handset_routes(
                carrier=self.carrier,
                database=self.database,
                clock=self.clock,
                wake=self.wake,
                auth_token=AUTH_TOKEN,
            ),
            *chat_routes(
                database=self.database,
                clock=self.clock,
                accept=self.accept,
                sign_in=sign_in,
                clinic=CLINIC,
                secure_cookies=False,
            ),
            *TwilioWebhooks(AUTH_TOKEN, base_url, self.accept, self.accept_receipt).routes(),
        ]
        app = Starlette(
            routes=routes,
            middleware=[Middleware(SecurityHeaders)],
            exception_handlers={HTTPException: error_page, 500: error_page},
        )
        app.state.stopping = lambda: self._stopping
        return app


@contextmanager
def serving(folder: Path) -> Iterator[tuple[Clinic, str]]:
    """The clinic behind a real server on a free port; yields it and its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        clinic = Clinic(folder, base_url)
        server = uvicorn.Server(uvicorn.Config(clinic.app, log_level="warning", timeout_graceful_shutdown=3))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.02)
            yield clinic, base_url
        finally:
            clinic._stopping = True
            server.should_exit = True
            thread.join(10)
            clinic.close()
