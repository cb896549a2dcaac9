"""The loop: inbox, timers, outbox. Several workers may run on one database; leases keep them apart."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import structlog
from sqlalchemy.exc import OperationalError

from bot.conversation import inbox
from bot.conversation.inbox import LeasedMessage
from bot.conversation.turn import Turns
from bot.domain.errors import place_of
from bot.outbox.deliver import Deliverer
from bot.records.engine import Database
from bot.records.listening import Listener
from bot.reminders.firing import DueTimers

log = structlog.get_logger(__name__)

TURNS_AT_ONCE = 4
SWEEP_S = 0.25
AFTER_FAULT_S = 1.0


class Wake:
    """Tells the loops of this process that there is work."""

    def __init__(self) -> None:
        self._events: list[threading.Event] = []

    def subscribe(self) -> threading.Event:
        event = threading.Event()
        self._events.append(event)
        return event

    def __call__(self) -> None:
        for event in self._events:
            event.set()


class Worker:
    """Three threads, one for each table that is swept, and a few more for the turns themselves.

    `listener` hears of what other processes store, where the database can tell.
    """

    def __init__(
        self,
        database: Database,
        turns: Turns,
        deliverer: Deliverer,
        timers: DueTimers,
        wake: Wake,
        *,
        lease_s: float,
        listener: Listener | None = None,
        sweep_s: float = SWEEP_S,
    ) -> None:
        self._database = database
        self._turns = turns
        self._deliverer = deliverer
        self._timers = timers
        self._wake = wake
        self._lease_s = lease_s
        self._listener = listener
        self._sweep_s = sweep_s
        self._stopping = threading.Event()
        self._free = threading.Semaphore(TURNS_AT_ONCE)
        self._pool = ThreadPoolExecutor(max_workers=TURNS_AT_ONCE, thread_name_prefix="turn")
        self._threads = [
            threading.Thread(target=self._loop, args=(name, work, wake.subscribe()), name=name, daemon=True)
            for name, work in (
                ("inbox", self._take_turns),
                ("timers", self._timers.fire_batch),
                ("outbox", self._deliverer.deliver_batch),
            )
        ]

    def start(self) -> None:
        if self._listener is not None:
            self._listener.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is in hand, take nothing new. What is left stays in the database."""
        self._stopping.set()
        if self._listener is not None:
            self._listener.stop()
        self._wake()
        for thread in self._threads:
            thread.join(timeout=15)
        self._deliverer.drain()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _loop(self, name: str, work: Callable[[], int], event: threading.Event) -> None:
        while not self._stopping.is_set():
            event.clear()
            try:
                done = work()
            except OperationalError as error:
                # Locked or away: what was leased comes back when its lease ends.
                log.warning("database_unavailable", loop=name, error=type(error.orig).__name__)
                self._stopping.wait(AFTER_FAULT_S)
                continue
            except Exception as error:
                log.error("loop_failed", loop=name, error=type(error).__name__, at=place_of(error))
                self._stopping.wait(AFTER_FAULT_S)
                continue
            if not done:
                event.wait(self._sweep_s)

    def _take_turns(self) -> int:
        """Start as many turns as there are free threads; each conversation has at most one."""
        free = 0
        while free < TURNS_AT_ONCE and self._free.acquire(blocking=False):
            free += 1
        if not free:
            return 0
        leased: list[LeasedMessage] = []
        try:
            with self._database.write() as session:
                leased = inbox.claim(session, limit=free, lease_s=self._lease_s)
        finally:
            for _ in range(free - len(leased)):
                self._free.release()
        for message in leased:
            self._pool.submit(self._turns.handle, message).add_done_callback(self._turn_ended)
        return len(leased)

    def _turn_ended(self, future: Future[bool]) -> None:
        self._free.release()
        if not future.cancelled() and (error := future.exception()) is not None:
            # The message keeps its lease and is tried again when that ends; the third try ends with a person.
            log.error("turn_failed", error=type(error).__name__, at=place_of(error))
        self._wake()
