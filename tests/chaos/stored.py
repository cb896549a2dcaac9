"""What the clinic's database holds about one handset."""

from dataclasses import dataclass

from sqlalchemy import select

from bot.domain.enums import CommunicationStatus, Direction
from bot.records import Communication, Conversation, Ticket
from tests.support.processes import Site, eventually

WAITING = (CommunicationStatus.RECEIVED, CommunicationStatus.IN_PROGRESS)
UNSENT = (CommunicationStatus.QUEUED, CommunicationStatus.SENDING, CommunicationStatus.UNKNOWN)


@dataclass(frozen=True)
class Thread:
    """One handset's conversation as it is stored, oldest first."""

    inbound: list[Communication]
    outbound: list[Communication]
    tickets: list[Ticket]

    def is_quiet(self) -> bool:
        """Every text was handled and every reply has left."""
        waits = any(message.status in WAITING for message in self.inbound)
        return not waits and not any(message.status in UNSENT for message in self.outbound)


def thread(site: Site, phone: str) -> Thread:
    with site.records() as session:
        conversation = session.scalar(select(Conversation).where(Conversation.address_index == phone))
        if conversation is None:
            return Thread([], [], [])
        messages = session.scalars(
            select(Communication).where(Communication.conversation_id == conversation.id).order_by(Communication.id)
        ).all()
        tickets = session.scalars(
            select(Ticket).where(Ticket.conversation_id == conversation.id).order_by(Ticket.id)
        ).all()
    inbound = [message for message in messages if message.direction is Direction.INBOUND]
    outbound = [message for message in messages if message.direction is Direction.OUTBOUND]
    return Thread(inbound, outbound, list(tickets))


def settled(site: Site, phone: str, *, texts: int, within_s: float = 30.0) -> Thread:
    """The thread once that many texts were handled. Fails unless each has exactly one reply, on the handset too."""

    def look() -> Thread | None:
        found = thread(site, phone)
        return found if len(found.inbound) == texts and found.is_quiet() else None

    found = eventually(look, within_s=within_s, what=f"the end of {texts} turns")
    assert [reply.unique_key for reply in found.outbound] == [f"turn:{message.id}" for message in found.inbound]
    assert site.replies(phone) == [reply.body for reply in found.outbound]
    return found
