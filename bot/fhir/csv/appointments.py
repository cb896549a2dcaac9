"""A row of appointments: Appointment, with its Practitioner and its Location."""

from datetime import datetime

from bot.domain.enums import AppointmentStatus, ParticipationStatus
from bot.fhir.csv import cells
from bot.fhir.csv.making import Making
from bot.fhir.csv.resources import Resource, id_of, location, practitioner, resource, to, to_patient, video
from bot.fhir.csv.table import Row

# What the patient said about coming; the visit stays booked.
ANSWERS = (ParticipationStatus.ACCEPTED, ParticipationStatus.DECLINED, ParticipationStatus.TENTATIVE)
STATUSES = (*AppointmentStatus, *ANSWERS)
LONGEST_MINUTES = 24 * 60


def make_appointment(row: Row, making: Making) -> list[Resource]:
    """What is wrong is noted in the row."""
    start, end, minutes = _times(row, making)
    status = row.read("status", lambda text: cells.code(text, STATUSES)) or AppointmentStatus.BOOKED.value
    answered = status in ANSWERS
    present = [*_people(row), *_place(row, making)]
    participants = [{"actor": to(each), "status": "accepted"} for each in present]
    patient = {
        "actor": to_patient(row.text("patient_id")),
        "status": status if answered else ParticipationStatus.NEEDS_ACTION.value,
    }
    visit = resource(
        "Appointment",
        id_of("Appointment", row.text("id")),
        language=making.language,
        status=AppointmentStatus.BOOKED.value if answered else status,
        start=None if start is None else start.isoformat(),
        end=None if end is None else end.isoformat(),
        minutesDuration=minutes,
        description=row.text("description"),
        appointmentType={"text": row.text("kind")} if row.text("kind") else None,
        patientInstruction=row.text("preparation"),
        participant=[patient, *participants],
    )
    return [*present, visit]


def _times(row: Row, making: Making) -> tuple[datetime | None, datetime | None, int | None]:
    """The end is told before the minutes."""
    start, end = row.read("start", making.conventions.instant), row.read("end", making.conventions.instant)
    minutes = row.read("minutes", lambda text: cells.whole(text, LONGEST_MINUTES))
    if start is not None and end is not None and end <= start:
        row.wrong("end", "is not after the start")
    return start, end, None if end is not None else minutes


def _people(row: Row) -> list[Resource]:
    name = row.text("practitioner")
    return [practitioner(name)] if name else []


def _place(row: Row, making: Making) -> list[Resource]:
    """A visit by video is at its link."""
    name, link = row.text("location"), row.read("video_link", cells.link)
    phone = row.read("location_phone", making.conventions.phone)
    if link is not None:
        return [video(link)]
    if not name and (row.text("location_address") or phone):
        row.wrong("location", "is blank, but the row has its address or phone; name the place")
    return [location(name, row.text("location_address"), phone, making.language)] if name else []
