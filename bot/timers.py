"""The timer table: written in the transaction of the change that causes it, claimed by lease with a fence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from bot.domain.enums import TimerKind, TimerStatus
from bot.domain.errors import LeaseLost
from bot.records import Timer

MAX_ATTEMPTS = 8


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
    unique_key: str,
    subject: dict[str, Any],
    due_at: datetime,
    expires_at: datetime | None = None,
) -> bool:
    """Set a timer for this cause. False when it is already set, done or cancelled: a cause fires once."""
    if session.scalar(select(Timer.id).where(Timer.unique_key == unique_key)) is not None:
        return False
    session.add(
        Timer(
            kind=kind,
            unique_key=unique_key,
            subject=subject,
            due_at=due_at,
            expires_at=expires_at,
            status=TimerStatus.PENDING,
        )
    )
    session.flush()
    return True


def cancel(session: Session, key_prefix: str, *, except_prefix: str | None = None) -> int:
    """Cancel the pending timers of a cause, for example `appointment:ID:`. Returns how many."""
    pending = select(Timer.id).where(
        Timer.unique_key.startswith(key_prefix, autoescape=True), Timer.status == TimerStatus.PENDING
    )
    if except_prefix is not None:
        pending = pending.where(~Timer.unique_key.startswith(except_prefix, autoescape=True))
    ids = session.scalars(pending).all()
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
    session.execute(
        update(Timer)
        .where(Timer.id.in_(ids))
        .values(
            lease_until=real_now + timedelta(seconds=lease_s),
            fence=Timer.fence + 1,
            attempts=Timer.attempts + 1,
        )
    )
    rows = session.scalars(select(Timer).where(Timer.id.in_(ids)).order_by(Timer.due_at)).all()
    return [
        DueTimer(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            due_at=row.due_at,
            expires_at=row.expires_at,
            fence=row.fence,
            attempts=row.attempts,
        )
        for row in rows
    ]


def finish(session: Session, timer: DueTimer, status: TimerStatus, outcome: str | None = None) -> None:
    """Close a leased timer in the transaction of its effect. Raises LeaseLost when another worker took it."""
    _change(session, timer, status=status, outcome=outcome, lease_until=None)


def postpone(session: Session, timer: DueTimer, until: datetime) -> None:
    """Let it ring again at `until`. Raises LeaseLost."""
    _change(session, timer, due_at=until, lease_until=None)


def retry_later(session: Session, timer: DueTimer, *, seconds: float) -> None:
    """After a fault: try again after a while, or bury it after MAX_ATTEMPTS. Raises LeaseLost."""
    if timer.attempts >= MAX_ATTEMPTS:
        _change(session, timer, status=TimerStatus.DEAD, outcome="failed", lease_until=None)
        return
    _change(session, timer, lease_until=datetime.now(UTC) + timedelta(seconds=seconds))


def next_due(session: Session, kinds: tuple[TimerKind, ...]) -> datetime | None:
    """When the next timer of these kinds rings."""
    return session.scalar(
        select(Timer.due_at)
        .where(Timer.status == TimerStatus.PENDING, Timer.kind.in_(kinds))
        .order_by(Timer.due_at)
        .limit(1)
    )


def _change(session: Session, timer: DueTimer, **values: Any) -> None:
    changed = session.scalar(
        update(Timer)
        .where(Timer.id == timer.id, Timer.fence == timer.fence, Timer.status == TimerStatus.PENDING)
        .values(**values)
        .returning(Timer.id)
    )
    if changed is None:
        raise LeaseLost(str(timer.id))
