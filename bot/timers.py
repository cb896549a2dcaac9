"""The timer table: written in the transaction of the change that causes it, claimed by lease with a fence."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot.domain.enums import TimerKind, TimerStatus
from bot.domain.errors import LeaseLost
from bot.records import Timer


@dataclass(frozen=True, kw_only=True)
class DueTimer:
    """A timer that this worker holds until its lease ends. `due_at` and `expires_at` are clinic time, UTC."""

    id: UUID
    kind: TimerKind
    subject: Mapping[str, Any]
    due_at: datetime
    expires_at: datetime | None
    fence: int
    attempts: int


def schedule(
    session: Session,
    kind: TimerKind,
    *,
    cause: str,
    name: str,
    subject: dict[str, Any],
    due_at: datetime,
    expires_at: datetime | None = None,
) -> bool:
    """Set the timer of that name for this cause (`appointment:ID`), or set it anew where it has not rung yet.

    False when it is done already or stands as asked: one name of a cause rings once.
    """
    unique_key = f"{cause}:{name}"
    wanted = {"subject": subject, "due_at": due_at, "expires_at": expires_at, "status": TimerStatus.PENDING}
    timer = session.scalar(select(Timer).where(Timer.unique_key == unique_key).with_for_update())
    if timer is None:
        session.add(Timer(kind=kind, cause=cause, unique_key=unique_key, **wanted))
        return True
    if timer.status not in (TimerStatus.PENDING, TimerStatus.CANCELLED):
        return False
    if all(getattr(timer, field) == value for field, value in wanted.items()):
        return False
    for field, value in wanted.items():
        setattr(timer, field, value)
    # Who holds it knows an older version: their work is void.
    timer.fence, timer.attempts, timer.lease_until = timer.fence + 1, 0, None
    return True


def cancel(session: Session, cause: str, *, only: Callable[[str], bool] | None = None) -> int:
    """Cancel the pending timers of a cause, or only those whose name passes. Returns how many."""
    pending = session.execute(
        select(Timer.id, Timer.unique_key)
        .where(Timer.cause == cause, Timer.status == TimerStatus.PENDING)
        .order_by(Timer.id)
        .with_for_update()
    )
    ids = [row.id for row in pending if only is None or only(row.unique_key.removeprefix(f"{cause}:"))]
    session.execute(update(Timer).where(Timer.id.in_(ids)).values(status=TimerStatus.CANCELLED))
    return len(ids)


def claim_due(session: Session, *, now: datetime, limit: int, lease_s: float) -> list[DueTimer]:
    """Lease up to `limit` timers that are due at clinic time `now`. Commit before acting on them."""
    real_now = datetime.now(UTC)
    ids = session.scalars(
        select(Timer.id)
        .where(
            Timer.status == TimerStatus.PENDING,
            Timer.due_at <= now,
            or_(Timer.lease_until.is_(None), Timer.lease_until < real_now),
        )
        .order_by(Timer.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return []
    leased = session.execute(
        update(Timer)
        .where(Timer.id.in_(ids))
        .values(
            lease_until=real_now + timedelta(seconds=lease_s),
            fence=Timer.fence + 1,
            attempts=Timer.attempts + 1,
        )
        .returning(Timer.id, Timer.kind, Timer.subject, Timer.due_at, Timer.expires_at, Timer.fence, Timer.attempts)
        .execution_options(synchronize_session=False)
    )
    found = [DueTimer(**row._mapping) for row in leased]
    return sorted(found, key=lambda timer: (timer.due_at, timer.id))


def finish_all(session: Session, ended: Sequence[tuple[DueTimer, TimerStatus, str | None]]) -> None:
    """Close leased timers in the transaction of their effects. Raises LeaseLost when any is not ours any more."""
    by_end: dict[tuple[TimerStatus, str | None], list[DueTimer]] = {}
    for timer, status, outcome in ended:
        by_end.setdefault((status, outcome), []).append(timer)
    for (status, outcome), group in by_end.items():
        _change(session, group, status=status, outcome=outcome, lease_until=None)


def postpone(session: Session, timer: DueTimer, until: datetime, expires_at: datetime | None) -> None:
    """Let it ring again at `until`. Raises LeaseLost."""
    _change(session, [timer], due_at=until, expires_at=expires_at, attempts=0, lease_until=None)


def retry_later(session: Session, timer: DueTimer, *, seconds: float) -> None:
    """After a fault: try again after a while. Raises LeaseLost."""
    _change(session, [timer], lease_until=datetime.now(UTC) + timedelta(seconds=seconds))


def bury(session: Session, timer: DueTimer) -> None:
    """It failed too often. A person hears of it in the same transaction. Raises LeaseLost."""
    _change(session, [timer], status=TimerStatus.DEAD, outcome="failed", lease_until=None)


def next_due(session: Session, kinds: tuple[TimerKind, ...]) -> datetime | None:
    """When the next timer of these kinds rings."""
    return session.scalar(
        select(Timer.due_at)
        .where(Timer.status == TimerStatus.PENDING, Timer.kind.in_(kinds))
        .order_by(Timer.due_at)
        .limit(1)
    )


def _change(session: Session, held: Sequence[DueTimer], **values: Any) -> None:
    """Rows are locked in one order, so that no two workers wait for each other in a ring."""
    fences = {timer.id: timer.fence for timer in held}
    rows = session.execute(
        select(Timer.id, Timer.fence)
        .where(Timer.id.in_(fences), Timer.status == TimerStatus.PENDING)
        .order_by(Timer.id)
        .with_for_update()
    )
    ours = {row.id for row in rows if row.fence == fences[row.id]}
    lost = next((timer_id for timer_id in fences if timer_id not in ours), None)
    if lost is not None:
        raise LeaseLost(str(lost))
    session.execute(
        update(Timer).where(Timer.id.in_(fences)).values(**values).execution_options(synchronize_session=False)
    )
