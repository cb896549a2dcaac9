"""The patient's panel beside a ticket: who they are, medicines and doses, visits, who may know, how to reach them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.care.medications import Medicine, current_medicines, ended_medicines
from bot.console.auth import SignedIn
from bot.console.dose_charts import NO_CHARTS, DoseCharts, read_charts
from bot.console.people import age, masked, names_at
from bot.console.phrases import RELATIONSHIPS, SCOPES, language_name
from bot.console.ticket import TicketView
from bot.console.visits import Line, visit_lines
from bot.domain.clock import zone
from bot.i18n.dosage import describe_dosage
from bot.i18n.formats import Formats
from bot.i18n.languages import SOURCE
from bot.i18n.render import Words
from bot.records import Consent, ContactPoint, Conversation, Patient

NEW_FOR = timedelta(days=30)
SHOW_STOPPED_FOR = timedelta(days=180)


@dataclass(frozen=True, kw_only=True)
class Panel:
    """`note` says what is known of a person who is not on record; then everything else is empty."""

    name: str
    age: int | None
    language: str
    local_time: str
    local_zone: str
    note: str
    medicines: Sequence[Line]
    stopped: Sequence[Line]
    doses: DoseCharts
    visits: Sequence[Line]
    consents: Sequence[Line]
    contacts: Sequence[Line]


def read_panel(session: Session, words: Words, ticket: TicketView, coordinator: SignedIn, now: datetime) -> Panel:
    """What the record has of whom the ticket is about."""
    conversation = session.get_one(Conversation, ticket.conversation_id)
    patient_id = ticket.patient_id or conversation.about_patient_id
    if patient_id is None:
        return _unknown(session, ticket, conversation)
    patient = session.get_one(Patient, patient_id)
    formats = Formats(words.catalogs, SOURCE)
    ended = [each for each in ended_medicines(session, patient.id) if _stopped_lately(each, now)]
    local = now.astimezone(zone(patient.time_zone))
    return Panel(
        name=patient.name,
        age=age(patient, now),
        language=language_name(patient.language),
        local_time=f"{local:%H:%M}",
        local_zone=f"{local:%Z}",
        note="" if patient.active else "This record is not active.",
        medicines=[_medicine(each, formats, now) for each in current_medicines(session, patient.id)],
        stopped=[_stopped(each, coordinator) for each in ended],
        doses=read_charts(session, patient, now),
        visits=visit_lines(session, patient, now),
        consents=_consents(session, patient.id, conversation, now),
        contacts=_contacts(session, patient.id, conversation),
    )


def _unknown(session: Session, ticket: TicketView, conversation: Conversation) -> Panel:
    sharing = names_at(session, conversation)
    if conversation.related_person_id is not None:
        note = "It is not clear yet whom this is about."
    elif sharing:
        note = f"This address is shared by {' and '.join(sharing)}. Ask who is writing before naming anything."
    else:
        note = "This address is not on the record. Tell nothing about anybody until you know who writes."
    return Panel(
        name=ticket.writer.name,
        age=None,
        language=language_name(conversation.language),
        local_time="",
        local_zone="",
        note=note,
        medicines=(),
        stopped=(),
        doses=NO_CHARTS,
        visits=(),
        consents=(),
        contacts=[_contact_line(conversation, "writes here")],
    )


def _medicine(medicine: Medicine, formats: Formats, now: datetime) -> Line:
    is_new = now - medicine.authored_at < NEW_FOR
    left = medicine.refills_left
    refills = "" if left is None else f"{left or 'no'} {'refill' if left == 1 else 'refills'} left"
    return Line(
        text=medicine.name,
        note=describe_dosage(medicine.dosage, formats, SOURCE),
        tag="new" if is_new else refills,
        colour="warn" if is_new or left == 0 else "",
    )


def _stopped(medicine: Medicine, coordinator: SignedIn) -> Line:
    if medicine.stopped_at is None:
        return Line(text=f"{medicine.name}, ended")
    local = medicine.stopped_at.astimezone(zone(coordinator.time_zone))
    return Line(text=f"{medicine.name}, ended {local.day} {local:%b}")


def _stopped_lately(medicine: Medicine, now: datetime) -> bool:
    return medicine.stopped_at is not None and now - medicine.stopped_at < SHOW_STOPPED_FOR


def _consents(session: Session, patient_id: UUID, conversation: Conversation, now: datetime) -> list[Line]:
    rows = session.scalars(
        select(Consent)
        .where(Consent.patient_id == patient_id)
        .order_by(Consent.given_at)
        .options(joinedload(Consent.related_person))
    )
    lines = []
    for row in rows:
        relation = RELATIONSHIPS.get(row.relationship_code, "")
        scopes = ", ".join(SCOPES.get(scope, scope) for scope in row.scopes)
        ended = "taken back" if row.revoked_at and row.revoked_at <= now else "expired"
        lines.append(
            Line(
                text=f"{row.related_person.name}{f', {relation}' if relation else ''}",
                note="writes here" if row.related_person_id == conversation.related_person_id else "",
                tag=scopes if row.is_effective(now) else f"{ended}: may know nothing",
                colour="accent" if row.is_effective(now) else "urgent",
            )
        )
    return lines


def _contacts(session: Session, patient_id: UUID, conversation: Conversation) -> list[Line]:
    points = session.scalars(
        select(ContactPoint).where(ContactPoint.patient_id == patient_id).order_by(ContactPoint.id)
    ).all()
    here = conversation.address if conversation.patient_id == patient_id else None
    lines = [
        Line(
            text=masked(point.channel, point.address),
            note="writes here" if (point.channel, point.address) == (conversation.channel, here) else "",
            tag="on hold" if point.suspended_at else "verified" if point.verified_at else "not verified",
            colour="warn" if point.suspended_at else "good" if point.verified_at else "",
        )
        for point in points
    ]
    if here is not None and not any(line.note for line in lines):
        lines.append(_contact_line(conversation, "writes here"))
    return lines


def _contact_line(conversation: Conversation, note: str) -> Line:
    stopped = conversation.opted_out_at is not None
    return Line(
        text=masked(conversation.channel, conversation.address),
        note=note,
        tag="stopped messages" if stopped else "",
        colour="urgent" if stopped else "",
    )
