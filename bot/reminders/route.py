"""The way to a patient: which conversation a reminder goes to, and how much it may say there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from bot.channels.base import InboundMessage
from bot.conversation.identity import level_of
from bot.conversation.inbox import find_or_open
from bot.domain.enums import ChannelName, Disclosure
from bot.records import ContactPoint, Conversation, Patient, RelatedPerson

PREFERRED = (ChannelName.SMS, ChannelName.TELEGRAM)


@dataclass(frozen=True, kw_only=True)
class Route:
    conversation: Conversation
    level: Disclosure


def route_to(
    session: Session, patient: Patient, policy: Disclosure, default_language: str, now: datetime
) -> Route | None:
    """The verified address of the patient, SMS first. None when there is none."""
    return _route(session, ContactPoint.patient_id == patient.id, policy, default_language, now)


def route_to_caregiver(
    session: Session, caregiver: RelatedPerson, policy: Disclosure, default_language: str, now: datetime
) -> Route | None:
    """The same for somebody who cares for a patient. What they may know is for the caller to decide."""
    return _route(session, ContactPoint.related_person_id == caregiver.id, policy, default_language, now)


def _route(
    session: Session, owned: ColumnElement[bool], policy: Disclosure, default_language: str, now: datetime
) -> Route | None:
    usable = select(ContactPoint).where(
        owned, ContactPoint.verified_at.is_not(None), ContactPoint.suspended_at.is_(None)
    )
    contacts = {contact.channel: contact for contact in session.scalars(usable)}
    for channel in PREFERRED:
        contact = contacts.get(channel)
        if contact is not None:
            message = InboundMessage(channel=channel, provider_id="", address=contact.address, text="")
            conversation = find_or_open(session, now, default_language, message)
            return Route(conversation=conversation, level=level_of(session, conversation, policy))
    return None
