"""The peer's side: Procrastinate in an environment of its own, on a copy of the same database."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bot.settings import CHECKOUT
from tests.bench.sends.clinic import Shift, start_shift

PYTHON = CHECKOUT / "build" / "bench" / "bin" / "python"
PROCESS = "tests.bench.sends.peer_process"


def build_environment() -> None:
    """Make build/bench where it is missing or out of date."""
    subprocess.run([sys.executable, str(CHECKOUT / "deploy" / "setup.py"), "bench"], check=True)


@dataclass
class PeerClinic:
    """Databases are given by the URL that ours has."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=count)

    def prepare(self, url: str, most: int) -> None:
        """Its tables, and a job for each of so many queued messages."""
        self._tell("prepare", url, str(most))

    def poll_ms(self, url: str, jobs: int, polls: int) -> float:
        """The median of so many polls that find nothing, with so many jobs for later."""
        return float(self._tell("poll", url, str(jobs), str(polls))["poll_ms"])

    @contextmanager
    def workers(self, url: str, processes: int, wiring: str, concurrency: int) -> Iterator[Shift]:
        """So many processes with so many jobs at once in each; `wiring` as in `peer_app`."""
        run = self.folder / f"peer{next(self.numbers)}"
        run.mkdir()
        logs = [run / f"taken{number}.json" for number in range(processes)]
        commands = [[str(PYTHON), "-m", PROCESS, "work", url, wiring, str(concurrency), str(log)] for log in logs]
        with start_shift(commands, dict(os.environ), logs) as shift:
            yield shift

    def _tell(self, *arguments: str) -> dict[str, Any]:
        command = [str(PYTHON), "-m", PROCESS, *arguments]
        done = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True)
        told: dict[str, Any] = json.loads(done.stdout)
        return told
