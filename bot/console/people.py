"""Who writes in a conversation, and about whom: names for the desk, never full addresses."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console.phrases import CHANNELS
from bot.domain.clock import zone
from bot.domain.enums import ChannelName
from bot.records import ContactPoint, Conversation, Patient, RelatedPerson


@dataclass(frozen=True, kw_only=True)
class Writer:
    """`name` is how the desk speaks of them; `about` the patient, when another person writes."""

    name: str
    about: str | None
    age: int | None
    is_known: bool


def writer(session: Session, conversation: Conversation, patient_id: UUID | None, now: datetime) -> Writer:
    """`patient_id` is whom the ticket is about, when that is known."""
    patient = session.get(Patient, patient_id) if patient_id else None
    if conversation.related_person_id is not None:
        person = session.get_one(RelatedPerson, conversation.related_person_id)
        return Writer(name=person.name, about=patient.name if patient else None, age=None, is_known=True)
    if conversation.patient_id is not None:
        patient = session.get_one(Patient, conversation.patient_id)
    if patient is not None:
        return Writer(name=patient.name, about=None, age=age(patient, now), is_known=True)
    sharing = names_at(session, conversation)
    if sharing:
        return Writer(name=f"{' or '.join(sharing)}", about=None, age=None, is_known=True)
    return Writer(name="Someone we do not know", about=None, age=None, is_known=False)


def names_at(session: Session, conversation: Conversation) -> list[str]:
    """Everybody on record who has this address."""
    contacts = session.scalars(
        select(ContactPoint).where(
            ContactPoint.channel == conversation.channel,
            ContactPoint.address_index == conversation.address_index,
        )
    ).all()
    people = names(session, contacts)
    return [people[contact.id] for contact in contacts]


def names(session: Session, contacts: Collection[ContactPoint]) -> Mapping[UUID, str]:
    """The owner's name of each contact point, by its id."""
    wanted = {contact.patient_id or contact.related_person_id for contact in contacts}
    patients = session.scalars(select(Patient).where(Patient.id.in_(wanted)))
    related = session.scalars(select(RelatedPerson).where(RelatedPerson.id.in_(wanted)))
    by_id = {person.id: person.name for person in (*patients, *related)}
    return {contact.id: by_id[contact.patient_id or contact.related_person_id] for contact in contacts}


def age(patient: Patient, now: datetime) -> int | None:
    """Whole years on the patient's own calendar day."""
    born = patient.birth_date
    if born is None:
        return None
    today: date = now.astimezone(zone(patient.time_zone)).date()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def masked(channel: ChannelName, address: str) -> str:
    """A channel and what tells two numbers apart: "SMS, number ending 0101"."""
    if channel is ChannelName.SMS:
        return f"{CHANNELS[channel]}, number ending {address[-4:]}"
    return CHANNELS[channel]
