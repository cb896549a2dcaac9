"""The lock store: stock, but quick to notice that a lock is free."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore

POLL_SECONDS = 0.02


class PromptLockStore(InMemoryLockStore):
    """Rasa's in-memory locks, polled every 20 ms instead of every second.

    The app handles one turn at a time per conversation, so a lock is taken only while an abandoned try of the
    same turn is being wound up.
    """

    def __init__(self, endpoint_config: Any = None) -> None:
        super().__init__()

    def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = POLL_SECONDS,
    ) -> AbstractAsyncContextManager[Any]:
        lock: AbstractAsyncContextManager[Any] = super().lock(conversation_id, lock_lifetime, wait_time_in_seconds)
        return lock
