"""Appointment: what a patient answered about coming, in their participant's status; nothing else is changed.

The answer belongs to the visit as it was pulled: one that the server has changed since wins, and is pulled first.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from bot.domain.enums import ParticipationStatus
from bot.fhir.answers import Refused, version_of
from bot.fhir.elements import Resource
from bot.fhir.identities import Names
from bot.fhir.server import FhirServer
from bot.fhir.written.due import entry_of
from bot.records import Appointment, FhirResource

CHANGED = Refused(status=412)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the patient said at `at`, of the visit as it was in `version`."""

    entry_id: UUID
    fhir_id: str
    patient_fhir_id: str
    version: str | None
    status: ParticipationStatus
    at: datetime


def due_answers(session: Session, source: str) -> list[Answer]:
    """Those that the server does not know."""
    entry, patient = aliased(FhirResource), aliased(FhirResource)
    rows = session.execute(
        select(Appointment, entry, patient.fhir_id)
        .join(entry, entry_of(entry, source, "Appointment", Appointment.id))
        .join(patient, entry_of(patient, source, "Patient", Appointment.patient_id))
        .where(
            Appointment.participation != ParticipationStatus.NEEDS_ACTION,
            or_(entry.agreed_at.is_(None), Appointment.participation_at > entry.agreed_at),
        )
        .order_by(Appointment.id)
    )
    return [
        Answer(
            entry_id=known.id,
            fhir_id=known.fhir_id,
            patient_fhir_id=patient_fhir_id,
            version=known.version,
            status=visit.participation,
            at=visit.participation_at,
        )
        for visit, known, patient_fhir_id in rows
        if visit.participation_at is not None
    ]


def write_answer(server: FhirServer, answer: Answer) -> Resource | Refused:
    """The visit as it is there now. Refused with 412 where the server has changed it meanwhile."""
    there = server.read("Appointment", answer.fhir_id)
    if isinstance(there, Refused):
        return there
    answered = _with_status(there, answer)
    if answered == there:
        return there
    version = version_of(there)
    if answered is None or version is None or version != answer.version:
        return CHANGED
    written = server.update(answered, version)
    if isinstance(written, Refused) and written.status == CHANGED.status:
        # An update whose answer was lost is refused when it is sent again: see whether it is there.
        now = server.read("Appointment", answer.fhir_id)
        return now if not isinstance(now, Refused) and _with_status(now, answer) == now else CHANGED
    return written


def _with_status(visit: Resource, answer: Answer) -> Resource | None:
    """The visit with the patient's answer; None when they do not take part in it."""
    names, found = Names(), False
    participants = []
    for participant in visit.get("participant", ()):
        reference = str(participant.get("actor", {}).get("reference", ""))
        if names.resolve(reference, "Patient") == answer.patient_fhir_id:
            participant, found = {**participant, "status": answer.status.value}, True
        participants.append(participant)
    return {**visit, "participant": participants} if found else None
