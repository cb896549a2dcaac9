"""Open, claim, answer and close tickets. Each function works in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import timers
from bot.domain.enums import Disclosure, TicketReason, TicketStatus, TimerKind, Urgency
from bot.domain.errors import NotAddressable, TicketTaken
from bot.handoff.hours import OfficeHours
from bot.i18n.render import Words
from bot.outbox import Say, enqueue, enqueue_text
from bot.records import Communication, Conversation, Ticket

UNRESOLVED = (TicketStatus.OPEN, TicketStatus.CLAIMED)
URGENT_REASONS = frozenset({TicketReason.EMERGENCY, TicketReason.URGENT_SYMPTOM})
LONGEST_REPLY = 1600  # Twilio's limit for one message, characters.


def open_ticket(
    session: Session,
    conversation: Conversation,
    reason: TicketReason,
    *,
    patient_id: UUID | None,
    facts: Mapping[str, Any],
    now: datetime,
    hours: OfficeHours,
) -> tuple[Ticket, bool]:
    """The open ticket of this reason in this conversation, made when there is none; and whether it is new.

    Its deadline timer is set in the same transaction, so no ticket is without a next alarm.
    """
    existing = session.scalar(
        select(Ticket)
        .where(
            Ticket.conversation_id == conversation.id,
            Ticket.reason == reason,
            Ticket.status.in_(UNRESOLVED),
        )
        .with_for_update()
    )
    urgency = Urgency.URGENT if reason in URGENT_REASONS else Urgency.ROUTINE
    if existing is not None:
        append_words(existing, facts.get("words", ()), now)
        return existing, False
    ticket = Ticket(
        conversation_id=conversation.id,
        patient_id=patient_id,
        reason=reason,
        urgency=urgency,
        status=TicketStatus.OPEN,
        facts=dict(facts),
        opened_at=now,
        due_at=hours.answer_due(now, urgency),
        last_message_at=now,
    )
    session.add(ticket)
    schedule_deadline(session, ticket, now)
    return ticket, True


def hear_more(session: Session, ticket: Ticket, text: str, now: datetime, hours: OfficeHours) -> None:
    """The person wrote again while a coordinator has the ticket: another answer is owed, with an alarm of its own."""
    append_words(ticket, [text], now)
    if ticket.answered_at is not None:
        ticket.answered_at = None
        ticket.due_at = hours.answer_due(now, ticket.urgency)
        schedule_deadline(session, ticket, now)


def append_words(ticket: Ticket, words: object, now: datetime) -> None:
    """Add what the person wrote since. `words` is a list of texts."""
    facts = dict(ticket.facts)
    facts["words"] = [*facts.get("words", []), *words]  # type: ignore[misc]
    ticket.facts = facts
    ticket.last_message_at = now


def schedule_deadline(session: Session, ticket: Ticket, now: datetime) -> None:
    """An alarm for the answer that is owed since `now`."""
    timers.schedule(
        session,
        TimerKind.TICKET_DEADLINE,
        cause=f"ticket:{ticket.id}",
        name=f"deadline:{now.isoformat()}",
        subject={"ticket": str(ticket.id)},
        due_at=ticket.due_at,
    )


def human_ticket(session: Session, conversation_id: UUID) -> Ticket | None:
    """The ticket of this conversation that a person holds: while there is one, the bot is silent."""
    return session.scalar(
        select(Ticket)
        .where(Ticket.conversation_id == conversation_id, Ticket.status == TicketStatus.CLAIMED)
        .order_by(Ticket.claimed_at)
        .limit(1)
    )


def claim(session: Session, ticket_id: UUID, coordinator_id: UUID, version: int, now: datetime) -> None:
    """Take an open ticket. Raises TicketTaken when it changed since the coordinator saw `version`."""
    _compare_and_set(
        session,
        ticket_id,
        version,
        (TicketStatus.OPEN,),
        status=TicketStatus.CLAIMED,
        claimed_by_id=coordinator_id,
        claimed_at=now,
    )


def reply(session: Session, ticket_id: UUID, coordinator_id: UUID, text: str, now: datetime) -> Communication:
    """Send a coordinator's words to the person. Raises TicketTaken unless this coordinator holds the ticket,
    NotAddressable when the person cannot be written to, ValueError for an empty or too long text.
    """
    words = text.strip()
    if not words:
        raise ValueError("empty")
    if len(words) > LONGEST_REPLY:
        raise ValueError("too_long")
    ticket = _held(session, ticket_id, coordinator_id)
    conversation = session.get_one(Conversation, ticket.conversation_id)
    if conversation.opted_out_at is not None:
        raise NotAddressable(str(conversation.id))
    ticket.answered_at = ticket.answered_at or now
    ticket.version += 1
    timers.cancel(session, f"ticket:{ticket.id}")
    return enqueue_text(session, conversation, words, coordinator_id=coordinator_id, now=now)


def resolve(session: Session, words: Words, ticket_id: UUID, coordinator_id: UUID, now: datetime) -> None:
    """Close a ticket that this coordinator holds. The bot speaks again, and says so. Raises TicketTaken."""
    ticket = _held(session, ticket_id, coordinator_id)
    ticket.status = TicketStatus.RESOLVED
    ticket.resolved_at = now
    ticket.version += 1
    timers.cancel(session, f"ticket:{ticket.id}")
    session.flush()
    conversation = session.get_one(Conversation, ticket.conversation_id)
    if human_ticket(session, conversation.id) is None and conversation.opted_out_at is None:
        conversation.misunderstandings = 0
        enqueue(session, words, conversation, [Say("bot_is_back")], now=now, level=Disclosure.GENERIC)


def settle(session: Session, ticket: Ticket, now: datetime, outcome: str) -> None:
    """Close a ticket that nobody has taken, because what was asked for is done. `outcome`: codes and ids."""
    if ticket.status is not TicketStatus.OPEN:
        return
    ticket.facts = {**ticket.facts, "outcome": outcome}
    ticket.status, ticket.resolved_at = TicketStatus.RESOLVED, now
    ticket.version += 1
    timers.cancel(session, f"ticket:{ticket.id}")


def ring_deadline(session: Session, ticket_id: UUID, now: datetime, hours: OfficeHours) -> bool:
    """An answer is overdue: count it and set the next alarm. False when the ticket no longer waits."""
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None or ticket.status is TicketStatus.RESOLVED or ticket.answered_at is not None:
        return False
    ticket.overdue_alarms += 1
    ticket.version += 1
    timers.schedule(
        session,
        TimerKind.TICKET_DEADLINE,
        cause=f"ticket:{ticket.id}",
        name=f"deadline:alarm-{ticket.overdue_alarms}",
        subject={"ticket": str(ticket.id)},
        due_at=hours.answer_due(now, ticket.urgency),
    )
    return True


def _held(session: Session, ticket_id: UUID, coordinator_id: UUID) -> Ticket:
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None or ticket.status is not TicketStatus.CLAIMED or ticket.claimed_by_id != coordinator_id:
        raise TicketTaken(str(ticket_id))
    return ticket


def _compare_and_set(
    session: Session, ticket_id: UUID, version: int, from_statuses: tuple[TicketStatus, ...], **values: Any
) -> None:
    changed = session.scalar(
        update(Ticket)
        .where(Ticket.id == ticket_id, Ticket.version == version, Ticket.status.in_(from_statuses))
        .values(version=version + 1, **values)
        .returning(Ticket.id)
    )
    if changed is None:
        raise TicketTaken(str(ticket_id))
