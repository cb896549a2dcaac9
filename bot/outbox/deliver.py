"""Send what is queued: lease a batch, hand it to the channels side by side, record the results in one commit.

Order is kept in each conversation: only its oldest unsent message is leased, and urgent ones at once. A worker that
dies between the provider's answer and our commit leaves a row whose lease runs out; the provider is then asked before
anything is sent again.
"""

import random
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from bot.channels.base import Channel, ChannelError, OutboundMessage, Sent
from bot.domain.clock import Clock
from bot.domain.enums import ChannelName, CommunicationStatus, Direction
from bot.records import Communication
from bot.records.engine import Database

log = structlog.get_logger(__name__)

BATCH = 50
MAX_ATTEMPTS = 8
FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 600.0
UNSENT = (CommunicationStatus.QUEUED, CommunicationStatus.SENDING, CommunicationStatus.UNKNOWN)

OnFailure = Callable[[Session, Communication, datetime], None]
"""Called in the transaction that gives a message up, so that a person hears of it."""


@dataclass(frozen=True, kw_only=True)
class Leased:
    """One message this worker may send until its lease ends. `asked_before`: it may already be out."""

    message: OutboundMessage
    channel: ChannelName
    fence: int
    attempts: int
    maybe_sent: bool
    expired: bool


@dataclass(frozen=True, kw_only=True)
class Result:
    leased: Leased
    sent: Sent | None
    error: ChannelError | None
    segments: int


class Deliverer:
    """Sends from the outbox. `lease_s` is longer than a provider may take to answer."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[ChannelName, Channel],
        clock: Clock,
        executor: Executor,
        on_failure: OnFailure,
        lease_s: float,
    ) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._executor = executor
        self._on_failure = on_failure
        self._lease_s = lease_s

    def deliver_batch(self) -> int:
        """Send up to BATCH messages. Returns how many were leased; 0 means the outbox is quiet."""
        with self._database.write() as session:
            leased = claim(session, self._clock.now(), self._lease_s)
        if not leased:
            return 0
        results = list(self._executor.map(self._send, leased))
        with self._database.write() as session:
            for result in results:
                self._record(session, result)
        return len(leased)

    def _send(self, leased: Leased) -> Result:
        channel = self._channels.get(leased.channel)
        sent: Sent | None = None
        error: ChannelError | None = None
        segments = 0
        try:
            if channel is None:
                raise ChannelError("channel_not_configured", permanent=True)
            if not leased.expired:
                segments = channel.segments(leased.message.text)
                sent = channel.look_up(leased.message) if leased.maybe_sent else None
                sent = sent or channel.send(leased.message)
        except ChannelError as fault:
            error = fault
        except Exception as fault:
            # An adapter's own defect must not stop the others' messages; only its kind is logged.
            log.error("send_failed", communication=str(leased.message.communication_id), error=type(fault).__name__)
            error = ChannelError(type(fault).__name__, ambiguous=True)
        return Result(leased=leased, sent=sent, error=error, segments=segments)

    def _record(self, session: Session, result: Result) -> None:
        row = session.scalar(
            select(Communication)
            .where(
                Communication.id == result.leased.message.communication_id,
                Communication.fence == result.leased.fence,
            )
            .options(joinedload(Communication.conversation))
            .with_for_update(of=Communication)
        )
        if row is None:  # A receipt or another worker was faster; what it wrote stands.
            self._count_segments(session, result)
            return
        now = self._clock.now()
        row.lease_until = None
        row.segments = result.segments
        match result:
            case Result(sent=Sent() as sent):
                row.status, row.provider_id, row.sent_at = sent.status, sent.provider_id, now
                if sent.status is CommunicationStatus.DELIVERED:
                    row.delivered_at = now
            case Result(error=ChannelError() as error):
                self._record_error(session, row, error, now)
            case _:
                row.status = CommunicationStatus.EXPIRED
                self._on_failure(session, row, now)
        log.info("delivered", communication=str(row.id), channel=row.channel, status=row.status)

    def _count_segments(self, session: Session, result: Result) -> None:
        """A receipt does not tell how many parts were billed."""
        message_id = result.leased.message.communication_id
        uncounted = update(Communication).where(Communication.id == message_id, Communication.segments == 0)
        session.execute(uncounted.values(segments=result.segments))

    def _record_error(self, session: Session, row: Communication, error: ChannelError, now: datetime) -> None:
        row.error_code = error.code
        if error.opted_out:
            row.conversation.opted_out_at = row.conversation.opted_out_at or now
        if error.permanent or row.attempts >= MAX_ATTEMPTS:
            row.status = CommunicationStatus.FAILED
            self._on_failure(session, row, now)
            return
        row.status = CommunicationStatus.UNKNOWN if error.ambiguous else CommunicationStatus.QUEUED
        row.next_attempt_at = now + timedelta(seconds=error.retry_after_s or backoff_s(row.attempts))


def backoff_s(attempts: int) -> float:
    """Seconds until the next try: doubling, with full jitter on the upper half."""
    longest: float = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** (attempts - 1))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret


def claim(session: Session, now: datetime, lease_s: float) -> list[Leased]:
    """Lease the oldest unsent message of each conversation. Commit before sending."""
    real_now = datetime.now(UTC)
    earlier = aliased(Communication)
    ready = and_(
        Communication.status.in_((CommunicationStatus.QUEUED, CommunicationStatus.UNKNOWN)),
        Communication.next_attempt_at <= now,
    )
    abandoned = and_(Communication.status == CommunicationStatus.SENDING, Communication.lease_until < real_now)
    ids = session.scalars(
        select(Communication.id)
        .where(
            Communication.direction == Direction.OUTBOUND,
            Communication.status.in_(UNSENT),
            or_(ready, abandoned),
            or_(
                Communication.urgent,
                ~exists().where(
                    earlier.conversation_id == Communication.conversation_id,
                    earlier.direction == Direction.OUTBOUND,
                    earlier.status.in_(UNSENT),
                    earlier.id < Communication.id,
                ),
            ),
        )
        .order_by(Communication.urgent.desc(), Communication.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return []
    before = _statuses(session, ids)
    session.execute(
        update(Communication)
        .where(Communication.id.in_(ids))
        .values(
            status=CommunicationStatus.SENDING,
            lease_until=real_now + timedelta(seconds=lease_s),
            fence=Communication.fence + 1,
            attempts=Communication.attempts + 1,
        )
    )
    rows = session.scalars(
        select(Communication)
        .where(Communication.id.in_(ids))
        .options(joinedload(Communication.conversation))
        .execution_options(populate_existing=True)
        .order_by(Communication.id)
    ).all()
    return [_leased(row, before[row.id], now) for row in rows]


def _statuses(session: Session, ids: object) -> dict[UUID, CommunicationStatus]:
    rows = session.execute(
        select(Communication.id, Communication.status).where(Communication.id.in_(ids))  # type: ignore[arg-type]
    )
    return {row.id: row.status for row in rows}


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
