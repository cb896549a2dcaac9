"""Which conversations are one person's alone, and since when: an address may be shared, and may change hands."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from bot.domain.enums import ChannelName, QuestionKind, TicketReason
from bot.records import Consent, ContactPoint, Conversation, Question, Ticket, Verification


def conversations_of(session: Session, patient_id: UUID, caregivers: Collection[UUID]) -> Sequence[Conversation]:
    """Every conversation in which something may be about the patient."""
    addresses = select(ContactPoint.channel, ContactPoint.address_index).where(ContactPoint.patient_id == patient_id)
    at_own_address = exists(
        addresses.where(
            ContactPoint.channel == Conversation.channel, ContactPoint.address_index == Conversation.address_index
        ).correlate(Conversation)
    )
    signed_in = select(Verification.conversation_id).where(
        Verification.patient_id == patient_id, Verification.used_at.is_not(None)
    )
    tickets = select(Ticket.conversation_id).where(Ticket.patient_id == patient_id)
    query = select(Conversation).where(
        or_(
            Conversation.patient_id == patient_id,
            Conversation.related_person_id.in_(caregivers),
            Conversation.id.in_(signed_in),
            Conversation.id.in_(tickets),
            at_own_address,
        )
    )
    return session.scalars(query.order_by(Conversation.id)).all()


def alone_since(session: Session, conversation: Conversation) -> datetime | None:
    """Since when nobody but its present owner wrote there; None where that is not certain.

    A phone is one person's while nobody else has its number, and nobody was ever asked there who writes. A chat is
    theirs from the link or the code that proved it; whoever had it before is somebody else.
    """
    owner = conversation.patient_id, conversation.related_person_id
    if owner == (None, None):
        return None
    since = _proved_at(session, conversation, owner)
    if since is None or _shows_others(session, conversation, since):
        return None
    return since


def _proved_at(session: Session, conversation: Conversation, owner: tuple[UUID | None, UUID | None]) -> datetime | None:
    if conversation.channel is ChannelName.WEBCHAT:
        last = session.scalar(
            select(Verification)
            .where(Verification.conversation_id == conversation.id, Verification.used_at.is_not(None))
            .order_by(Verification.used_at.desc())
            .limit(1)
        )
        return last.used_at if last and (last.patient_id, last.related_person_id) == owner else None
    contacts = _contacts(session, conversation)
    theirs = all((each.patient_id, each.related_person_id) == owner and not each.suspended_at for each in contacts)
    if not contacts or not theirs:
        return None
    return conversation.created_at if conversation.channel is ChannelName.SMS else contacts[0].verified_at


def is_former_number(session: Session, conversation: Conversation) -> bool:
    """A phone that was only this patient's and is on nobody's record now: who has it since is not known."""
    return (
        conversation.channel is ChannelName.SMS
        and conversation.patient_id is not None
        and not _contacts(session, conversation)
        and not _shows_others(session, conversation, conversation.created_at)
    )


def _contacts(session: Session, conversation: Conversation) -> Sequence[ContactPoint]:
    """Whose the address is now."""
    return session.scalars(
        select(ContactPoint).where(
            ContactPoint.channel == conversation.channel, ContactPoint.address_index == conversation.address_index
        )
    ).all()


def _shows_others(session: Session, conversation: Conversation, since: datetime) -> bool:
    """Whether somebody else wrote there since, as a ticket or a question of ours tells."""
    asked_who = exists().where(
        Question.conversation_id == conversation.id,
        Question.kind == QuestionKind.WHO_IS_THIS,
        Question.asked_at >= since,
    )
    of_another = Ticket.patient_id.is_not(None) & (Ticket.patient_id != conversation.patient_id)
    wrong = Ticket.reason == TicketReason.WRONG_NUMBER
    others = exists().where(
        Ticket.conversation_id == conversation.id,
        wrong if conversation.patient_id is None else or_(wrong, of_another),
        Ticket.opened_at >= since,
    )
    return bool(session.scalar(select(or_(asked_who, others))))


def cared_for_only(consents: Sequence[Consent], patient_id: UUID, at: datetime) -> bool:
    """Whether a caregiver with these consents cared at that instant for this patient and for nobody else."""
    return {consent.patient_id for consent in consents if consent.is_effective(at)} == {patient_id}
