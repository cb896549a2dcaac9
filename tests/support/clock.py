"""A clock that stands still until a test turns it."""

import threading
from datetime import UTC, datetime, timedelta

# A Monday, 10:00 in New York: the desk is open, quiet hours are far.
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


class FixedClock:
    """The clinic's time. Safe to share between threads."""

    def __init__(self, at: datetime = NOW) -> None:
        self._lock = threading.Lock()
        self._at = at

    def now(self) -> datetime:
        with self._lock:
            return self._at

    def turn_to(self, at: datetime) -> None:
        with self._lock:
            self._at = at.astimezone(UTC)

    def forward(self, **amount: float) -> None:
        """For example `forward(hours=1)`."""
        with self._lock:
            self._at += timedelta(**amount)
