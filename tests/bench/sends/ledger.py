"""What was measured so far, and what went wrong on the way."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from bot.records.engine import Database
from tests.bench.sends.clinic import Run
from tests.bench.sends.tally import Tally, tally


@dataclass
class Ledger:
    """`runs` says how many measurements are behind each figure. `say` tells whoever waits how far it is."""

    say: Callable[[str], None]
    figures: dict[str, float] = field(default_factory=dict)
    runs: dict[str, int] = field(default_factory=dict)
    ours: Tally = field(default_factory=Tally)
    peer: Tally = field(default_factory=Tally)
    faults: int = 0

    def keep(self, name: str, value: float, runs: int = 1) -> None:
        self.figures[name] = round(value, 3)
        self.runs[name] = runs

    def check(self, url: str, run: Run, expected: int, *, peer: bool = False) -> None:
        """Count what this run lost or sent twice."""
        with closing(Database(url)) as database:
            found = tally(database, run.taken, expected)
        if peer:
            self.peer += found
        else:
            self.ours += found
            self.faults += run.faults.total()
        if found != Tally() or run.faults:
            self.say(f"{found.lost} lost, {found.twice} twice, faults: {dict(run.faults)}")

    def conclude(self) -> None:
        self.keep("sends_lost", self.ours.lost)
        self.keep("sends_twice", self.ours.twice)
        self.keep("sends_faults", self.faults)
        self.keep("peer_sends_lost", self.peer.lost)
        self.keep("peer_sends_twice", self.peer.twice)
