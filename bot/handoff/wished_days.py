"""The days that somebody wished for, on the ticket that a coordinator will read.

They are there as soon as they were read, so that a person who never answers "is that right?" is not lost.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bot.domain.enums import TicketStatus
from bot.records import Ticket

READ, CONFIRMED = "days_read", "days_confirmed"


def note_days(ticket: Ticket, asked: Mapping[str, Any], days: Mapping[str, str]) -> None:
    """Add what was asked and the days that were read in it, ISO dates and wall times; not confirmed yet."""
    known = {name: value for name, value in ticket.facts.get("asked", {}).items() if name != CONFIRMED}
    ticket.facts = {**ticket.facts, "asked": {**known, **asked, READ: dict(days)}}


def settle_days(session: Session, ticket_id: UUID, *, right: bool, now: datetime) -> Ticket | None:
    """Mark the days as confirmed, or take them off so that the words alone count. None for a ticket that is closed."""
    ticket = session.get_one(Ticket, ticket_id, with_for_update=True)
    if ticket.status is TicketStatus.RESOLVED:
        return None
    asked = dict(ticket.facts.get("asked", {}))
    days = asked.pop(READ, None)
    if right and days is not None:
        asked[CONFIRMED] = days
    ticket.facts = {**ticket.facts, "asked": asked}
    ticket.last_message_at = now
    return ticket
