"""A demo clinic served by real processes on loopback, each of which a test may stop, freeze or kill.

`Site` speaks to them only as a provider does: signed form posts in, the local carrier's messages out. What is
stored is read through `bot.records` with the clinic's own key file.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy import delete
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator

from bot.commands.environment import DEMO
from bot.records import Timer, types
from bot.records.engine import Database
from bot.records.types import Keyring, install_keyring

ROOT = Path(__file__).resolve().parents[2]
CLINIC_NUMBER = "+15550100000"
MESSAGES_PATH = "/channels/twilio/messages"
LEASE_S = 4.0
RASA_TIMEOUT_S = 3.0
STARTS_WITHIN_S = 90.0
STOPS_WITHIN_S = 20.0
MODEL_DIR = "NORTHSTAR_MODEL_DIR"

Found = TypeVar("Found")


def eventually(
    look: Callable[[], Found | None], *, within_s: float = 20.0, every_s: float = 0.02, what: str = "it"
) -> Found:
    """The first true value that `look` gives. Fails when there is none in time."""
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what} did not happen within {within_s:.0f} s"
        time.sleep(every_s)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass
class Running:
    """One command in a session of its own. Signals reach every process that it started there."""

    process: subprocess.Popen[bytes]
    log_path: Path

    def freeze(self) -> None:
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """As kill -9 does: without a chance to tidy up."""
        self._signal_group(signal.SIGKILL)
        self.process.wait(STOPS_WITHIN_S)

    def interrupt(self) -> int:
        """Ctrl-C to the command itself; returns its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOPS_WITHIN_S)

    def stop(self) -> None:
        """End it politely, then not."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOPS_WITHIN_S)
        self._signal_group(signal.SIGKILL)
        self.process.wait(STOPS_WITHIN_S)

    def alive(self) -> bool:
        return self.process.poll() is None

    def log(self) -> str:
        return self.log_path.read_text("utf-8", "replace")

    def _signal_group(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def children_of(pid: int) -> set[int]:
    """The processes that this one started and that still run."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)
    rows = (line.split() for line in listed.stdout.splitlines())
    return {int(child) for child, parent, state in rows if int(parent) == pid and not state.startswith("Z")}


def is_running(pid: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip()) and not listed.stdout.strip().startswith("Z")


@dataclass
class Site:
    """A demo clinic. `environment` is what every process of it gets on top of the demo's settings."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    rasa_port: int = field(default_factory=free_port)
    running: list[Running] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=self.url, timeout=10.0, trust_env=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return self.environment.get("NORTHSTAR_DATABASE_URL", f"sqlite:///{self.folder / 'northstar.db'}")

    def settings(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("NORTHSTAR_")}
        model = {MODEL_DIR: os.environ[MODEL_DIR]} if MODEL_DIR in os.environ else {}
        own = {
            "NORTHSTAR_DATA_DIR": str(self.folder),
            "NORTHSTAR_PORT": str(self.port),
            "NORTHSTAR_RASA_PORT": str(self.rasa_port),
            "NORTHSTAR_LEASE_S": str(LEASE_S),
            "NORTHSTAR_RASA_TIMEOUT_S": str(RASA_TIMEOUT_S),
        }
        return {**inherited, **DEMO, **model, **own, **self.environment}

    def run(self, *command: str) -> None:
        """Run `northstar ...` to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *command], cwd=ROOT, env=self.settings(), capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()

    def start(self, *command: str, python: tuple[str, ...] = ("-m", "bot"), **environment: str) -> Running:
        """Start `northstar ...` in the background; its output goes to a file in the clinic's folder."""
        log_path = self.folder / f"{'-'.join(command)}.log"
        with log_path.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *python, *command],
                cwd=ROOT,
                env={**self.settings(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        running = Running(process, log_path)
        self.running.append(running)
        return running

    def seed(self) -> None:
        """The demo clinic, without reminders: what is said must not depend on the hour of the day."""
        self.run("demo", "seed")
        with self.records(write=True) as session:
            session.execute(delete(Timer))

    def start_web(self) -> Running:
        web = self.start("web")
        self.await_health(web, model=False)
        return web

    def start_rasa(self) -> Running:
        """The Rasa server. The web app has to run, because it is asked whether the model answers."""
        rasa = self.start("nlu", "serve")
        self.await_health(rasa, model=True)
        return rasa

    def start_worker(self) -> Running:
        """A new worker: for its first minute it takes a silent Rasa server to be one that is starting."""
        return self.start("worker")

    def start_seasoned_worker(self) -> Running:
        """A worker past its first minute: a silent Rasa server is one that failed."""
        age = "from datetime import timedelta; from bot.commands import serve; serve.MODEL_STARTS_WITHIN = timedelta()"
        return self.start("worker", python=("-c", f"{age}; from bot.__main__ import main; main()"))

    def kill(self, pid: int) -> None:
        """kill -9 of one process that this site started."""
        os.kill(pid, signal.SIGKILL)

    def await_health(self, running: Running, *, model: bool) -> None:
        def healthy() -> bool:
            assert running.alive(), running.log()
            try:
                health = self._http.get("/health").json()
            except httpx.HTTPError:
                return False
            return bool(health["database"] and (health["model"] or not model))

        eventually(healthy, within_s=STARTS_WITHIN_S, what="the start")

    def text(self, phone: str, body: str, sid: str | None = None) -> str:
        """Post a text as a provider does, signed. Returns its id once the webhook has answered 200."""
        sid = sid or f"SM{secrets.token_hex(16)}"
        tokens = self._tokens()
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": tokens["carrier_account_sid"],
            "From": phone,
            "To": CLINIC_NUMBER,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "ApiVersion": "2010-04-01",
        }
        signature = RequestValidator(tokens["carrier_auth_token"]).compute_signature(f"{self.url}{MESSAGES_PATH}", form)
        response = self._http.post(MESSAGES_PATH, data=form, headers={"X-Twilio-Signature": signature})
        assert response.status_code == httpx.codes.OK, response.text
        return sid

    def replies(self, phone: str) -> list[str]:
        """What the local carrier delivered to this handset, oldest first."""
        tokens = self._tokens()
        response = self._http.get(
            "/carrier/messages",
            params={"phone": phone},
            auth=(tokens["carrier_account_sid"], tokens["carrier_auth_token"]),
        )
        assert response.status_code == httpx.codes.OK, response.text
        return [str(message["body"]) for message in response.json() if message["direction"] != "inbound"]

    def ask(self, phone: str, body: str, *, within_s: float = 20.0) -> str:
        """Text, and wait for the next message to this handset."""
        before = len(self.replies(phone))
        self.text(phone, body)
        answers = eventually(lambda: self.replies(phone)[before:], within_s=within_s, what=f"an answer to {body!r}")
        return answers[0]

    @contextmanager
    def records(self, *, write: bool = False) -> Iterator[Session]:
        """The stored record, opened with this clinic's key. Another keyring of this process comes back afterwards."""
        before = list(types._installed)
        install_keyring(Keyring.load(self.folder / "northstar.key"))
        database = Database(self.database_url)
        try:
            with database.write() if write else database.read() as session:
                yield session
        finally:
            database.close()
            types._installed[:] = before

    def close(self) -> None:
        """Stop every process that was started here."""
        for running in reversed(self.running):
            running.stop()
        self._http.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _tokens(self) -> dict[str, Any]:
        tokens: dict[str, Any] = json.loads((self.folder / "tokens.json").read_text("ascii"))
        return tokens
