"""What became of messages that were handed to their channels, many in one commit; a fence tells whose word counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from bot.channels.base import ChannelError, Sent
from bot.domain.backoff import backoff_s
from bot.domain.enums import CommunicationStatus
from bot.outbox.claim import Leased
from bot.outbox.limits import Limits, pause, spend
from bot.records import Communication, Conversation

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 8

OnFailure = Callable[[Session, Communication, datetime], None]
"""Called in the transaction that gives a message up, so that a person hears of it."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """`sent` or `error`; neither when it had expired, or was `put_back` because the lease was too old to begin."""

    leased: Leased
    sent: Sent | None = None
    error: ChannelError | None = None
    segments: int = 0
    put_back: bool = False

    @property
    def provider_id(self) -> str | None:
        return None if self.sent is None else self.sent.provider_id

    @property
    def id(self) -> UUID:
        return self.leased.message.communication_id


def record(session: Session, results: Sequence[Result], now: datetime, limits: Limits, on_failure: OnFailure) -> None:
    """Write what became of each message. What another worker or a receipt wrote meanwhile stands."""
    held = _still_held(session, results)
    ours = [result for result in results if held.get(result.id) == result.leased.fence]
    _count_segments(session, [result for result in results if held.get(result.id) != result.leased.fence])
    _record_sent(session, ours, now)
    for result in ours:
        if result.sent is None:
            _record_unsent(session, result, now, on_failure)
    _charge(session, results, limits)


def _still_held(session: Session, results: Sequence[Result]) -> dict[UUID, int]:
    """The fence of each row now; the rows stay locked. In one order, so that no two workers wait in a ring."""
    ids = [result.id for result in results]
    rows = session.execute(
        select(Communication.id, Communication.fence)
        .where(Communication.id.in_(ids))
        .order_by(Communication.id)
        .with_for_update()
    )
    return {row.id: row.fence for row in rows}


def _record_sent(session: Session, results: Sequence[Result], now: datetime) -> None:
    """One statement for all of one status: the cost of a message is mostly here, and a worker that is frozen between
    many would keep them all from being taken over.
    """
    for status in (CommunicationStatus.SENT, CommunicationStatus.DELIVERED):
        sent = {each.id: each for each in results if each.sent is not None and each.sent.status is status}
        if not sent:
            continue
        session.execute(
            update(Communication)
            .where(Communication.id.in_(sent))
            .values(
                status=status,
                provider_id=case({row: each.provider_id for row, each in sent.items()}, value=Communication.id),
                segments=case({row: each.segments for row, each in sent.items()}, value=Communication.id),
                sent_at=now,
                delivered_at=now if status is CommunicationStatus.DELIVERED else None,
                lease_until=None,
            )
            .execution_options(synchronize_session=False)
        )
        for row in sent:
            log.info("delivered", communication=str(row), status=status)


def _record_unsent(session: Session, result: Result, now: datetime, on_failure: OnFailure) -> None:
    row = session.get_one(Communication, result.id, populate_existing=True)
    row.lease_until = None
    row.segments = result.segments
    if result.error is not None:
        _record_error(session, row, result.error, now, on_failure)
    elif result.put_back:
        row.status = CommunicationStatus.UNKNOWN if result.leased.maybe_sent else CommunicationStatus.QUEUED
        row.attempts -= 1
    else:
        row.status = CommunicationStatus.EXPIRED
        on_failure(session, row, now)
    log.info("delivered", communication=str(row.id), channel=row.channel, status=row.status)


def _record_error(
    session: Session, row: Communication, error: ChannelError, now: datetime, on_failure: OnFailure
) -> None:
    row.error_code = error.code
    if error.opted_out:
        conversation = session.get_one(Conversation, row.conversation_id)
        conversation.opted_out_at = conversation.opted_out_at or now
    if error.permanent or row.attempts >= MAX_ATTEMPTS:
        row.status = CommunicationStatus.FAILED
        on_failure(session, row, now)
        return
    row.status = CommunicationStatus.UNKNOWN if error.ambiguous else CommunicationStatus.QUEUED
    row.next_attempt_at = now + timedelta(seconds=error.retry_after_s or backoff_s(row.attempts))


def _count_segments(session: Session, results: Sequence[Result]) -> None:
    """A receipt was faster, and does not tell how many parts were billed."""
    for result in results:
        uncounted = update(Communication).where(Communication.id == result.id, Communication.segments == 0)
        session.execute(uncounted.values(segments=result.segments))


def _charge(session: Session, results: Sequence[Result], limits: Limits) -> None:
    """Each took one token when it was leased: settle what it really cost, and heed a provider that is overrun."""
    for channel, limit in sorted(limits.items()):
        mine = [result for result in results if result.leased.channel is channel]
        more = sum(result.segments - 1 for result in mine if result.segments > 1)
        if more:
            spend(session, limit, more)
        silence_s = max((result.error.retry_after_s or 0 for result in mine if result.error), default=0)
        if silence_s:
            pause(session, limit, silence_s)
