"""What a poll costs while a million timers wait for later."""

import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Uuid, cast, func, insert, literal, select, true, update

from bot import timers
from bot.domain.enums import TimerKind, TimerStatus
from bot.domain.ids import new_id
from bot.records import Timer
from bot.records.engine import Database
from bot.timers import DueTimer
from tests.bench.sends.stores import settle

POLLS = 500
CLAIMS, CLAIMED = 40, 50
LEASE_S = 30.0
FIRST_AFTER = timedelta(hours=1)
# A million of them in two days, which is how far ahead doses are set.
STEP_S = 0.1728


def write_timers(database: Database, count: int) -> datetime:
    """So many dose reminders, evenly from an hour from now on. Returns when the first is due."""
    first = datetime.now(UTC) + FIRST_AFTER
    patient = str(new_id())
    subject = {"patient": patient, "due_at": first.isoformat(), "requests": [str(new_id())]}
    with database.write() as session:
        timers.schedule(
            session,
            TimerKind.DOSE_REMINDER,
            cause=f"dose:{patient}",
            name=first.isoformat(),
            subject=subject,
            due_at=first,
            expires_at=first + timedelta(days=3),
        )
        number = select(literal(1).label("i")).cte("number", recursive=True)
        number = number.union_all(select(number.c.i + 1).where(number.c.i < count - 1))
        columns: dict[str, ColumnElement[Any]] = {column.name: column for column in Timer.__table__.columns}
        columns |= _differing(number.c.i, first, postgresql=database.is_postgresql)
        rows = select(*columns.values()).join_from(Timer, number, true())
        session.execute(insert(Timer).from_select(list(columns), rows))
    settle(database)
    return first


def _differing(i: ColumnElement[int], first: datetime, *, postgresql: bool) -> dict[str, ColumnElement[Any]]:
    """What is not as in the first timer. Ids rise, as they do when timers are set one after the other."""
    seconds = literal(first.timestamp()) + i * literal(STEP_S)
    due_at: ColumnElement[Any]
    if postgresql:
        due_at, digits = func.to_timestamp(seconds), func.lpad(func.to_hex(i), 32, "0")
    else:
        due_at = func.strftime("%Y-%m-%d %H:%M:%f", seconds, "unixepoch").concat("000")
        digits = func.printf("%032x", i)
    return {
        "id": cast(digits, Uuid()),
        "cause": Timer.cause.concat(":").concat(digits),
        "unique_key": Timer.unique_key.concat(":").concat(digits),
        "due_at": due_at,
    }


def poll_ms(database: Database) -> float:
    """A poll that finds nothing, its transaction with it: the median."""
    times = []
    for _ in range(POLLS):
        took, found = _claim(database, datetime.now(UTC))
        if found:
            raise AssertionError("a timer was due")
        times.append(took)
    return median(times)


def claim_ms(database: Database, first: datetime) -> float:
    """A claim of 50 that are due, committed: the median."""
    times = []
    for number in range(1, CLAIMS + 1):
        due_by = first + timedelta(seconds=STEP_S * (CLAIMED * number - 0.5))
        took, found = _claim(database, due_by)
        if len(found) != CLAIMED:
            raise AssertionError(f"{len(found)} timers were due")
        times.append(took)
        with database.write() as session:
            done = update(Timer).where(Timer.id.in_([timer.id for timer in found]))
            session.execute(done.values(status=TimerStatus.DONE, lease_until=None))
    return median(times)


def _claim(database: Database, now: datetime) -> tuple[float, list[DueTimer]]:
    """As the worker does it; in ms, with the commit."""
    began = time.perf_counter()
    with database.write() as session:
        found = timers.claim_due(session, now=now, limit=CLAIMED, lease_s=LEASE_S)
    return (time.perf_counter() - began) * 1000, found
