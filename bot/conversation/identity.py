"""Who writes, and how much this address may be told."""

from dataclasses import dataclass
from uuid import UUID

import phonenumbers
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import ChannelName, Disclosure
from bot.records import Consent, ContactPoint, Conversation, Patient


@dataclass(frozen=True, kw_only=True)
class Identity:
    """`candidates` are the people who share the address, when more than one does: nobody is named then.

    `country` is ISO 3166-1, from the record or from the number, None when neither tells.
    """

    patient_id: UUID | None
    related_person_id: UUID | None
    candidates: tuple[UUID, ...]
    level: Disclosure
    country: str | None


def owners(session: Session, channel: ChannelName, address_index: str) -> list[ContactPoint]:
    """Whose address this is on the record. `address_index` may be the address or its stored index."""
    return list(
        session.scalars(
            select(ContactPoint)
            .where(ContactPoint.channel == channel, ContactPoint.address_index == address_index)
            .order_by(ContactPoint.id)
        )
    )


def identify(session: Session, conversation: Conversation, policy: Disclosure) -> Identity:
    """`policy` is what an enrolled phone may be told: MINIMUM, or FULL where the clinic chose `standard`."""
    known = _known(session, conversation, policy)
    return Identity(
        patient_id=known.patient_id,
        related_person_id=known.related_person_id,
        candidates=known.candidates,
        level=known.level,
        country=_country(session, conversation, known.patient_id, known.related_person_id, known.candidates),
    )


def level_of(session: Session, conversation: Conversation, policy: Disclosure) -> Disclosure:
    """How much this address may be told, and no more than that."""
    return _known(session, conversation, policy).level


@dataclass(frozen=True, kw_only=True)
class _Known:
    patient_id: UUID | None = None
    related_person_id: UUID | None = None
    candidates: tuple[UUID, ...] = ()
    level: Disclosure = Disclosure.GENERIC


def _known(session: Session, conversation: Conversation, policy: Disclosure) -> _Known:
    contacts = owners(session, conversation.channel, conversation.address_index)
    if any(contact.suspended_at for contact in contacts):
        return _Known()
    patient_id, related_person_id = conversation.patient_id, conversation.related_person_id
    if conversation.channel is not ChannelName.SMS:
        # Web chat and Telegram were proved by a code or a link when the person was set.
        level = Disclosure.FULL if patient_id or related_person_id else Disclosure.GENERIC
        return _Known(patient_id=patient_id, related_person_id=related_person_id, level=level)
    if not contacts:
        return _Known()
    if len(contacts) > 1 and patient_id is None and related_person_id is None:
        candidates = tuple(contact.patient_id for contact in contacts if contact.patient_id)
        return _Known(candidates=candidates, level=Disclosure.MINIMUM)
    if len(contacts) == 1:
        patient_id, related_person_id = contacts[0].patient_id, contacts[0].related_person_id
    return _Known(patient_id=patient_id, related_person_id=related_person_id, level=policy)


def _country(
    session: Session,
    conversation: Conversation,
    patient_id: UUID | None,
    related_person_id: UUID | None,
    candidates: tuple[UUID, ...],
) -> str | None:
    if candidates:
        countries = set(session.scalars(select(Patient.country).where(Patient.id.in_(candidates))))
        return countries.pop() if len(countries) == 1 else None
    if patient_id is None and related_person_id is not None:
        patient_id = session.scalar(
            select(Consent.patient_id).where(Consent.related_person_id == related_person_id).limit(1)
        )
    if patient_id is not None:
        return session.scalar(select(Patient.country).where(Patient.id == patient_id))
    if conversation.channel is not ChannelName.SMS:
        return None
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(conversation.address))
    except phonenumbers.NumberParseException:
        return None
