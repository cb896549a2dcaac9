"""Task: a ticket of a patient, by its codes and times; nobody's words."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from bot.domain.enums import TicketStatus, Urgency
from bot.fhir.elements import Resource
from bot.fhir.written.due import Due, entry_of, identifiers
from bot.records import FhirResource, Ticket

# FHIR R4 task-status and request-priority.
STATUSES = {
    TicketStatus.OPEN: "requested",
    TicketStatus.CLAIMED: "in-progress",
    TicketStatus.RESOLVED: "completed",
}
PRIORITIES = {Urgency.URGENT: "urgent", Urgency.ROUTINE: "routine"}


def due_tasks(session: Session, source: str, _now: datetime, after: UUID, limit: int) -> list[Due]:
    """All but those that are known there as completed, in the order of their ids, from the one after `after`."""
    patient, written = aliased(FhirResource), aliased(FhirResource)
    rows = session.execute(
        select(Ticket, patient)
        .join(patient, entry_of(patient, source, "Patient", Ticket.patient_id))
        .outerjoin(written, entry_of(written, source, "Task", Ticket.id))
        .where(Ticket.id > after, or_(written.id.is_(None), written.part))
        .order_by(Ticket.id)
        .limit(limit)
    )
    return [
        Due(
            local_id=ticket.id,
            patient_id=entry.local_id,
            resource=as_task(ticket, f"Patient/{entry.fhir_id}"),
            may_change=ticket.status is not TicketStatus.RESOLVED,
        )
        for ticket, entry in rows
    ]


def as_task(ticket: Ticket, patient: str) -> Resource:
    """`patient` refers to whom it is about."""
    changed_at = ticket.resolved_at or ticket.claimed_at or ticket.opened_at
    return {
        "resourceType": "Task",
        "identifier": identifiers(ticket.id),
        "status": STATUSES[ticket.status],
        "intent": "order",
        "priority": PRIORITIES[ticket.urgency],
        "for": {"reference": patient},
        "authoredOn": ticket.opened_at.isoformat(),
        "lastModified": changed_at.isoformat(),
        "reasonCode": {"text": ticket.reason.value},
        "restriction": {"period": {"end": ticket.due_at.isoformat()}},
    }
