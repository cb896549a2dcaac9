"""Who is meant, and whether the one who writes may know. Decided anew at every question: consent can end."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import ConsentScope
from bot.records import Consent, Conversation, Patient


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The patient whose record answers. `caregiver`: somebody else writes; `time_zone` is the patient's.

    How much may be said is not decided here: the words are chosen for the contact's disclosure level later.
    """

    patient_id: UUID
    given_name: str
    time_zone: str
    caregiver: bool


@dataclass(frozen=True)
class NotPermitted:
    """A caregiver without this scope. Must not be told that there was something to refuse."""


@dataclass(frozen=True)
class UnknownPerson:
    """Nobody on record writes from this address, or no one of those who share it was chosen."""


@dataclass(frozen=True, kw_only=True)
class SeveralPeople:
    """A caregiver of several patients has not said whom they mean."""

    patient_ids: tuple[UUID, ...]


Access = Subject | NotPermitted | UnknownPerson | SeveralPeople


def find_subject(session: Session, conversation_id: UUID, scope: ConsentScope, now: datetime) -> Access:
    """Whose record this conversation is about, for one scope, at the instant `now` (UTC)."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        return UnknownPerson()
    if conversation.patient_id is not None:
        return _subject(session, conversation.patient_id, caregiver=False)
    if conversation.related_person_id is None:
        return UnknownPerson()
    consents = _effective_consents(session, conversation.related_person_id, now)
    return _cared_for(session, consents, conversation.about_patient_id, scope, now)


def _effective_consents(session: Session, related_person_id: UUID, now: datetime) -> list[Consent]:
    found = select(Consent).where(Consent.related_person_id == related_person_id).order_by(Consent.given_at)
    return [consent for consent in session.scalars(found) if consent.is_effective(now)]


def _cared_for(
    session: Session, consents: list[Consent], about_id: UUID | None, scope: ConsentScope, now: datetime
) -> Access:
    patients = tuple(dict.fromkeys(consent.patient_id for consent in consents))
    if about_id in patients:
        patients = (about_id,)
    match patients:
        case ():
            return NotPermitted()
        case (patient_id,) if any(
            consent.patient_id == patient_id and consent.permits(scope, now) for consent in consents
        ):
            return _subject(session, patient_id, caregiver=True)
        case (_,):
            return NotPermitted()
        case _:
            return SeveralPeople(patient_ids=patients)


def _subject(session: Session, patient_id: UUID, *, caregiver: bool) -> Subject:
    patient = session.get_one(Patient, patient_id)
    return Subject(
        patient_id=patient.id,
        given_name=patient.given_name,
        time_zone=patient.time_zone,
        caregiver=caregiver,
    )
