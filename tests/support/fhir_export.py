"""A life on record to be exported, and what came of it: the bundle and the page."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bot.bootstrap import make_export
from bot.channels.base import InboundMessage
from bot.conversation import inbox
from bot.domain.enums import (
    AdministrationStatus,
    Author,
    ChannelName,
    CommunicationStatus,
    ConsentScope,
    Direction,
    Disclosure,
    MedicationRequestStatus,
    QuestionKind,
    TicketReason,
)
from bot.handoff.tickets import open_ticket, reply
from bot.outbox import Say, enqueue
from bot.records import (
    Appointment,
    Communication,
    Consent,
    Conversation,
    MedicationAdministration,
    MedicationRequest,
    MedicationRequestVersion,
    PatientIdentifier,
    Question,
    Ticket,
)
from bot.reminders.schedule import schedule_patient
from tests.support.cast import AMINA, VISIT_AT, ZONE, Cast
from tests.support.clinic import Clinic

FATOU = "+12125550155"
RECORD_NUMBER = "MRN-77012"
# The clinic answers in words of its own; here one stands for all that is copied from the record.
FROM_RECORD = Say(
    "appointment_preparation",
    {"start": {"at": VISIT_AT.isoformat(), "time_zone": ZONE}, "preparation": {"en": "Bring your medicines."}},
)


def export(clinic: Clinic, asked: object, folder: Path) -> tuple[dict[str, Any], str]:
    """The bundle and the page."""
    made = make_export(clinic.parts.settings, clinic.database)
    there = made.run(str(asked), folder)
    return json.loads((there / f"{there.name}.json").read_text("utf-8")), (there / f"{there.name}.html").read_text()


def of_kind(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each["resource"] for each in document["entry"] if each["resource"]["resourceType"] == kind]


def texts(document: dict[str, Any]) -> list[str]:
    messages = of_kind(document, "Communication")
    return [payload["contentString"] for each in messages for payload in each["payload"] if "contentString" in payload]


def write(
    clinic: Clinic,
    session: Session,
    phone: str,
    text: str,
    *says: Say,
    minutes: int = 0,
    channel: ChannelName = ChannelName.SMS,
) -> Communication:
    """Somebody wrote, and the bot said this in reply."""
    at = clinic.clock.now() + timedelta(minutes=minutes)
    message = InboundMessage(channel=channel, provider_id="", address=phone, text=text)
    conversation = inbox.find_or_open(session, at, "en", message)
    row = Communication(
        conversation_id=conversation.id,
        channel=channel,
        direction=Direction.INBOUND,
        author=Author.PERSON,
        status=CommunicationStatus.HANDLED,
        provider_id=f"SM-{phone}-{text}",
        body=text,
        detail={"media": [], "in_reply_to": None, "understood": {"intent": "list_medications", "confidence": 0.9}},
        language="en",
        created_at=at,
        next_attempt_at=at,
    )
    session.add(row)
    session.flush()
    if says:
        enqueue(
            session,
            clinic.parts.words,
            conversation,
            list(says),
            now=at,
            level=Disclosure.FULL,
            unique_key=f"turn:{row.id}",
        )
    return row


def hand_over(clinic: Clinic, session: Session, message: Communication, patient: UUID, reason: TicketReason) -> UUID:
    conversation = session.get_one(Conversation, message.conversation_id)
    ticket, _ = open_ticket(
        session,
        conversation,
        reason,
        patient_id=patient,
        facts={"words": [message.body], "did": ["handoff"], "asked": {"day": "Friday"}},
        now=message.created_at,
        hours=clinic.parts.settings.office_hours,
    )
    session.flush()
    return ticket.id


def fill(clinic: Clinic, cast: Cast) -> None:
    """A life on record: an older dose, doses, messages, a question for a person, reminders, an allergy."""
    now = clinic.clock.now()
    with clinic.database.write() as session:
        old = session.get_one(MedicationRequest, cast.metformin)
        doctor = session.get_one(Appointment, cast.visit).practitioner_id
        old.version, old.practitioner_id, old.purpose_json = 2, doctor, '{"en": "diabetes", "es": "la diabetes"}'
        session.add_all(
            [
                PatientIdentifier(
                    patient_id=cast.amina,
                    system="https://hospital.example/mrn",
                    value=RECORD_NUMBER,
                    value_index=RECORD_NUMBER,
                ),
                MedicationRequestVersion(
                    medication_request_id=cast.metformin,
                    version=1,
                    status=MedicationRequestStatus.ACTIVE,
                    medication="metformin",
                    strength="250 mg",
                    dosage_instruction=old.dosage_instruction,
                    practitioner_id=doctor,
                    replaced_at=now - timedelta(days=9),
                    replaced_by_id=doctor,
                    change_reason_json='{"en": "Your sugar was still high."}',
                ),
            ]
        )
        dose = MedicationAdministration(
            patient_id=cast.amina,
            medication_request_id=cast.metformin,
            due_at=now - timedelta(hours=2),
            status=AdministrationStatus.COMPLETED,
            reported_at=now - timedelta(hours=1),
        )
        session.add(dose)
        first = write(clinic, session, AMINA, "What are my medicines?", FROM_RECORD)
        session.add(
            Question(
                conversation_id=first.conversation_id,
                kind=QuestionKind.DOSE,
                subject={"administrations": [str(dose.id)]},
                asked_at=now,
                expires_at=now + timedelta(hours=12),
                answered_at=now,
                answer="taken",
            )
        )
        asked = write(clinic, session, AMINA, "May I drink wine with it?", minutes=5)
        ticket = hand_over(clinic, session, asked, cast.amina, TicketReason.CLINICAL)
        session.get_one(Ticket, ticket).claimed_by_id = cast.dolores
        session.get_one(Ticket, ticket).status = "claimed"
        session.flush()
        reply(session, ticket, cast.dolores, "Please not before Friday.", now + timedelta(minutes=9))
        schedule_patient(session, clinic.parts.policies, cast.amina, now)


def consent(patient: UUID, person: UUID, given_at: Any) -> Consent:
    return Consent(
        patient_id=patient,
        related_person_id=person,
        relationship_code="SON",
        scopes=[ConsentScope.MEDICATIONS.value],
        given_at=given_at,
    )
