"""The sending of reminders: how many a second, how soon after they are due, what waiting costs; beside a peer.

The peer is Procrastinate on the same PostgreSQL, with the same rows and the same carrier.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.records.engine import Database
from tests.bench.sends import polling
from tests.bench.sends.clinic import BenchClinic
from tests.bench.sends.ledger import Ledger
from tests.bench.sends.peer import PeerClinic, build_environment
from tests.bench.sends.reminding import measure_reminding
from tests.bench.sends.sending import measure_sending
from tests.bench.sends.stores import PostgresStore, open_stores

MOST_PATIENTS = 4_000
PEER_POLLS = 30
INFINITE = float("inf")
NOTHING_WRONG = {
    "sends_lost": (0.0, 0.0),
    "sends_twice": (0.0, 0.0),
    # A peer that leaves work undone would be no measure.
    "peer_sends_lost": (0.0, 0.0),
}
# What Northstar promises: (lowest, highest).
LIMITS = {
    "sends_per_s_sqlite_1": (1_000.0, INFINITE),
    "sends_per_s_postgresql_1": (1_000.0, INFINITE),
    "sends_over_peer": (5.0, INFINITE),
    "poll_ms_sqlite_million": (0.0, 2.0),
    "poll_ms_postgresql_million": (0.0, 2.0),
    "due_to_send_ms_p99_sqlite": (0.0, 1_000.0),
    "due_to_send_ms_p99_postgresql": (0.0, 1_000.0),
    **NOTHING_WRONG,
}


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much work; a trial has less, and its figures say how many timers there were instead of a million."""

    messages: int = 5_000
    timers: int = 1_000_000

    @property
    def timers_name(self) -> str:
        return "million" if self.timers == 1_000_000 else str(self.timers)


def measure_sends(folder: Path, sizes: Sizes, say: Callable[[str], None]) -> Ledger:
    """Run it all in a folder. Raises PostgresMissing."""
    folder.mkdir(exist_ok=True)
    ledger = Ledger(say)
    with open_stores(folder) as (sqlite, postgres):
        build_environment()
        clinics = [BenchClinic(folder, sqlite), BenchClinic(folder, postgres)]
        peer = PeerClinic(folder)
        measure_sending(clinics, peer, sizes.messages, ledger)
        for clinic in clinics:
            measure_reminding(clinic, min(sizes.messages, MOST_PATIENTS), ledger)
        for clinic in clinics:
            _measure_polling(clinic, sizes, ledger)
        _measure_peer_polling(postgres, peer, sizes, ledger)
    ledger.conclude()
    return ledger


def _measure_polling(clinic: BenchClinic, sizes: Sizes, ledger: Ledger) -> None:
    name = f"{clinic.store.name}_{sizes.timers_name}"
    ledger.say(f"polling among {sizes.timers:,} timers on {clinic.store.name}")
    url, _ = clinic.make(lambda *_: None)
    with closing(Database(url)) as database:
        first = polling.write_timers(database, sizes.timers)
        ledger.keep(f"poll_ms_{name}", polling.poll_ms(database), polling.POLLS)
        ledger.keep(f"claim_50_ms_{name}", polling.claim_ms(database, first), polling.CLAIMS)


def _measure_peer_polling(store: PostgresStore, peer: PeerClinic, sizes: Sizes, ledger: Ledger) -> None:
    ledger.say(f"the peer polls among {sizes.timers:,} jobs")
    took_ms = peer.poll_ms(store.make(), sizes.timers, PEER_POLLS)
    ledger.keep(f"peer_poll_ms_{sizes.timers_name}", took_ms, PEER_POLLS)
