"""The open tickets as a coordinator needs to see them: who, in their own words, why, and by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from bot.console.auth import SignedIn
from bot.console.people import Writer, writer
from bot.console.phrases import REASONS, Moment, at_desk, due, language_name, told, waiting
from bot.console.resources import count_ending, desk_day
from bot.domain.enums import Author, Direction, Urgency
from bot.handoff.tickets import UNRESOLVED
from bot.records import Communication, Conversation, Ticket

MOST_SHOWN = 200
LOOK_BACK = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class QueueItem:
    """One open ticket. `words` are the person's newest own words, `held_by` the coordinator who took it."""

    id: UUID
    writer: Writer
    language: str
    language_code: str
    words: str
    reason: str
    why: str
    told: str
    is_urgent: bool
    is_mine: bool
    held_by: str | None
    is_answered: bool
    opened: Moment
    waiting: Moment
    due: Moment
    due_at: datetime
    opened_at: datetime

    @property
    def needs_now(self) -> bool:
        """Danger or a broken promise, and nobody else has it."""
        return (self.is_urgent or self.due.overdue) and not self.is_answered and self.is_free_or_mine

    @property
    def is_free_or_mine(self) -> bool:
        return self.is_mine or self.held_by is None


@dataclass(frozen=True, kw_only=True)
class Queue:
    """The tickets by what to do with them; `wrote` and `answered` count the last 24 hours."""

    now: Sequence[QueueItem]
    unclaimed: Sequence[QueueItem]
    mine: Sequence[QueueItem]
    others: Sequence[QueueItem]
    hidden: int
    wrote: int
    answered: int


def read_queue(session: Session, coordinator: SignedIn, now: datetime) -> Queue:
    """Urgent first, then by when an answer is due, then longest waiting."""
    open_tickets = select(Ticket).where(Ticket.status.in_(UNRESOLVED))
    # "urgent" stands after "routine" in the alphabet, so descending puts it first.
    tickets = session.scalars(
        open_tickets.order_by(Ticket.urgency.desc(), Ticket.due_at, Ticket.opened_at)
        .limit(MOST_SHOWN)
        .options(joinedload(Ticket.conversation), joinedload(Ticket.claimed_by))
    ).all()
    total = session.scalar(select(func.count()).select_from(open_tickets.subquery())) or 0
    items = sorted((_item(session, ticket, coordinator, now) for ticket in tickets), key=_order)
    rest = [item for item in items if not item.needs_now]
    wrote, answered = _last_day(session, now)
    return Queue(
        now=[item for item in items if item.needs_now],
        unclaimed=[item for item in rest if item.held_by is None],
        mine=[item for item in rest if item.is_mine],
        others=[item for item in rest if not item.is_free_or_mine],
        hidden=total - len(tickets),
        wrote=wrote,
        answered=answered,
    )


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many tickets need a person now, are nobody's, are one's own; how many resources end or have ended."""

    now: int
    unclaimed: int
    mine: int
    ending: int


def read_counts(session: Session, coordinator: SignedIn, now: datetime) -> Counts:
    """As the lists of `read_queue`, without opening a sealed value."""
    rows = session.execute(
        select(Ticket.urgency, Ticket.claimed_by_id, Ticket.due_at, Ticket.answered_at).where(
            Ticket.status.in_(UNRESOLVED)
        )
    ).all()
    mine_or_free = [row for row in rows if row.claimed_by_id in (None, coordinator.coordinator_id)]
    pressing = [row for row in mine_or_free if row.urgency is Urgency.URGENT or row.due_at < now]
    return Counts(
        now=sum(row.answered_at is None for row in pressing),
        unclaimed=sum(row.claimed_by_id is None for row in rows),
        mine=sum(row.claimed_by_id is not None for row in mine_or_free),
        ending=count_ending(session, desk_day(coordinator, now)),
    )


def newest_words(ticket: Ticket) -> str:
    """What the person last wrote, as far as it has words."""
    return next((text for text in reversed(ticket.facts.get("words", [])) if text.strip()), "")


def _item(session: Session, ticket: Ticket, coordinator: SignedIn, now: datetime) -> QueueItem:
    reason, why = REASONS[ticket.reason]
    desk = coordinator.time_zone
    holder = ticket.claimed_by
    return QueueItem(
        id=ticket.id,
        writer=writer(session, ticket.conversation, ticket.patient_id, now),
        language=language_name(ticket.conversation.language),
        language_code=ticket.conversation.language,
        words=newest_words(ticket),
        reason=reason,
        why=why,
        told=told(ticket.facts.get("did", [])),
        is_urgent=ticket.urgency is Urgency.URGENT,
        is_mine=holder is not None and holder.id == coordinator.coordinator_id,
        held_by=holder.name if holder else None,
        is_answered=ticket.answered_at is not None,
        opened=at_desk(ticket.opened_at, desk, now),
        waiting=waiting(ticket.opened_at, now, desk),
        due=due(ticket.due_at, now, desk),
        due_at=ticket.due_at,
        opened_at=ticket.opened_at,
    )


def _order(item: QueueItem) -> tuple[bool, datetime, datetime]:
    return (not item.is_urgent, item.due_at, item.opened_at)


def _last_day(session: Session, now: datetime) -> tuple[int, int]:
    """How many conversations people wrote in, and how many messages the bot sent by itself."""
    lately = Communication.created_at > now - LOOK_BACK
    wrote = session.scalar(
        select(func.count(func.distinct(Communication.conversation_id))).where(
            lately, Communication.direction == Direction.INBOUND
        )
    )
    answered = session.scalar(
        select(func.count())
        .select_from(Communication)
        .join(Conversation)
        .where(lately, Communication.author == Author.BOT)
    )
    return wrote or 0, answered or 0
