"""Carriers that fail as real ones do."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.channels.base import ChannelError

Outcome = ChannelError | str | None


@dataclass
class ScriptedCarrier:
    """Takes each message as the script says: an error to raise, or None for taken. Past its end all are taken.

    `meanwhile` runs between the carrier's taking a message and its answer. `knows` are messages that a look-up finds.
    """

    script: list[Outcome] = field(default_factory=list)
    taken: list[tuple[str, str]] = field(default_factory=list)
    tries: int = 0
    look_ups: int = 0
    takes_before_failing: bool = False
    meanwhile: Callable[[str, str], None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def create_message(self, *, to: str, body: str, status_callback: str) -> str:
        with self._lock:
            self.tries += 1
            outcome = self.script.pop(0) if self.script else None
            if not isinstance(outcome, ChannelError) or self.takes_before_failing:
                self.taken.append((to, body))
            sid = f"SM{len(self.taken):032x}"
        if self.meanwhile is not None:
            self.meanwhile(sid, status_callback)
        if isinstance(outcome, ChannelError):
            raise outcome
        return sid

    def find_message(self, *, to: str, body: str, since: datetime) -> str | None:
        with self._lock:
            self.look_ups += 1
            return f"SM{self.taken.index((to, body)) + 1:032x}" if (to, body) in self.taken else None
