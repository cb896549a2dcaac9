"""Communication: what a patient texted and was texted, written once, when it has arrived or is given up.

Only where nobody else can be meant: conversations by SMS or Telegram over an address that is on the record of this
one patient alone, from when it came on the record. Caregivers' messages may be about another patient, and a browser
may have been somebody else's; both stay here, and so do codes to sign in with.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from bot.domain.enums import ChannelName, CommunicationStatus, Direction
from bot.fhir.elements import Resource
from bot.fhir.written.due import Due, entry_of, identifiers
from bot.records import Communication, ContactPoint, Conversation, FhirResource

# FHIR R4 event-status.
STATUSES = {
    CommunicationStatus.RECEIVED: "completed",
    CommunicationStatus.IN_PROGRESS: "completed",
    CommunicationStatus.HANDLED: "completed",
    CommunicationStatus.SENT: "completed",
    CommunicationStatus.DELIVERED: "completed",
    CommunicationStatus.FAILED: "not-done",
    CommunicationStatus.EXPIRED: "not-done",
}
MEDIA = {ChannelName.SMS: "SMS", ChannelName.TELEGRAM: "Telegram"}
SIGN_IN_CODES = "code:%"
# A text message without a receipt so long is taken to have none. Telegram gives none at all.
RECEIPT_WITHIN = timedelta(days=1)


def due_messages(session: Session, source: str, now: datetime, after: UUID, limit: int) -> list[Due]:
    """Those that were never written, in the order of their ids, from the one after `after`."""
    patient, written, other = aliased(FhirResource), aliased(FhirResource), aliased(ContactPoint)
    theirs = and_(
        ContactPoint.channel == Conversation.channel,
        ContactPoint.address_index == Conversation.address_index,
        ContactPoint.patient_id == Conversation.patient_id,
        ContactPoint.suspended_at.is_(None),
        ContactPoint.id < Communication.id,
    )
    shared = exists().where(
        other.channel == Conversation.channel,
        other.address_index == Conversation.address_index,
        other.id != ContactPoint.id,
    )
    settled = or_(
        Communication.status != CommunicationStatus.SENT,
        Communication.channel == ChannelName.TELEGRAM,
        Communication.sent_at < now - RECEIPT_WITHIN,
    )
    rows = session.execute(
        select(Communication, patient)
        .join(Conversation, Conversation.id == Communication.conversation_id)
        .join(ContactPoint, theirs)
        .join(patient, entry_of(patient, source, "Patient", ContactPoint.patient_id))
        .outerjoin(written, entry_of(written, source, "Communication", Communication.id))
        .where(written.id.is_(None), ~shared, settled)
        .where(Communication.id > after, Communication.status.in_(STATUSES), Conversation.channel.in_(MEDIA))
        .where(or_(Communication.unique_key.is_(None), Communication.unique_key.not_like(SIGN_IN_CODES)))
        .order_by(Communication.id)
        .limit(limit)
    )
    return [
        Due(
            local_id=message.id,
            patient_id=entry.local_id,
            resource=as_communication(message, f"Patient/{entry.fhir_id}"),
            may_change=False,
        )
        for message, entry in rows
    ]


def as_communication(message: Communication, patient: str) -> Resource:
    """`patient` refers to who wrote, or was written to. When a text to us was sent is not known."""
    inbound = message.direction is Direction.INBOUND
    received_at = message.created_at if inbound else message.delivered_at
    person = {"reference": patient}
    elements = {
        "resourceType": "Communication",
        "identifier": identifiers(message.id),
        "status": STATUSES[message.status],
        "language": message.language,
        "medium": [{"text": MEDIA[message.channel]}],
        "subject": person,
        "sender": person if inbound else None,
        "recipient": None if inbound else [person],
        "sent": message.sent_at and message.sent_at.isoformat(),
        "received": received_at and received_at.isoformat(),
        "payload": [{"contentString": message.body}] if message.body.strip() else None,
    }
    # FHIR has no null: an element without a value is left out.
    return {name: value for name, value in elements.items() if value is not None}
