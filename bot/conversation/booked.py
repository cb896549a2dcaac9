"""Writes a booking, a move or a call-off: the Slot, the Appointment, its reminders, and the clinic's task."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from bot.care.appointments import COMING
from bot.conversation.handing_over import hand_over
from bot.conversation.scene import Scene
from bot.domain.clock import zone
from bot.domain.enums import AppointmentStatus, ParticipationStatus, SlotStatus, TicketReason
from bot.records import Appointment, Location, Practitioner, Slot, Ticket
from bot.reminders.schedule import schedule_appointment


def take(scene: Scene, slot_id: UUID, patient_id: UUID, appointment_id: UUID | None) -> UUID | None:
    """Take a free time, for a visit that is moved or a new one. None when somebody else was first, or the visit is
    no longer to come. The Slot's status decides, so of two who choose at the same moment one gets it.
    """
    visit = None
    if appointment_id is not None:
        visit = scene.session.get_one(Appointment, appointment_id, with_for_update=True)
        if visit.status not in COMING or visit.starts_at <= scene.now:
            return None
    taken = scene.session.scalar(
        update(Slot)
        .where(Slot.id == slot_id, Slot.status == SlotStatus.FREE, Slot.starts_at > scene.now)
        .values(status=SlotStatus.BUSY)
        .returning(Slot.id)
    )
    if taken is None:
        return None
    slot = scene.session.get_one(Slot, slot_id, populate_existing=True)
    before = None if visit is None else _told(scene, visit)
    if visit is None:
        visit = _new_visit(scene, slot, patient_id)
    else:
        _move(scene, visit, slot)
    scene.session.flush()
    schedule_appointment(scene.session, scene.office.policies, visit, scene.now)
    told = _told(scene, visit)
    _task(scene, f"booked: {told}" if before is None else f"moved: {before} to {told}")
    return visit.id


def call_off(scene: Scene, appointment_id: UUID) -> Ticket | None:
    """Cancel a visit and free its time. The clinic's task, where it wants one."""
    visit = scene.session.get_one(Appointment, appointment_id, with_for_update=True)
    visit.status = AppointmentStatus.CANCELLED
    visit.participation, visit.participation_at = ParticipationStatus.DECLINED, scene.now
    visit.version += 1
    _free(scene, visit.slot_id)
    visit.slot_id = None
    schedule_appointment(scene.session, scene.office.policies, visit, scene.now)
    return _task(scene, f"called off: {_told(scene, visit)}")


def note_on_task(ticket: Ticket, line: str) -> None:
    """Add a line to the changes on a task."""
    asked = dict(ticket.facts.get("asked", {}))
    ticket.facts = {**ticket.facts, "asked": {**asked, "changes": [*asked.get("changes", ()), line]}}


def _new_visit(scene: Scene, slot: Slot, patient_id: UUID) -> Appointment:
    visit = Appointment(
        patient_id=patient_id,
        status=AppointmentStatus.BOOKED,
        description={},
        preparation={},
        telehealth_url=None,
        series=None,
        version=1,
        practitioner_id=slot.practitioner_id,
        location_id=slot.location_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        slot_id=slot.id,
        participation=ParticipationStatus.ACCEPTED,
        participation_at=scene.now,
    )
    scene.session.add(visit)
    return visit


def _move(scene: Scene, visit: Appointment, slot: Slot) -> None:
    _free(scene, visit.slot_id)
    visit.practitioner_id, visit.location_id = slot.practitioner_id, slot.location_id
    visit.starts_at, visit.ends_at, visit.slot_id = slot.starts_at, slot.ends_at, slot.id
    visit.participation, visit.participation_at = ParticipationStatus.ACCEPTED, scene.now
    visit.version += 1


def _free(scene: Scene, slot_id: UUID | None) -> None:
    """A time that was given up can be offered again, unless the source took it off since."""
    if slot_id is not None:
        scene.session.execute(
            update(Slot).where(Slot.id == slot_id, Slot.status == SlotStatus.BUSY).values(status=SlotStatus.FREE)
        )


def _task(scene: Scene, line: str) -> Ticket | None:
    """For whoever keeps the clinic's own calendar."""
    if not scene.office.visit_tasks:
        return None
    ticket = hand_over(scene, TicketReason.VISIT_CHANGED, silently=True)
    note_on_task(ticket, line)
    return ticket


def _told(scene: Scene, visit: Appointment) -> str:
    """A visit in a line for the desk, in the place's own time."""
    place = scene.session.get(Location, visit.location_id) if visit.location_id else None
    name = scene.session.scalar(select(Practitioner.name).where(Practitioner.id == visit.practitioner_id))
    at = _local(visit.starts_at, place.time_zone if place else scene.time_zone)
    return ", ".join(part for part in (at, name, place.name if place else None) if part)


def _local(at: datetime, time_zone: str) -> str:
    return f"{at.astimezone(zone(time_zone)):%a %d %b %Y %H:%M}"
