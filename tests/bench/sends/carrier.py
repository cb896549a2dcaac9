"""The provider that ours and the peer send to: in the process that sends, 5 ms for a message, and it notes each.

Standard library only, because the peer's environment has nothing of ours.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SERVICE_S = 0.005


class Taken(NamedTuple):
    """One message that was handed over, and when (seconds since 1970)."""

    communication_id: str
    provider_id: str
    at: float


class Carrier:
    """Takes any number of messages at once. Safe to share between threads."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []

    def take(self, communication_id: str) -> str:
        """The provider's id of the message, after 5 ms."""
        taken = self._note(communication_id)
        time.sleep(SERVICE_S)
        return taken.provider_id

    async def take_async(self, communication_id: str) -> str:
        """The same for whoever sends from an event loop."""
        taken = self._note(communication_id)
        await asyncio.sleep(SERVICE_S)
        return taken.provider_id

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(self.taken), "ascii")

    def _note(self, communication_id: str) -> Taken:
        taken = Taken(communication_id, f"SM{secrets.token_hex(16)}", time.time())
        self.taken.append(taken)
        return taken


def read_taken(paths: Iterable[Path]) -> list[Taken]:
    """What all processes handed over."""
    return [Taken(*entry) for path in paths for entry in json.loads(path.read_text("ascii"))]
