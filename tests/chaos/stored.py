"""What the clinic's database holds about one handset."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import CommunicationStatus, Direction, TicketReason, Urgency
from bot.records import Communication, Conversation, Ticket
from tests.support.processes import Site, eventually

WAITING = (CommunicationStatus.RECEIVED, CommunicationStatus.IN_PROGRESS)
UNSENT = (CommunicationStatus.QUEUED, CommunicationStatus.SENDING, CommunicationStatus.UNKNOWN)


@dataclass(frozen=True)
class Message:
    """A stored message. `cause` is the unique key of a reply."""

    id: UUID
    status: CommunicationStatus
    attempts: int
    cause: str | None
    body: str


@dataclass(frozen=True)
class Case:
    """A stored ticket, opened up."""

    reason: TicketReason
    urgency: Urgency
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Thread:
    """One handset's conversation as it is stored, oldest first."""

    inbound: list[Message]
    outbound: list[Message]
    tickets: list[Case]

    def is_quiet(self) -> bool:
        """Every text was handled and every reply has left."""
        waits = any(message.status in WAITING for message in self.inbound)
        return not waits and not any(message.status in UNSENT for message in self.outbound)


def thread(site: Site, phone: str) -> Thread:
    with site.records() as session:
        conversation = session.scalar(select(Conversation).where(Conversation.address_index == phone))
        if conversation is None:
            return Thread([], [], [])
        tickets = session.scalars(select(Ticket).where(Ticket.conversation_id == conversation.id).order_by(Ticket.id))
        return Thread(
            inbound=_messages(session, conversation, Direction.INBOUND),
            outbound=_messages(session, conversation, Direction.OUTBOUND),
            tickets=[Case(ticket.reason, ticket.urgency, ticket.facts) for ticket in tickets],
        )


def _messages(session: Session, conversation: Conversation, direction: Direction) -> list[Message]:
    rows = session.scalars(
        select(Communication)
        .where(Communication.conversation_id == conversation.id, Communication.direction == direction)
        .order_by(Communication.id)
    )
    return [Message(row.id, row.status, row.attempts, row.unique_key, row.body) for row in rows]


def settled(site: Site, phone: str, *, texts: int, within_s: float = 30.0) -> Thread:
    """The thread once that many texts were handled. Fails unless each has exactly one reply, on the handset too."""

    def look() -> Thread | None:
        found = thread(site, phone)
        return found if len(found.inbound) == texts and found.is_quiet() else None

    found = eventually(look, within_s=within_s, every_s=0.2, what=f"the end of {texts} turns")
    assert [reply.cause for reply in found.outbound] == [f"turn:{message.id}" for message in found.inbound]
    assert site.replies(phone) == [reply.body for reply in found.outbound]
    return found
