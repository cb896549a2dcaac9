"""One clinic of the bench: its settings, its templates of databases, and its worker processes."""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeVar

from sqlalchemy.orm import Session

from bot.bootstrap import make_words, open_database
from bot.bootstrap.parts import make_limits
from bot.i18n.render import Words
from bot.outbox.limits import take
from bot.settings import CHECKOUT, Settings, read_settings
from tests.bench.sends.carrier import Taken, read_taken
from tests.bench.sends.crew import Crew
from tests.bench.sends.stores import Store, settle

# A sender with the highest limit that there is, so that the bucket is kept and never empty.
OWN = {
    "NORTHSTAR_CLINIC": "Riverside Clinic",
    "NORTHSTAR_CLINIC_PHONE": "+12125550100",
    "NORTHSTAR_DISCLOSURE": "standard",
    "NORTHSTAR_LANGUAGES": "all",
    "NORTHSTAR_TWILIO_ACCOUNT_SID": f"AC{'0' * 32}",
    "NORTHSTAR_TWILIO_AUTH_TOKEN": "token-of-the-bench",
    "NORTHSTAR_TWILIO_SENDER": "+12125550100",
    "NORTHSTAR_TWILIO_PER_SECOND": "10000",
}
Written = TypeVar("Written")


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a crew did: seconds from the word to the last message, and what the carrier was given. `faults` are the
    warnings and errors that our processes logged, by their names.
    """

    seconds: float
    taken: list[Taken]
    faults: Counter[str]


@dataclass
class BenchClinic:
    """Databases of one kind. Clinics may share the folder, and with it the key file."""

    folder: Path
    store: Store
    numbers: Iterator[int] = field(default_factory=count)

    def make(self, write: Callable[[Session, Words], Written]) -> tuple[str, Written]:
        """A new database with what `write` puts there; its URL and what that returned."""
        url = self.store.make()
        settings = self._settings(url)
        database = open_database(settings)
        try:
            with database.write() as session:
                for limit in make_limits(settings).values():
                    take(session, limit, 0, owed=0)  # Makes its bucket, as a clinic has it that sent before.
                written = write(session, make_words(settings))
            settle(database)
        finally:
            database.close()
        return url, written

    @contextmanager
    def workers(self, url: str, processes: int, way: str, expected: int) -> Iterator["Shift"]:
        """So many processes of ours on this database, started and waiting for the word."""
        logs = self._new_logs(processes)
        commands = [[sys.executable, "-m", "tests.bench.sends.worker", way, str(expected), str(log)] for log in logs]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("NORTHSTAR_")}
        with start_shift(commands, {**inherited, **self._environment(url)}, logs) as shift:
            yield shift

    def _new_logs(self, processes: int) -> list[Path]:
        run = self.folder / f"{self.store.name}-run{next(self.numbers)}"
        run.mkdir()
        return [run / f"taken{number}.json" for number in range(processes)]

    def _settings(self, url: str) -> Settings:
        return read_settings(self._environment(url), CHECKOUT)

    def _environment(self, url: str) -> dict[str, str]:
        return {**OWN, "NORTHSTAR_DATA_DIR": str(self.folder), "NORTHSTAR_DATABASE_URL": url}


@dataclass
class Shift:
    """Processes that are ready to send."""

    crew: Crew
    logs: list[Path]

    def run(self) -> Run:
        """Give the word, wait for their end. Raises MemberFailed."""
        began = self.crew.go()
        results = self.crew.results()
        return Run(
            seconds=max(result["ended"] for result in results) - began,
            taken=read_taken(self.logs),
            faults=Counter(fault for log in self.crew.logs for fault in _faults(log)),
        )


def _faults(log: Path) -> Iterator[str]:
    for line in log.read_text("utf-8", "replace").splitlines():
        event = json.loads(line) if line.startswith("{") else {"level": "info"}
        if event["level"] != "info":
            yield f"{event['event']} {event.get('error', '')}".strip()


@contextmanager
def start_shift(commands: list[list[str]], environment: dict[str, str], logs: list[Path]) -> Iterator[Shift]:
    """`logs` are the files in which the carriers of the processes keep what they were given."""
    with Crew(commands, environment, logs[0].parent) as crew:
        crew.await_ready()
        yield Shift(crew, logs)
