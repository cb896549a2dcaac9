"""The inbox: store what arrives, once, before anything else; hand it out one turn at a time per conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from bot.channels.base import InboundMessage
from bot.conversation.identity import owners
from bot.domain.clock import Clock
from bot.domain.enums import Author, CommunicationStatus, Direction
from bot.records import Communication, ContactPoint, Conversation, Patient, RelatedPerson
from bot.records.engine import Database

CHOICE_LASTS = timedelta(hours=4)
WAITING = (CommunicationStatus.RECEIVED, CommunicationStatus.IN_PROGRESS)


@dataclass(frozen=True, kw_only=True)
class LeasedMessage:
    """An inbound message that this worker answers, until its lease ends."""

    communication_id: UUID
    fence: int


def accept(database: Database, clock: Clock, default_language: str, message: InboundMessage, *, urgent: bool) -> bool:
    """Store one message and commit. False when the provider sent it before: then nothing changes.

    `urgent`: a red flag is in it, so its turn waits for no other.
    Raises sqlalchemy.exc.OperationalError while the database is locked or away.
    """
    for attempt in (1, 2):
        try:
            with database.write() as session:
                return _store(session, clock.now(), default_language, message, urgent)
        except IntegrityError:
            # Two deliveries at once: the second try finds what the first one stored.
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def _store(session: Session, now: datetime, default_language: str, message: InboundMessage, urgent: bool) -> bool:
    seen = select(Communication.id).where(
        Communication.channel == message.channel, Communication.provider_id == message.provider_id
    )
    if session.scalar(seen) is not None:
        return False
    conversation = find_or_open(session, now, default_language, message)
    _forget_choice(session, conversation, now)
    reply = message.in_reply_to
    session.add(
        Communication(
            conversation_id=conversation.id,
            channel=message.channel,
            direction=Direction.INBOUND,
            author=Author.PERSON,
            status=CommunicationStatus.RECEIVED,
            provider_id=message.provider_id,
            body=message.text,
            detail={"media": list(message.media), "in_reply_to": reply and str(reply)},
            language=conversation.language,
            urgent=urgent,
            created_at=now,
            next_attempt_at=now,
        )
    )
    return True


def find_or_open(session: Session, now: datetime, default_language: str, message: InboundMessage) -> Conversation:
    """The conversation with this address on this channel. A new one speaks the language of who owns the address."""
    conversation = session.scalar(
        select(Conversation).where(
            Conversation.channel == message.channel, Conversation.address_index == message.address
        )
    )
    if conversation is None:
        return open_conversation(session, now, default_language, message)
    if conversation.patient_id is None and conversation.related_person_id is None:
        _settle_owner(conversation, owners(session, message.channel, message.address))
    return conversation


def _forget_choice(session: Session, conversation: Conversation, now: datetime) -> None:
    """Who writes on a shared phone, and whom a caregiver means, is asked anew after a while of silence."""
    before = session.scalar(
        select(Communication.created_at)
        .where(Communication.conversation_id == conversation.id, Communication.direction == Direction.INBOUND)
        .order_by(Communication.id.desc())
        .limit(1)
    )
    if before is None or now - before < CHOICE_LASTS:
        return
    conversation.about_patient_id = None
    if len(owners(session, conversation.channel, conversation.address_index)) > 1:
        conversation.patient_id = None


def _settle_owner(conversation: Conversation, contacts: Sequence[ContactPoint]) -> None:
    """An address that is on one person's record is that person's, also when the record came later.

    Not while it is suspended, because somebody else answered there.
    """
    if len(contacts) == 1 and contacts[0].suspended_at is None:
        conversation.patient_id = contacts[0].patient_id
        conversation.related_person_id = contacts[0].related_person_id


def open_conversation(session: Session, now: datetime, default_language: str, message: InboundMessage) -> Conversation:
    contacts = owners(session, message.channel, message.address)
    languages = {_language(session, contact.patient_id, contact.related_person_id) for contact in contacts}
    conversation = Conversation(
        channel=message.channel,
        address=message.address,
        address_index=message.address,
        language=languages.pop() if len(languages) == 1 else default_language,
        created_at=now,
    )
    _settle_owner(conversation, contacts)
    session.add(conversation)
    return conversation


def _language(session: Session, patient_id: UUID | None, related_person_id: UUID | None) -> str:
    if patient_id is not None:
        return session.get_one(Patient, patient_id).language
    return session.get_one(RelatedPerson, related_person_id).language


def claim(session: Session, *, limit: int, lease_s: float) -> list[LeasedMessage]:
    """Lease waiting messages: the oldest of each conversation, and urgent ones. Commit before working on them."""
    real_now = datetime.now(UTC)
    earlier = aliased(Communication)
    ids = session.scalars(
        select(Communication.id)
        .where(
            Communication.direction == Direction.INBOUND,
            or_(
                Communication.status == CommunicationStatus.RECEIVED,
                and_(
                    Communication.status == CommunicationStatus.IN_PROGRESS,
                    Communication.lease_until < real_now,
                ),
            ),
            or_(
                Communication.urgent,
                ~exists().where(
                    earlier.conversation_id == Communication.conversation_id,
                    earlier.direction == Direction.INBOUND,
                    earlier.status.in_(WAITING),
                    earlier.id < Communication.id,
                ),
            ),
        )
        .order_by(Communication.urgent.desc(), Communication.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if not ids:
        return []
    rows = session.execute(
        update(Communication)
        .where(Communication.id.in_(ids))
        .values(
            status=CommunicationStatus.IN_PROGRESS,
            lease_until=real_now + timedelta(seconds=lease_s),
            fence=Communication.fence + 1,
            attempts=Communication.attempts + 1,
        )
        .returning(Communication.id, Communication.fence)
    ).all()
    return [LeasedMessage(communication_id=row.id, fence=row.fence) for row in rows]
