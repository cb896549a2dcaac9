"""How many messages a second leave a full outbox: ours on both databases, and the peer's, by turns."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.sends.clinic import BenchClinic
from tests.bench.sends.ledger import Ledger
from tests.bench.sends.peer import PeerClinic
from tests.bench.sends.people import write_queue

PROCESSES = (1, 2, 4)
# With one process, which the promises are about, the median of so many rounds counts.
ROUNDS = {1: 3, 2: 1, 4: 1}
CONCURRENCIES = (8, 16, 32)
# The peer's concurrency is chosen with a share of the messages.
CHOSEN_WITH = 5


@dataclass
class Sending:
    """`queues` are the databases with full outboxes, one for each of `clinics`; the last is on the peer's store."""

    clinics: Sequence[BenchClinic]
    queues: Sequence[str]
    peer: PeerClinic
    messages: int
    ledger: Ledger

    def ours(self, clinic: BenchClinic, queue: str, processes: int) -> float:
        """Messages a second."""
        url = clinic.store.copy(queue)
        with clinic.workers(url, processes, "send", self.messages) as shift:
            run = shift.run()
        self.ledger.check(url, run, self.messages)
        return self.messages / run.seconds

    def peers(self, wiring: str, processes: int, concurrency: int, messages: int) -> float:
        store = self.clinics[-1].store
        url = store.copy(self.queues[-1])
        self.peer.prepare(url, messages)
        with self.peer.workers(url, processes, wiring, concurrency) as shift:
            run = shift.run()
        self.ledger.check(url, run, messages, peer=True)
        return messages / run.seconds

    def choose_concurrency(self, wiring: str) -> int:
        """The best of a few, with one process."""
        share = self.messages // CHOSEN_WITH
        rates = {each: self.peers(wiring, 1, each, share) for each in CONCURRENCIES}
        return max(rates, key=lambda each: rates[each])


def measure_sending(clinics: Sequence[BenchClinic], peer: PeerClinic, messages: int, ledger: Ledger) -> None:
    """The last of the clinics is on the peer's database."""
    queues = []
    for clinic in clinics:
        ledger.say(f"queueing {messages:,} messages on {clinic.store.name}")
        queues.append(clinic.make(lambda session, words: write_queue(session, words, messages))[0])
    sending = Sending(clinics, queues, peer, messages, ledger)
    ledger.say("choosing how many messages the peer sends at once")
    chosen = {wiring: sending.choose_concurrency(wiring) for wiring in ("documented", "tuned")}
    ledger.keep("peer_concurrency", chosen["documented"], len(CONCURRENCIES))
    ledger.keep("tuned_peer_concurrency", chosen["tuned"], len(CONCURRENCIES))
    for processes in PROCESSES:
        _measure_rounds(sending, processes, chosen)
    for name in ("peer", "tuned_peer"):
        ratio = ledger.figures["sends_per_s_postgresql_1"] / ledger.figures[f"{name}_sends_per_s_postgresql_1"]
        ledger.keep(f"sends_over_{name}", ratio, ROUNDS[1])


def _measure_rounds(sending: Sending, processes: int, chosen: dict[str, int]) -> None:
    """Everybody by turns, so that all see the same machine; the peer that is tuned further with one process only."""
    rates: dict[str, list[float]] = defaultdict(list)
    for number in range(1, ROUNDS[processes] + 1):
        sending.ledger.say(f"sending with {processes}, round {number} of {ROUNDS[processes]}")
        for clinic, queue in zip(sending.clinics, sending.queues, strict=True):
            rates[f"sends_per_s_{clinic.store.name}"].append(sending.ours(clinic, queue, processes))
        rates["peer_sends_per_s_postgresql"].append(
            sending.peers("documented", processes, chosen["documented"], sending.messages)
        )
        if processes == 1:
            rates["tuned_peer_sends_per_s_postgresql"].append(
                sending.peers("tuned", processes, chosen["tuned"], sending.messages)
            )
    for name, measured in rates.items():
        sending.ledger.keep(f"{name}_{processes}", median(measured), sending.messages * len(measured))
