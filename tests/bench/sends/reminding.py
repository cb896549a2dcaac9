"""Dose reminders from the timer to the carrier, through the whole worker of one process."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from uuid import UUID

from sqlalchemy import select

from bot.domain.enums import Direction
from bot.records import Communication
from bot.records.engine import Database
from tests.bench.sends.clinic import BenchClinic, Run
from tests.bench.sends.ledger import Ledger
from tests.bench.sends.people import Taker, remind_at, write_takers

PER_S, FOR_S = 100, 30
OVERDUE = timedelta(minutes=1)
# From the first timer that is set to the first that is due; the worker idles meanwhile.
LEAD_S, LEAD_EACH_S = 5.0, 0.005


class TooSlow(Exception):
    """The timers were due before all of them were set."""


def measure_reminding(clinic: BenchClinic, patients: int, ledger: Ledger) -> None:
    """Reminders a second when many are due already, and how late they are when they become due evenly."""
    name = clinic.store.name
    ledger.say(f"writing {patients:,} patients on {name}")
    people, takers = clinic.make(lambda session, _: write_takers(session, patients))
    ledger.say(f"{patients:,} reminders that are due on {name}")
    run, _ = _remind(clinic, people, takers, lambda now: [now - OVERDUE] * patients, ledger)
    ledger.keep(f"reminders_per_s_{name}", patients / run.seconds, patients)
    some = takers[: PER_S * FOR_S]
    ledger.say(f"{PER_S} reminders a second for {len(some) / PER_S:.0f} s on {name}")
    _, late_ms = _remind(clinic, people, some, lambda now: _evenly(now, len(some)), ledger)
    ledger.keep(f"due_to_send_ms_p50_{name}", median(late_ms), len(late_ms))
    ledger.keep(f"due_to_send_ms_p99_{name}", quantiles(late_ms, n=100)[-1], len(late_ms))


def _evenly(now: datetime, count: int) -> list[datetime]:
    first = now + timedelta(seconds=LEAD_S + LEAD_EACH_S * count)
    return [first + timedelta(seconds=number / PER_S) for number in range(count)]


def _remind(
    clinic: BenchClinic,
    people: str,
    takers: Sequence[Taker],
    times_from: Callable[[datetime], list[datetime]],
    ledger: Ledger,
) -> tuple[Run, list[float]]:
    """What a worker did with timers of the times that count from now, and by how many ms each message was late."""
    url = clinic.store.copy(people)
    with clinic.workers(url, 1, "remind", len(takers)) as shift:
        times = times_from(datetime.now(UTC))
        with closing(Database(url)) as database, database.write() as session:
            remind_at(session, takers, times)
        if times[-1] > datetime.now(UTC) > times[0]:
            raise TooSlow
        run = shift.run()
    ledger.check(url, run, len(takers))
    due = {taker.conversation: at.timestamp() for taker, at in zip(takers, times, strict=True)}
    with closing(Database(url)) as database:
        return run, _late_ms(database, run, due)


def _late_ms(database: Database, run: Run, due: dict[UUID, float]) -> list[float]:
    query = select(Communication.id, Communication.conversation_id).where(Communication.direction == Direction.OUTBOUND)
    with database.read() as session:
        due_of = {str(row.id): due[row.conversation_id] for row in session.execute(query)}
    return [(taken.at - due_of[taken.communication_id]) * 1000 for taken in run.taken]
