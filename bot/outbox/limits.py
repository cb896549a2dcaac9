"""Token buckets: what a provider takes from one sender each second, whichever worker sends it.

A carrier counts parts (segments), so a long message costs one token for each. Urgent messages do not wait for tokens;
what they take is owed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import ChannelName
from bot.records import TokenBucket


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """`per_second` parts in the long run, `burst` at once. `name` is channel and sender."""

    name: str
    per_second: float
    burst: int


Limits = Mapping[ChannelName, RateLimit]


def exhausted(session: Session, limits: Limits) -> list[ChannelName]:
    """The channels whose bucket holds no token now. Takes no lock."""
    if not limits:
        return []
    names = [limit.name for limit in limits.values()]
    buckets = {row.name: row for row in session.scalars(select(TokenBucket).where(TokenBucket.name.in_(names)))}
    now = datetime.now(UTC)
    return [
        channel
        for channel, limit in limits.items()
        if limit.name in buckets and _refilled(buckets[limit.name], limit, now) < 1
    ]


def take(session: Session, limit: RateLimit, wanted: int, *, owed: int) -> int:
    """How many of the `wanted` may go now; those and the `owed` (urgent ones, which go anyway) are taken.

    The bucket's row stays locked until the transaction ends, so that two workers do not spend one token.
    """
    bucket = _lock(session, limit)
    granted = max(0, min(wanted, int(bucket.tokens)))
    bucket.tokens -= granted + owed
    return granted


def spend(session: Session, limit: RateLimit, tokens: float) -> None:
    """What a message cost beyond the token that it took."""
    _lock(session, limit).tokens -= tokens


def pause(session: Session, limit: RateLimit, seconds: float) -> None:
    """The provider asked for silence: nothing that can wait goes out for so long."""
    bucket = _lock(session, limit)
    bucket.tokens = min(bucket.tokens, 1 - seconds * limit.per_second)


def _lock(session: Session, limit: RateLimit) -> TokenBucket:
    now = datetime.now(UTC)
    bucket = session.scalar(
        select(TokenBucket)
        .where(TokenBucket.name == limit.name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if bucket is None:
        bucket = TokenBucket(name=limit.name, tokens=float(limit.burst), refilled_at=now)
        session.add(bucket)
        session.flush()
    bucket.tokens, bucket.refilled_at = _refilled(bucket, limit, now), now
    return bucket


def _refilled(bucket: TokenBucket, limit: RateLimit, now: datetime) -> float:
    # A machine's clock may have been set back: then time stands still for the bucket, it never runs out.
    passed_s = max(0.0, (now - bucket.refilled_at).total_seconds())
    return min(float(limit.burst), bucket.tokens + passed_s * limit.per_second)
