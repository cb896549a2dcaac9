"""What the Telegram tests share: updates as Telegram sends them, and an inbox that remembers."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.channels.base import InboundMessage

PAYLOADS = Path(__file__).parent / "payloads"
AMINA = "5512009001"
FAMILY_GROUP = -1001998877665


def payload(name: str) -> dict[str, Any]:
    """The update in payloads/NAME.json."""
    update: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    return update


class Inbox:
    """Accepts messages, each provider id once, as the real inbox does; fails while `failures` are left."""

    def __init__(self) -> None:
        self.messages: list[InboundMessage] = []
        self.failures = 0
        self.attempts = 0

    async def accept(self, message: InboundMessage) -> bool:
        self.attempts += 1
        if self.failures:
            self.failures -= 1
            raise OSError("the database is away")
        if any(message.provider_id == known.provider_id for known in self.messages):
            return False
        self.messages.append(message)
        return True


def eventually(holds: Callable[[], bool], within_s: float = 5.0) -> bool:
    deadline = time.monotonic() + within_s
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()
