"""Cheap fingerprints of what a page shows, without opening a sealed value."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from bot.conversation.thread import thread_print
from bot.handoff.tickets import UNRESOLVED
from bot.records import Conversation, Ticket
from bot.records.engine import Database


def queue_prints(database: Database, now: datetime) -> Mapping[str, str]:
    """Part `queue`: the open tickets. The minute is in it, because deadlines are words that age."""
    with database.read() as session:
        rows = session.execute(
            select(Ticket.id, Ticket.version, Ticket.last_message_at)
            .where(Ticket.status.in_(UNRESOLVED))
            .order_by(Ticket.id)
        ).all()
    return {"queue": _digest(f"{now:%H:%M}", *(tuple(row) for row in rows))}


def ticket_prints(database: Database, ticket_id: UUID, now: datetime) -> Mapping[str, str]:
    """Part `talk`: the messages and their delivery; part `hold`: who has the ticket; `minute`: the clock."""
    with database.read() as session:
        ticket = session.get(Ticket, ticket_id)
        if ticket is None:
            return {}
        talk = thread_print(session, ticket.conversation_id)
        opted_out_at = session.scalar(
            select(Conversation.opted_out_at).where(Conversation.id == ticket.conversation_id)
        )
    return {
        "talk": talk,
        "hold": _digest(ticket.status, ticket.claimed_by_id, opted_out_at),
        "minute": _digest(f"{now:%H:%M}", ticket.version),
    }


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
