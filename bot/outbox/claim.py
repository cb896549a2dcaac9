"""Lease what may be sent now: the oldest unsent message of each conversation, urgent ones at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload, load_only

from bot.channels.base import OutboundMessage
from bot.domain.enums import ChannelName, CommunicationStatus, Direction
from bot.outbox.limits import Limits, exhausted, take
from bot.records import Communication, Conversation

UNSENT = (CommunicationStatus.QUEUED, CommunicationStatus.SENDING, CommunicationStatus.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Leased:
    """One message this worker may send until its lease ends. `maybe_sent`: it may already be out."""

    message: OutboundMessage
    channel: ChannelName
    fence: int
    attempts: int
    maybe_sent: bool
    expired: bool


@dataclass(frozen=True, kw_only=True)
class _Found:
    id: UUID
    channel: ChannelName
    status: CommunicationStatus
    urgent: bool


def claim(session: Session, now: datetime, lease_s: float, *, most: int, limits: Limits) -> list[Leased]:
    """Lease up to `most` messages, as the providers' limits allow. Commit before sending."""
    found = _within_limits(session, _find(session, now, most, exhausted(session, limits)), limits)
    if not found:
        return []
    before = {each.id: each.status for each in found}
    session.execute(
        update(Communication)
        .where(Communication.id.in_(before))
        .values(
            status=CommunicationStatus.SENDING,
            lease_until=datetime.now(UTC) + timedelta(seconds=lease_s),
            fence=Communication.fence + 1,
            attempts=Communication.attempts + 1,
        )
        .execution_options(synchronize_session=False)
    )
    rows = session.scalars(
        select(Communication)
        .where(Communication.id.in_(before))
        .options(joinedload(Communication.conversation).options(load_only(Conversation.address_sealed)))
        .execution_options(populate_existing=True)
        .order_by(Communication.id)
    ).all()
    return [_leased(row, before[row.id], now) for row in rows]


def _find(session: Session, now: datetime, most: int, without: Collection[ChannelName]) -> list[_Found]:
    """Urgent ones, then those that a dead worker left, then what is uncertain, then the rest, longest due first.

    One query for each, because each then reads its own stretch of the index and stops at the limit however long the
    queue is; as one query it would be sorted whole.
    """
    due = Communication.next_attempt_at <= now
    queued = and_(Communication.status == CommunicationStatus.QUEUED, due)
    parts: tuple[ColumnElement[bool], ...] = (
        and_(queued, Communication.urgent.is_(True)),
        and_(Communication.status == CommunicationStatus.SENDING, Communication.lease_until < datetime.now(UTC)),
        and_(Communication.status == CommunicationStatus.UNKNOWN, due),
        and_(queued, Communication.urgent.is_(False)),
    )
    found: list[_Found] = []
    for part in parts:
        if len(found) < most:
            found += _find_part(session, part, most - len(found), without)
    return found


def _find_part(
    session: Session, part: ColumnElement[bool], most: int, without: Collection[ChannelName]
) -> list[_Found]:
    earlier = aliased(Communication)
    first = ~exists().where(
        earlier.conversation_id == Communication.conversation_id,
        earlier.status.in_(UNSENT),
        earlier.id < Communication.id,
    )
    query: Any = (
        select(Communication.id, Communication.channel, Communication.status, Communication.urgent)
        .where(Communication.direction == Direction.OUTBOUND, part, or_(Communication.urgent, first))
        .order_by(Communication.next_attempt_at, Communication.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    if without:
        query = query.where(or_(Communication.urgent, Communication.channel.not_in(without)))
    return [
        _Found(id=row.id, channel=row.channel, status=row.status, urgent=row.urgent) for row in session.execute(query)
    ]


def _within_limits(session: Session, found: list[_Found], limits: Limits) -> list[_Found]:
    allowed = [each for each in found if each.channel not in limits]
    # Locked in one order by every worker, so that none waits for another in a ring.
    for channel, limit in sorted(limits.items()):
        mine = [each for each in found if each.channel is channel]
        if mine:
            urgent = [each for each in mine if each.urgent]
            others = [each for each in mine if not each.urgent]
            allowed += urgent + others[: take(session, limit, len(others), owed=len(urgent))]
    return allowed


def _leased(row: Communication, before: CommunicationStatus, now: datetime) -> Leased:
    return Leased(
        message=OutboundMessage(
            communication_id=row.id,
            address=row.conversation.address,
            text=row.body,
            created_at=row.created_at,
            options=tuple((digit, label) for digit, label in row.detail["options"]),
        ),
        channel=row.channel,
        fence=row.fence,
        attempts=row.attempts,
        maybe_sent=before is not CommunicationStatus.QUEUED,
        expired=row.expires_at is not None and row.expires_at <= now,
    )
