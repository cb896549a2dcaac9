"""More patients than the demo clinic has, all alike with one visit to come: so a first turn can be measured often."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import AppointmentStatus, ChannelName
from bot.records import Appointment, ContactPoint, Conversation, Location, Patient, Practitioner


def write_phones(session: Session, count: int) -> list[str]:
    """Patients who text us; returns their numbers. Committed by the caller."""
    return [_patient(session, f"+1555012{number:04d}")[0] for number in range(count)]


def write_senders(session: Session, count: int) -> list[str]:
    """Patients who talk to the stock server; returns the ids under which it knows them.

    Their conversations are made here, because the webhook that would make them is not on the stock server's way.
    """
    return [_sender(session, f"+1555013{number:04d}") for number in range(count)]


def _sender(session: Session, phone: str) -> str:
    _, patient = _patient(session, phone)
    conversation = Conversation(
        channel=ChannelName.SMS,
        address=phone,
        address_index=phone,
        patient_id=patient.id,
        language="en",
        created_at=datetime.now(UTC),
    )
    session.add(conversation)
    return str(conversation.id)


def _patient(session: Session, phone: str) -> tuple[str, Patient]:
    now = datetime.now(UTC)
    practitioner = session.scalars(select(Practitioner).order_by(Practitioner.id)).first()
    location = session.scalars(select(Location).order_by(Location.id)).first()
    if practitioner is None or location is None:
        raise LookupError("the demo clinic is not seeded")
    patient = Patient(
        name="Bench Patient",
        given_name="Bench",
        language="en",
        time_zone=location.time_zone,
        country="US",
        created_at=now,
    )
    visit = Appointment(
        patient_id=patient.id,
        practitioner_id=practitioner.id,
        location_id=location.id,
        status=AppointmentStatus.BOOKED,
        description={"en": "check-up"},
        preparation={"en": "Bring your list of medicines."},
        starts_at=now + timedelta(days=9),
        ends_at=now + timedelta(days=9, minutes=30),
    )
    contact = ContactPoint(
        channel=ChannelName.SMS, address=phone, address_index=phone, patient_id=patient.id, verified_at=now
    )
    session.add(patient)
    session.flush()
    session.add_all([visit, contact])
    return phone, patient
