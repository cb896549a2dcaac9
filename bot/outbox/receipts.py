"""Receipts move a Communication forward only: they arrive late, twice and out of order."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.channels.base import Receipt
from bot.domain.enums import CommunicationStatus, Direction
from bot.records import Communication

RANK = {
    CommunicationStatus.QUEUED: 0,
    CommunicationStatus.SENDING: 1,
    CommunicationStatus.UNKNOWN: 1,
    CommunicationStatus.SENT: 2,
    CommunicationStatus.FAILED: 3,
    CommunicationStatus.EXPIRED: 3,
    CommunicationStatus.DELIVERED: 4,
}


def apply_receipt(session: Session, receipt: Receipt, now: datetime) -> Communication | None:
    """Record what the provider says. Returns the row when it moved, None when there was nothing to move."""
    matches = [Communication.provider_id == receipt.provider_id]
    if receipt.communication_id is not None:
        matches.append(Communication.id == receipt.communication_id)
    row = session.scalar(
        select(Communication)
        .where(
            Communication.channel == receipt.channel,
            Communication.direction == Direction.OUTBOUND,
            or_(*matches),
        )
        .with_for_update()
    )
    if row is None or RANK[receipt.status] <= RANK[row.status]:
        return None
    row.status = receipt.status
    row.provider_id = row.provider_id or receipt.provider_id
    row.error_code = receipt.error_code
    row.lease_until = None
    row.fence += 1
    row.sent_at = row.sent_at or now
    if receipt.status is CommunicationStatus.DELIVERED:
        row.delivered_at = now
    return row
