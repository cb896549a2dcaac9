"""Appointment and Slot: visits of one patient, and the times that can be booked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bot.care.appointments import COMING
from bot.domain.enums import AppointmentStatus, ParticipationStatus, SlotStatus
from bot.fhir.mapping.directory import video_address
from bot.fhir.taking import Rejected, Taking, change, words_of
from bot.fhir.times import read_instant
from bot.records import Appointment, FhirResource, Slot

# What a reminder tells: when one of these changes, the reminders of the earlier version are void.
TOLD = ("practitioner_id", "location_id", "status", "starts_at", "ends_at", "telehealth_url")
# Who and what can take part; others are said to be left out.
ACTORS = ("Patient", "Practitioner", "Location", "PractitionerRole", "RelatedPerson")
# By type: the place in the list of participants, and the resource.
Present = dict[str, list[tuple[int, FhirResource]]]
# Without a time these say only that a visit is wanted.
UNTIMED = (AppointmentStatus.PROPOSED, AppointmentStatus.CANCELLED, AppointmentStatus.WAITLIST)


def take_appointment(taking: Taking) -> None:
    """A visit. Raises Rejected."""
    present = _participants(taking)
    patient_id, participation = _patient(taking, present)
    starts_at, ends_at = _times(taking)
    location_id, telehealth_url = _place(present)
    values = {
        "patient_id": patient_id,
        "practitioner_id": _practitioner(taking, present),
        "location_id": location_id,
        "status": AppointmentStatus(taking.resource["status"]),
        "description": _description(taking),
        "preparation": _words(taking, taking.resource.get("patientInstruction")),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "telehealth_url": telehealth_url,
    }
    slot_id = _slot(taking)
    values |= {} if slot_id is None else {"slot_id": slot_id}
    answered = participation is not ParticipationStatus.NEEDS_ACTION
    visit = taking.row(Appointment)
    if visit is None:
        taking.entry.agreed_at = answered_at = taking.now if answered else None
        taking.add(
            Appointment(participation=participation, participation_at=answered_at, series=None, version=1, **values)
        )
        return
    if visit.patient_id != patient_id:
        raise Rejected("Appointment.participant", "is another patient than before")
    told_anew = any(getattr(visit, name) != values[name] for name in TOLD)
    visit.version += told_anew
    change(visit, **values)
    # The source may not know what the person answered us; a visit that has changed is asked about again.
    if told_anew or (answered and not _answered_since(taking, visit)):
        if participation is not visit.participation:
            visit.participation, visit.participation_at = participation, taking.now if answered else None
        taking.entry.agreed_at = visit.participation_at


def take_slot(taking: Taking) -> None:
    """A time of a Schedule. Raises Rejected."""
    resource, zone = taking.resource, taking.defaults.time_zone
    practitioner_id, location_id = _schedule(taking)
    starts_at, ends_at = read_instant(resource["start"], zone), read_instant(resource["end"], zone)
    if starts_at is None or ends_at is None or ends_at <= starts_at:
        raise Rejected("Slot.end", "is not after the start")
    values = {
        "practitioner_id": practitioner_id,
        "location_id": location_id,
        "status": SlotStatus(resource["status"]),
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    slot = taking.row(Slot)
    if slot is None:
        taking.add(Slot(**values))
    elif _is_taken(taking, slot):
        # The source does not know yet who took it here.
        change(slot, **{**values, "status": SlotStatus.BUSY})
    else:
        change(slot, **values)


def _is_taken(taking: Taking, slot: Slot) -> bool:
    query = select(Appointment.id).where(Appointment.slot_id == slot.id, Appointment.status.in_(COMING))
    return taking.session.scalar(query.limit(1)) is not None


def _answered_since(taking: Taking, visit: Appointment) -> bool:
    """Whether the person gave us another answer after the source last changed the visit."""
    known, changed_at, answered_at = taking.entry.agreed_at, taking.entry.last_updated_at, visit.participation_at
    if answered_at is None or changed_at is None:
        return False
    return answered_at > changed_at and (known is None or answered_at > known)


def _participants(taking: Taking) -> Present:
    """Who and what takes part, by type, each with its place in the list; a URN does not tell the type."""
    present: Present = {kind: [] for kind in ACTORS}
    for place, participant in enumerate(taking.resource["participant"]):
        actor = participant.get("actor")
        if actor is None:
            continue
        found = ((kind, taking.referred(actor, kind)) for kind in ACTORS)
        kind, entry = next(((kind, entry) for kind, entry in found if entry is not None), (None, None))
        if kind is None or entry is None:
            taking.remark(f"participant[{place}].actor", "refers to nobody and nothing on record")
        else:
            present[kind].append((place, entry))
    return present


def _patient(taking: Taking, present: Present) -> tuple[UUID, ParticipationStatus]:
    patients = present["Patient"]
    if len(patients) != 1 or patients[0][1].local_id is None:
        raise Rejected("Appointment.participant", f"has {len(patients)} patients on record; a visit has one")
    place = patients[0][0]
    status = taking.resource["participant"][place].get("status")
    if status is None:
        raise Rejected(f"Appointment.participant[{place}].status", "is missing")
    taking.about(patients[0][1].local_id)
    return patients[0][1].local_id, ParticipationStatus(status)


def _times(taking: Taking) -> tuple[datetime, datetime]:
    resource, zone = taking.resource, taking.defaults.time_zone
    start, end = resource.get("start"), resource.get("end")
    starts_at = None if start is None else read_instant(start, zone)
    if starts_at is None:
        wanted = "" if AppointmentStatus(resource["status"]) in UNTIMED else " or cannot be read"
        raise Rejected("Appointment.start", f"is missing{wanted}; a visit without a time is not taken")
    ends_at = None if end is None else read_instant(end, zone)
    if ends_at is None and "minutesDuration" in resource:
        ends_at = starts_at + timedelta(minutes=resource["minutesDuration"])
    if ends_at is None or ends_at <= starts_at:
        raise Rejected("Appointment.end", "is missing or not after the start")
    return starts_at, ends_at


def _practitioner(taking: Taking, present: Present) -> UUID | None:
    """The first Practitioner, or the one in the first PractitionerRole."""
    for _, entry in present["Practitioner"]:
        return entry.local_id
    for _, entry in present["PractitionerRole"]:
        return taking.local_id(entry.document["practitioner"], "Practitioner")
    return None


def _place(present: Present) -> tuple[UUID | None, str | None]:
    """Where it is, or the link of a visit by video."""
    for _, entry in present["Location"]:
        link = video_address(entry.document)
        return (None, link) if link else (entry.local_id, None)
    return None, None


def _slot(taking: Taking) -> UUID | None:
    """The Slot that was taken for it, where that is on record."""
    found = (taking.local_id(reference, "Slot") for reference in taking.resource.get("slot", ()))
    return next((slot_id for slot_id in found if slot_id), None)


def _description(taking: Taking) -> dict[str, str]:
    resource = taking.resource
    kinds = (*resource.get("serviceType", ()), resource.get("appointmentType"))
    said = (resource.get("description"), *map(words_of, kinds))
    return _words(taking, next((text for text in said if text), None))


def _words(taking: Taking, text: str | None) -> dict[str, str]:
    return {} if text is None else {taking.language: text}


def _schedule(taking: Taking) -> tuple[UUID, UUID]:
    """Who sees people in this Slot, and where. Raises Rejected: a time without either cannot be offered."""
    schedule = taking.identities.document("Schedule", taking.fhir_id(taking.resource["schedule"], "Schedule"))
    if schedule is None:
        raise Rejected("Slot.schedule", "refers to no Schedule on record")
    actors: list[Mapping[str, Any]] = [*schedule["actor"]]
    for actor in schedule["actor"]:
        role = taking.identities.document("PractitionerRole", taking.fhir_id(actor, "PractitionerRole"))
        actors += [] if role is None else [role["practitioner"], *role.get("location", ())]
    practitioners = [taking.local_id(actor, "Practitioner") for actor in actors]
    locations = [taking.local_id(actor, "Location") for actor in actors]
    practitioner_id = next((found for found in practitioners if found), None)
    location_id = next((found for found in locations if found), None)
    if practitioner_id is None or location_id is None:
        raise Rejected("Slot.schedule", "does not say who sees people there and where (Practitioner and Location)")
    return practitioner_id, location_id
