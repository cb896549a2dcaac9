"""A worker that may be killed at any moment, in front of a carrier that all workers of a test share.

    python -m tests.chaos.reminder_worker FOLDER DATABASE_URL SEED

The carrier is a file to which a taken message adds one line, at once and whole, as a provider has taken it before its
answer is under way. It takes 5 ms to answer, and now and then it takes a message and answers nothing.
"""

import os
import random
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

from bot.bootstrap import build, make_worker
from bot.channels.base import ChannelError
from bot.channels.twilio.channel import TwilioChannel
from bot.commands.logs import configure_logs
from bot.domain.enums import ChannelName
from tests.support.clinic import STATUS_URL, settings_in

SERVICE_S = 0.005
SILENT_SHARE = 0.03


class FileCarrier:
    """Takes messages into `path`. It can be asked whether it has one, by its number and words."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        self._path = path
        self._chance = chance
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def create_message(self, *, to: str, body: str, status_callback: str) -> str:
        os.write(self._file, f"{_line(to, body)}\n".encode())
        time.sleep(SERVICE_S)
        if self._chance.random() < SILENT_SHARE:
            raise ChannelError("timeout", ambiguous=True)
        return _sid(to)

    def find_message(self, *, to: str, body: str, since: datetime) -> str | None:
        return _sid(to) if _line(to, body) in self._path.read_text("utf-8").splitlines() else None


def _line(to: str, body: str) -> str:
    return f"{to} {body!r}"


def _sid(to: str) -> str:
    return f"SM{int(to):032x}"


def main() -> None:
    """Work until the process is ended."""
    folder, url, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    configure_logs(quiet=True)
    settings = settings_in(folder, url, NORTHSTAR_LEASE_S="3", NORTHSTAR_RASA_TIMEOUT_S="2")
    parts = build(settings)
    carrier = FileCarrier(folder / "carrier.txt", random.Random(seed))
    parts.channels[ChannelName.SMS] = TwilioChannel(carrier, STATUS_URL)
    make_worker(parts).start()
    print("working", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
