"""Ten thousand reminders that are due at once, workers that are killed again and again, and a carrier that now and then
takes a message without an answer: nothing is lost, nothing is sent twice, and nothing stays uncertain."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.bootstrap import build
from bot.domain.enums import AdministrationStatus, CommunicationStatus, TimerKind, TimerStatus
from bot.records import Communication, MedicationAdministration, Question, Ticket, Timer
from bot.records.engine import Database
from tests.support.clinic import settings_in
from tests.support.many_patients import phone_of, remind_many
from tests.support.postgres import Cluster
from tests.support.processes import Running, eventually

REMINDERS = 10_000
KILLS = 50
WORKERS = 2
LEASE_S = 3.0


@dataclass
class Crowd:
    """One database with its reminders, and the workers that run on it."""

    folder: Path
    url: str
    database: Database
    started: list[Running] = field(default_factory=list)

    def start_worker(self) -> Running:
        log = self.folder / f"worker-{len(self.started)}.log"
        command = [sys.executable, "-m", "tests.chaos.reminder_worker", str(self.folder), self.url]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, str(len(self.started))], stdout=out, stderr=out, start_new_session=True
            )
        running = Running(process, log)
        self.started.append(running)
        return running

    def taken(self) -> Counter[str]:
        """How often the carrier took a message for each phone."""
        path = self.folder / "carrier.txt"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return Counter(line.split(" ", 1)[0] for line in lines)

    def count(self, *where: object) -> int:
        with self.database.read() as session:
            table = where[0]
            return session.scalar(select(func.count()).select_from(table).where(*where[1:])) or 0  # type: ignore[arg-type]

    def waits(self) -> bool:
        """Whether a reminder still has to ring or a message to be settled."""
        pending = (Timer, Timer.kind == TimerKind.DOSE_REMINDER, Timer.status == TimerStatus.PENDING)
        unsettled = (Communication, Communication.status != CommunicationStatus.SENT)
        return bool(self.count(*pending) or self.count(*unsettled))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def crowd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crowd]:
    yield from _crowd(request, tmp_path, request.param)


@pytest.fixture
def crowd_on_postgresql(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crowd]:
    yield from _crowd(request, tmp_path, "postgresql")


def _crowd(request: pytest.FixtureRequest, folder: Path, kind: str) -> Iterator[Crowd]:
    url = f"sqlite:///{folder / 'clinic.db'}"
    if kind == "postgresql":
        running: Cluster = request.getfixturevalue("postgres")
        url = running.make_database()
    parts = build(settings_in(folder, url))
    crowd = Crowd(folder, url, parts.database)
    yield crowd
    for worker in crowd.started:
        worker.stop()
    parts.close()


def settle(crowd: Crowd) -> None:
    """Let workers that nobody kills finish."""
    workers = [crowd.start_worker() for _ in range(WORKERS)]
    eventually(lambda: not crowd.waits(), within_s=240, every_s=0.5, what="the end")
    for worker in workers:
        worker.stop()


def assert_nothing_lost_and_nothing_twice(crowd: Crowd, reminders: int) -> None:
    assert crowd.taken() == Counter(phone_of(number) for number in range(reminders))
    assert crowd.count(Communication) == crowd.count(Question) == reminders
    assert crowd.count(Communication, Communication.status == CommunicationStatus.SENT) == reminders
    assert crowd.count(Ticket) == 0
    done = (Timer.kind == TimerKind.DOSE_REMINDER, Timer.status == TimerStatus.DONE, Timer.outcome == "sent")
    assert crowd.count(Timer, *done) == reminders
    # Every dose waits for an answer, and has an alarm for when none comes.
    in_progress = MedicationAdministration.status == AdministrationStatus.IN_PROGRESS
    assert crowd.count(MedicationAdministration) == crowd.count(MedicationAdministration, in_progress) == reminders
    next_alarm = (Timer.kind == TimerKind.DOSE_FOLLOW_UP, Timer.status == TimerStatus.PENDING)
    assert crowd.count(Timer, *next_alarm) == reminders


def test_workers_that_are_killed_lose_nothing_and_send_nothing_twice(crowd: Crowd) -> None:
    remind_many(crowd.database, REMINDERS, datetime.now(UTC) - timedelta(seconds=1))
    chance = random.Random(1729)
    for _ in range(KILLS // WORKERS):
        enough = sum(crowd.taken().values()) + chance.randint(1, 60)
        workers = [crowd.start_worker() for _ in range(WORKERS)]
        eventually(lambda: sum(crowd.taken().values()) >= enough, within_s=60, what="some messages")  # noqa: B023
        chance.shuffle(workers)
        for worker in workers:
            worker.kill()
            time.sleep(chance.uniform(0.0, 0.1))
        assert crowd.waits(), "all was done before the last kill: ask for more reminders"
    settle(crowd)
    assert_nothing_lost_and_nothing_twice(crowd, REMINDERS)
    # The carrier's silence and the kills were really met.
    assert crowd.count(Communication, Communication.attempts > 1) > REMINDERS * 0.01


def test_a_worker_that_was_paused_past_its_lease_is_fenced_off(crowd_on_postgresql: Crowd) -> None:
    crowd, reminders = crowd_on_postgresql, 4_000
    remind_many(crowd.database, reminders, datetime.now(UTC) - timedelta(seconds=1))
    paused = crowd.start_worker()
    eventually(lambda: sum(crowd.taken().values()) > 200, what="its first messages")
    paused.freeze()
    held = crowd.count(Communication, Communication.status == CommunicationStatus.SENDING)
    held += crowd.count(Timer, Timer.status == TimerStatus.PENDING, Timer.lease_until.is_not(None))
    assert held, "it was paused with nothing in hand"
    other = crowd.start_worker()
    time.sleep(LEASE_S)
    eventually(lambda: not crowd.waits(), within_s=120, every_s=0.5, what="the other worker's end")
    assert_nothing_lost_and_nothing_twice(crowd, reminders)
    paused.thaw()
    time.sleep(LEASE_S)
    assert paused.alive()
    assert other.alive()
    assert_nothing_lost_and_nothing_twice(crowd, reminders)
