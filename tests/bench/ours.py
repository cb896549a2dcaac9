"""Our side: `northstar up` as a user runs it, texted through the signed webhook."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import func, select

from bot.records import Ticket
from bot.records.types import Keyring, install_keyring
from tests.bench.crowd import write_phones, write_senders
from tests.bench.handsets import Handsets
from tests.support.processes import Running, Site, children_of

# What a deployment has when nothing is set.
DEFAULTS = {"NORTHSTAR_LEASE_S": "30", "NORTHSTAR_RASA_TIMEOUT_S": "5"}


class Ours:
    """A running clinic. Latencies are from the provider's post to the reply at the carrier, in milliseconds.

    `phones` text us; `senders` are ids for the stock server, whose actions read the same record.
    """

    def __init__(self, folder: Path, people: int) -> None:
        self.site = Site(folder, DEFAULTS)
        self.site.seed()
        install_keyring(Keyring.load(folder / "northstar.key"))
        with self.site.records(write=True) as session:
            self.phones = write_phones(session, people)
            self.senders = write_senders(session, people)
        self.up: Running = self.site.start("up")
        self.site.await_health(self.up, model=True)
        self.handsets = Handsets(folder / "northstar.db")

    def turn_ms(self, phone: str, text: str) -> float:
        began = time.monotonic()
        self.site.text(phone, text)
        return (self.handsets.next_arrival(phone) - began) * 1000

    def turns_per_s(self, phones: list[str], texts: list[str]) -> float:
        """Every phone texts on as soon as it is answered, all at once; each text is sent by one of them."""
        shares = [texts[number :: len(phones)] for number in range(len(phones))]

        def talk(phone: str, share: list[str]) -> None:
            for text in share:
                self.turn_ms(phone, text)

        began = time.monotonic()
        with ThreadPoolExecutor(len(phones)) as pool:
            list(pool.map(talk, phones, shares))
        return len(texts) / (time.monotonic() - began)

    def tickets(self) -> int:
        """How many texts went to a person instead of being answered."""
        with self.site.records() as session:
            return session.scalar(select(func.count(Ticket.id))) or 0

    def peak_rss_mb(self) -> tuple[float, float]:
        """Of the app and of the Rasa server."""
        (rasa,) = children_of(self.up.process.pid)
        return peak_rss_mb(self.up.process.pid), peak_rss_mb(rasa)

    def close(self) -> None:
        self.handsets.close()
        self.site.close()


def peak_rss_mb(pid: int) -> float:
    """The most memory that the process ever had, in MB. Linux only: nan elsewhere."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except OSError:
        return float("nan")
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
