"""How often something may be tried: counted in memory, for each process by itself."""

from collections import deque
from time import monotonic

MOST_KEYS = 10_000


class Attempts:
    """At most `limit` tries of one key within `window_s` seconds. Used from the event loop only."""

    def __init__(self, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._tries: dict[str, deque[float]] = {}

    def is_exhausted(self, key: str) -> bool:
        tries = self._tries.get(key)
        if tries is None:
            return False
        while tries and tries[0] <= monotonic() - self._window_s:
            tries.popleft()
        if not tries:
            del self._tries[key]
        return len(tries) >= self._limit

    def count(self, key: str) -> None:
        if len(self._tries) >= MOST_KEYS and key not in self._tries:
            # Someone invents keys: forget the oldest, never grow without end.
            del self._tries[next(iter(self._tries))]
        self._tries.setdefault(key, deque()).append(monotonic())

    def forget(self, key: str) -> None:
        self._tries.pop(key, None)

    def take(self, key: str) -> bool:
        """Count one try; False when there was none left."""
        if self.is_exhausted(key):
            return False
        self.count(key)
        return True
