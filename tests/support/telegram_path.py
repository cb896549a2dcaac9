"""The whole program on a free port, with the demo clinic: bootstrap's web app and its worker with their threads.

Only three things are not real: the Rasa server is scripted, Telegram is a fake Bot API, and the carrier is the
local one. The clock stands at ten in the morning in New York when a test begins, and runs on.
"""

import shutil
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from datetime import time as wall
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, cast
from unittest.mock import patch
from uuid import UUID

import httpx
import uvicorn
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot import bootstrap
from bot.bootstrap import Parts, build, make_web, make_worker
from bot.channels.telegram.runner import BotRunner
from bot.conversation.keywords import Keywords
from bot.conversation.red_flags import RedFlags
from bot.demo.seed import seed
from bot.dialogue.client import RasaClient
from bot.domain.clock import instant, zone
from bot.domain.enums import ChannelName, Direction
from bot.i18n.catalogs import Catalogs
from bot.records import Communication, ContactPoint, Conversation, Patient, Record
from bot.records.demo_clock import DemoClock
from bot.settings import CHECKOUT, Settings, read_settings
from tests.channels.telegram.fake_bot_api import BOT, TOKEN, FakeBotApi
from tests.support.clinic import to_the_minute
from tests.support.processes import eventually
from tests.support.rasa import ScriptedRasa
from tests.support.telegram_side import Telegram

NEW_YORK = "America/New_York"
MARIA, THABO, SHARED = "+15550100104", "+15550100110", "+15550100111"

# Read from disk once for the whole run: nobody changes them.
CATALOGS = patch.object(Catalogs, "load", cache(Catalogs.load))
RED_FLAGS = patch.object(bootstrap.parts, "RedFlags", cache(RedFlags))
KEYWORDS = patch.object(bootstrap.parts, "Keywords", cache(Keywords))
TRUSTED = ssl.create_default_context()
TRUST = patch.object(ssl, "create_default_context", lambda *_, **__: TRUSTED)
# Half a second in place of ten until Telegram counts as silent.
IMPATIENCE = patch.object(bootstrap.parts, "BotRunner", partial(BotRunner, timeout_s=0.5))

Row = TypeVar("Row", bound=Record)
Seen = TypeVar("Seen")


def seed_clinic(folder: Path) -> None:
    """The demo clinic in a data directory, to be copied: its database, its key and its tokens."""
    parts = build(read_settings({"NORTHSTAR_DATA_DIR": str(folder)}, CHECKOUT))
    clock = cast(DemoClock, parts.clock)
    tomorrow = (clock.now().astimezone(zone(NEW_YORK)) + timedelta(days=1)).date()
    clock.turn_to(instant(tomorrow, wall(10), NEW_YORK))
    with parts.database.write() as session:
        seed(session, clock.now())
    with parts.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    parts.close()


@contextmanager
def running_clinic(
    seeded: Path, folder: Path, api: FakeBotApi | None = None, updates: str = "polling"
) -> Iterator["RunningClinic"]:
    """A copy of the seeded clinic, served until the block ends. With `api`, its bot takes updates as `updates` says."""
    shutil.copytree(seeded, folder, dirs_exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        clinic = RunningClinic(_settings(folder, listener.getsockname()[1], api, updates), api)
        server = uvicorn.Server(uvicorn.Config(clinic.app, log_config=None, timeout_graceful_shutdown=2))
        clinic.app.state.stopping = lambda: server.should_exit
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            eventually(lambda: server.started, what="the start")
            yield clinic
        finally:
            server.should_exit = True
            thread.join(20)
            clinic.close()


def _settings(folder: Path, port: int, api: FakeBotApi | None, updates: str) -> Settings:
    telegram = {
        "NORTHSTAR_TELEGRAM_TOKEN": TOKEN,
        "NORTHSTAR_TELEGRAM_BOT_NAME": f"@{BOT['username']}",
        "NORTHSTAR_TELEGRAM_UPDATES": updates,
    }
    environment = {
        "NORTHSTAR_DATA_DIR": str(folder),
        "NORTHSTAR_CLINIC": "Riverside Clinic",
        "NORTHSTAR_LANGUAGES": "all",
        "NORTHSTAR_PORT": str(port),
        "NORTHSTAR_PUBLIC_URL": f"http://127.0.0.1:{port}",
        **(telegram | {"NORTHSTAR_TELEGRAM_BASE_URL": api.base_url} if api else {}),
    }
    return read_settings(environment, CHECKOUT)


class RunningClinic:
    """One process's parts, and what a test asks of them. Use `running_clinic`."""

    def __init__(self, settings: Settings, api: FakeBotApi | None) -> None:
        self.settings = settings
        self.url = settings.public_url
        self.rasa = ScriptedRasa(call_action=self._call_action)
        self.parts = self._parts(settings)
        self.database = self.parts.database
        self._http = httpx.Client(base_url=self.url, trust_env=False, verify=TRUSTED)
        self.telegram = Telegram(api, self._http) if api else None
        worker = make_worker(self.parts)
        self.app = make_web(self.parts, on_start=worker.start, on_stop=worker.stop)

    def _parts(self, settings: Settings) -> Parts:
        """As bootstrap builds them, but the model is scripted."""
        with CATALOGS, RED_FLAGS, KEYWORDS, TRUST, IMPATIENCE:
            built = build(settings)
        built.rasa.close()
        return replace(built, rasa=cast(RasaClient, self.rasa), policies=to_the_minute(built.policies))

    def understands_visits(self) -> None:
        """What the tests ask about visits, each answered by the real action over HTTP."""
        for text in ("When is my next visit?", "¿Cuándo es mi próxima cita?"):
            self.rasa.understands(text, "ask_appointment_when", action="action_appointment_when")
        for text in ("I want to confirm my visit", "Quiero confirmar mi cita"):
            self.rasa.understands(text, "confirm_appointment", action="action_appointment_confirm")

    def now(self) -> datetime:
        return self.parts.clock.now()

    def turn_clock(self, *, days: int = 0, to: wall | None = None, by: timedelta = timedelta()) -> None:
        """Forward, to a wall time in New York or by so much; then the worker looks again."""
        at = self.now() + by
        if to is not None:
            day = at.astimezone(zone(NEW_YORK)).date() + timedelta(days=days)
            at = instant(day, to, NEW_YORK)
        cast(DemoClock, self.parts.clock).turn_to(at)
        self.parts.wake()

    def rows(self, kind: type[Row], *where: ColumnElement[bool]) -> list[Row]:
        with self.database.read() as session:
            return list(session.scalars(select(kind).where(*where).order_by(kind.id)))

    def change(self, write: Callable[[Session], Seen]) -> Seen:
        with self.database.write() as session:
            return write(session)

    def patient(self, given_name: str) -> Patient:
        return next(patient for patient in self.rows(Patient) if patient.given_name == given_name)

    def conversation(self, channel: ChannelName) -> Conversation:
        (conversation,) = self.rows(Conversation, Conversation.channel == channel)
        return conversation

    def messages(self, channel: ChannelName, direction: Direction) -> list[Communication]:
        return self.rows(Communication, Communication.channel == channel, Communication.direction == direction)

    def handset(self, phone: str) -> list[str]:
        """What the local carrier put on this handset, oldest first."""
        tokens = self.parts.tokens
        answer = self._http.get(
            "/carrier/messages",
            params={"phone": phone},
            auth=(tokens.carrier_account_sid, tokens.carrier_auth_token),
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        return [message["body"] for message in answer.json() if message["direction"] != "inbound"]

    def close(self) -> None:
        self._http.close()
        self.parts.close()

    def _call_action(self, call: dict[str, Any]) -> list[Mapping[str, Any]]:
        authorization = {"Authorization": f"Bearer {self.parts.tokens.actions}"}
        answer = self._http.post("/actions", json=call, headers=authorization)
        assert answer.status_code == httpx.codes.OK, answer.text
        return [message["custom"] for message in answer.json()["responses"]]


def telegram_only(session: Session, patient_id: UUID, chat_id: int, now: datetime) -> None:
    """The patient is reached on Telegram, and on nothing else."""
    for contact in session.scalars(select(ContactPoint).where(ContactPoint.patient_id == patient_id)):
        session.delete(contact)
    session.add(
        ContactPoint(
            channel=ChannelName.TELEGRAM,
            address=str(chat_id),
            address_index=str(chat_id),
            patient_id=patient_id,
            verified_at=now,
        )
    )
