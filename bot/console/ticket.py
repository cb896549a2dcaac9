"""One ticket with its conversation, as the ticket page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.console.auth import SignedIn
from bot.console.bubbles import Bubble, bubble, understood_words
from bot.console.people import Writer, writer
from bot.console.phrases import CHANNELS, REASONS, Moment, at_desk, due, language_name
from bot.conversation.thread import ThreadMessage, read_thread
from bot.domain.enums import Author, ChannelName, TicketStatus, Urgency
from bot.i18n.render import Words
from bot.records import Ticket

RECENT = 200


@dataclass(frozen=True, kw_only=True)
class TicketView:
    """`before` and `after` are the messages around the hand-over. `hold`: open, mine, others or resolved."""

    id: UUID
    conversation_id: UUID
    patient_id: UUID | None
    version: int
    writer: Writer
    language: str
    reason: str
    is_urgent: bool
    is_answered: bool
    hold: str
    held_by: str | None
    due: Moment
    opened: Moment
    why: str
    facts: Sequence[tuple[str, str]]
    before: Sequence[Bubble]
    after: Sequence[Bubble]
    has_earlier: bool
    last_reply: str
    channel: ChannelName
    channel_name: str
    opted_out: bool


def read_ticket(
    session: Session, words: Words, ticket_id: UUID, coordinator: SignedIn, now: datetime, *, whole: bool
) -> TicketView | None:
    """The ticket, None when there is none. `whole`: with every message, however old."""
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .options(joinedload(Ticket.conversation), joinedload(Ticket.claimed_by))
    )
    if ticket is None:
        return None
    conversation = ticket.conversation
    messages, has_earlier = read_thread(session, conversation.id, limit=1_000_000 if whole else RECENT)
    shown = [(message, bubble(message, words, coordinator, now)) for message in messages]
    reason, why = REASONS[ticket.reason]
    return TicketView(
        id=ticket.id,
        conversation_id=conversation.id,
        patient_id=ticket.patient_id or conversation.patient_id,
        version=ticket.version,
        writer=writer(session, conversation, ticket.patient_id, now),
        language=language_name(conversation.language),
        reason=reason,
        is_urgent=ticket.urgency is Urgency.URGENT,
        is_answered=ticket.answered_at is not None,
        hold=_hold(ticket, coordinator),
        held_by=ticket.claimed_by.name if ticket.claimed_by else None,
        due=due(ticket.due_at, now, coordinator.time_zone),
        opened=at_desk(ticket.opened_at, coordinator.time_zone, now),
        why=why,
        facts=_facts(ticket.facts),
        before=[each for message, each in shown if message.created_at <= ticket.opened_at],
        after=[each for message, each in shown if message.created_at > ticket.opened_at],
        has_earlier=has_earlier,
        last_reply=last_reply(messages),
        channel=conversation.channel,
        channel_name=CHANNELS[conversation.channel],
        opted_out=conversation.opted_out_at is not None,
    )


def last_reply(messages: Sequence[ThreadMessage]) -> str:
    """The id of the newest message that a coordinator wrote, empty before the first."""
    return next((str(each.id) for each in reversed(messages) if each.author is Author.COORDINATOR), "")


def _hold(ticket: Ticket, coordinator: SignedIn) -> str:
    if ticket.status is TicketStatus.RESOLVED:
        return "resolved"
    if ticket.status is TicketStatus.OPEN:
        return "open"
    return "mine" if ticket.claimed_by_id == coordinator.coordinator_id else "others"


def _facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was gathered, as (label, words) pairs."""
    shown = []
    understood = facts.get("understood") or {}
    if understood.get("intent"):
        shown.append(("Understood", understood_words(understood)))
    if facts.get("red_flag"):
        shown.append(("Warning words", str(facts["red_flag"]).replace("_", " ")))
    for name, value in (facts.get("asked") or {}).items():
        shown.append((str(name).replace("_", " ").capitalize(), _plain(value)))
    return shown


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(each)}" for name, each in value.items())
    return str(value)
