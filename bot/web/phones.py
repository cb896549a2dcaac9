"""Who has a handset on the demo's page: everybody with a phone on the record, and one stranger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import phonenumbers
from babel import Locale
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.enums import ChannelName
from bot.records import CarrierMessage, ContactPoint, Patient, RelatedPerson
from bot.records.engine import Database

# A fictional number (555-01xx) that is on nobody's record.
STRANGER_NUMBER = "+15550100199"
STRANGER = "stranger"
MOST_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class Phone:
    """`key` stands in addresses instead of the number. `language` is BCP 47; `role` patient, caregiver or stranger."""

    key: str
    number: str
    shown_number: str
    name: str
    language: str
    language_name: str
    direction: str
    role: str
    time_zone: str | None


def read_phones(session: Session) -> list[Phone]:
    """Patients first, then caregivers, each in the order of the record; a shared phone once, with all its names."""
    rows = session.execute(
        select(ContactPoint, Patient, RelatedPerson)
        .outerjoin(Patient, Patient.id == ContactPoint.patient_id)
        .outerjoin(RelatedPerson, RelatedPerson.id == ContactPoint.related_person_id)
        .where(ContactPoint.channel == ChannelName.SMS)
        .order_by(ContactPoint.related_person_id.is_not(None), ContactPoint.id)
    ).all()
    found: dict[str, Phone] = {}
    for contact, patient, related in rows:
        person, role = (patient, "patient") if patient else (related, "caregiver")
        sharing = found.get(contact.address)
        locale = Locale.parse(person.language, sep="-")
        found[contact.address] = Phone(
            key=sharing.key if sharing else str(contact.id),
            number=contact.address,
            shown_number=spaced(contact.address),
            name=f"{sharing.name} and {person.name}" if sharing else person.name,
            language=person.language,
            language_name=(locale.get_display_name() or person.language).capitalize(),
            direction=locale.text_direction,
            role=role,
            time_zone=person.time_zone,
        )
    return [*found.values(), _stranger()]


def choose_shown(phones: Sequence[Phone], wanted: Sequence[str]) -> list[Phone]:
    """The phones asked for, each once; without any, an English patient, a Spanish one and a caregiver."""
    by_key = {phone.key: phone for phone in phones}
    asked = [by_key[key] for key in dict.fromkeys(wanted) if key in by_key][:MOST_SHOWN]
    if asked:
        return asked
    patients = [phone for phone in phones if phone.role == "patient"]
    first = [
        next((phone for phone in patients if phone.language == "en"), None),
        next((phone for phone in patients if phone.language == "es"), None),
        next((phone for phone in phones if phone.role == "caregiver"), None),
    ]
    return [phone for phone in first if phone] or list(phones[:1])


def phone_prints(database: Database, phones: Sequence[Phone]) -> Mapping[str, str]:
    """Part `handset-KEY` of each phone: what it holds, without opening a text."""
    with database.read() as session:
        return {f"handset-{phone.key}": _print(session, phone.number) for phone in phones}


def spaced(number: str) -> str:
    """An E.164 number as people write it: "+1 555-010-0107"."""
    return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _print(session: Session, number: str) -> str:
    rows = session.execute(
        select(CarrierMessage.status, func.count())
        .where(CarrierMessage.handset_index == number)
        .group_by(CarrierMessage.status)
        .order_by(CarrierMessage.status)
    )
    return " ".join(f"{status}:{count}" for status, count in rows)


def _stranger() -> Phone:
    return Phone(
        key=STRANGER,
        number=STRANGER_NUMBER,
        shown_number=spaced(STRANGER_NUMBER),
        name="A stranger",
        language="en",
        language_name="not on the record",
        direction="ltr",
        role="stranger",
        time_zone=None,
    )
