"""Processes that begin at the same moment, each when all of them have started."""

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from bot.settings import CHECKOUT
from tests.bench.sends.member import READY


class MemberFailed(Exception):
    """A process ended before it had done its work. Holds the end of what it wrote."""


class Crew:
    """Use as a context: whatever still runs at its end is killed. `logs` is what each writes beside what it tells."""

    def __init__(self, commands: Sequence[Sequence[str]], environment: Mapping[str, str], logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.logs = [logs / f"{number}.log" for number in range(len(commands))]
        self._members = [_start(command, environment, log) for command, log in zip(commands, self.logs, strict=True)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for member in self._members:
            if member.poll() is None:
                member.kill()
            member.communicate()

    def await_ready(self) -> None:
        """Raises MemberFailed."""
        for number in range(len(self._members)):
            self._read(number, wanted=READY)

    def go(self) -> float:
        """Let all of them begin; returns when that was, in seconds since 1970."""
        began = time.time()
        for member in self._members:
            assert member.stdin is not None
            member.stdin.write("go\n")
            member.stdin.flush()
        return began

    def results(self) -> list[dict[str, Any]]:
        """What each of them told at its end. Raises MemberFailed."""
        return [json.loads(self._read(number)) for number in range(len(self._members))]

    def _read(self, number: int, wanted: str | None = None) -> str:
        stdout = self._members[number].stdout
        assert stdout is not None
        line = stdout.readline().strip()
        if not line or (wanted is not None and line != wanted):
            raise MemberFailed(self.logs[number].read_text("utf-8", "replace")[-2000:])
        return line


def _start(command: Sequence[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[str]:
    with log.open("wb") as file:
        return subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
