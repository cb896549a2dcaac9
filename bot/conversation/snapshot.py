"""Everything a turn needs to know, read once at its start. Frozen, so the steps cannot write by accident."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.conversation.identity import identify
from bot.dialogue.client import Parse
from bot.domain.enums import AppointmentStatus, ChannelName, CommunicationStatus, Disclosure, QuestionKind
from bot.domain.errors import LeaseLost
from bot.handoff.tickets import human_ticket
from bot.records import Appointment, Communication, Consent, Conversation, Patient, Question


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    id: UUID
    kind: QuestionKind
    subject: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One inbound message, who sent it, and when it is answered (`now`, UTC).

    `about_id` is the patient it concerns, None when not settled;
    `time_zone` is theirs (IANA).

    `parse` is what the model read, None where there was nothing to read or the model is silent.
    """

    communication_id: UUID
    fence: int
    attempts: int
    conversation_id: UUID
    channel: ChannelName
    text: str
    media: tuple[str, ...]
    language: str
    level: Disclosure
    country: str | None
    known: bool
    candidates: tuple[UUID, ...]
    about_id: UUID | None
    time_zone: str | None
    opted_out: bool
    misunderstandings: int
    human: bool
    question: OpenQuestion | None
    has_visit: bool
    heard_language: str | None
    now: datetime
    parse: Parse | None = None


def take_snapshot(session: Session, communication_id: UUID, fence: int, policy: Disclosure, now: datetime) -> Snapshot:
    """Read what the turn needs. Raises LeaseLost when another worker has the message."""
    message = session.scalar(
        select(Communication).where(
            Communication.id == communication_id,
            Communication.fence == fence,
            Communication.status == CommunicationStatus.IN_PROGRESS,
        )
    )
    if message is None:
        raise LeaseLost(str(communication_id))
    conversation = session.get_one(Conversation, message.conversation_id)
    identity = identify(session, conversation, policy)
    about_id = identity.patient_id or _cared_for(session, identity.related_person_id, conversation, now)
    return Snapshot(
        communication_id=message.id,
        fence=fence,
        attempts=message.attempts,
        conversation_id=conversation.id,
        channel=conversation.channel,
        text=message.body,
        media=tuple(message.detail["media"]),
        language=conversation.language,
        level=identity.level,
        country=identity.country,
        known=bool(identity.patient_id or identity.related_person_id),
        candidates=identity.candidates,
        about_id=about_id,
        time_zone=None if about_id is None else session.get_one(Patient, about_id).time_zone,
        opted_out=conversation.opted_out_at is not None,
        misunderstandings=conversation.misunderstandings,
        human=human_ticket(session, conversation.id) is not None,
        question=_open_question(session, message, now),
        heard_language=conversation.heard_language,
        now=now,
        has_visit=about_id is not None and _has_visit(session, about_id, now),
    )


def _cared_for(
    session: Session, related_person_id: UUID | None, conversation: Conversation, now: datetime
) -> UUID | None:
    """The patient a caregiver means: the one chosen, or the only one they care for."""
    if related_person_id is None:
        return None
    consents = session.scalars(select(Consent).where(Consent.related_person_id == related_person_id))
    patients = {consent.patient_id for consent in consents if consent.is_effective(now)}
    if conversation.about_patient_id in patients:
        return conversation.about_patient_id
    return patients.pop() if len(patients) == 1 else None


def _open_question(session: Session, message: Communication, now: datetime) -> OpenQuestion | None:
    """The newest open question, or the one whose button was pressed: an old button never answers a newer one."""
    questions = select(Question).where(
        Question.conversation_id == message.conversation_id,
        Question.answered_at.is_(None),
        Question.expires_at > now,
    )
    if message.detail["in_reply_to"]:
        questions = questions.where(Question.communication_id == UUID(message.detail["in_reply_to"]))
    row = session.scalar(questions.order_by(Question.id.desc()).limit(1))
    return None if row is None else OpenQuestion(id=row.id, kind=row.kind, subject=row.subject)


def _has_visit(session: Session, patient_id: UUID, now: datetime) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(
                    Appointment.patient_id == patient_id,
                    Appointment.status.in_((AppointmentStatus.BOOKED, AppointmentStatus.PENDING)),
                    Appointment.starts_at > now,
                )
            )
        )
    )
