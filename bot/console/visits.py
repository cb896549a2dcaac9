"""Coming visits for the patient's panel: a series once, and what collides says so."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.care.appointments import COMING
from bot.care.conflicts import find_conflicts
from bot.console.phrases import Moment, exactly
from bot.domain.clock import zone
from bot.domain.enums import ParticipationStatus
from bot.i18n.languages import SOURCE
from bot.records import Appointment, Patient

MOST_VISITS = 6
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ANSWERS: Mapping[ParticipationStatus, tuple[str, str]] = {
    ParticipationStatus.ACCEPTED: ("confirmed", "good"),
    ParticipationStatus.DECLINED: ("will not come", "urgent"),
    ParticipationStatus.TENTATIVE: ("perhaps", "warn"),
    ParticipationStatus.NEEDS_ACTION: ("not confirmed", ""),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a list: words, a smaller addition, and a tag with its colour, where it has one."""

    text: str
    note: str = ""
    tag: str = ""
    colour: str = ""
    moment: Moment | None = None


def visit_lines(session: Session, patient: Patient, now: datetime) -> list[Line]:
    """Coming visits in the place's own time; a series once; what collides says so."""
    rows = session.scalars(
        select(Appointment)
        .where(Appointment.patient_id == patient.id, Appointment.status.in_(COMING), Appointment.ends_at >= now)
        .order_by(Appointment.starts_at)
        .options(joinedload(Appointment.location), joinedload(Appointment.practitioner))
    ).all()
    pairs = find_conflicts(rows)
    colliding = {row.id for pair in pairs for row in (pair.first, pair.second)}
    shown: list[Line] = []
    told_series: set[str] = set()
    for row in rows:
        if row.series is None:
            shown.append(_visit(row, patient, row.id in colliding))
        elif row.series not in told_series:
            told_series.add(row.series)
            sessions = [other for other in rows if other.series == row.series]
            shown.append(_series(sessions, patient, colliding))
    return shown[:MOST_VISITS]


def _visit(row: Appointment, patient: Patient, collides: bool) -> Line:
    home = _zone_of(row, patient)
    local = row.starts_at.astimezone(zone(home))
    answer, colour = ANSWERS[row.participation]
    place = "by video" if row.telehealth_url else row.location.name if row.location else ""
    return Line(
        text=f"{_described(row)}, {_day(local)} {local:%H:%M}",
        note=", ".join(part for part in (row.practitioner.name if row.practitioner else "", place) if part),
        tag="collides" if collides else answer,
        colour="urgent" if collides else colour,
        moment=Moment(short="", exact=exactly(row.starts_at, home), iso=row.starts_at.isoformat()),
    )


def _series(sessions: Sequence[Appointment], patient: Patient, colliding: Collection[UUID]) -> Line:
    home = zone(_zone_of(sessions[0], patient))
    starts = [row.starts_at.astimezone(home) for row in sessions]
    days = " ".join(WEEKDAYS[day] for day in sorted({start.weekday() for start in starts}))
    times = ", ".join(sorted({f"{start:%H:%M}" for start in starts}))
    hit = [row.starts_at.astimezone(home) for row in sessions if row.id in colliding]
    collides = f"; {' and '.join(_day(each) for each in hit)} collides with another visit" if hit else ""
    return Line(
        text=f"{_described(sessions[0])}, {days} {times}",
        note=f"next {_day(starts[0])}{collides}",
        tag="collides" if hit else "recurring",
        colour="urgent" if hit else "",
    )


def _day(local: datetime) -> str:
    return f"{local:%a} {local.day} {local:%b}"


def _described(row: Appointment) -> str:
    words = row.description.get(SOURCE) or next(iter(row.description.values()), "visit")
    return words[:1].upper() + words[1:]


def _zone_of(row: Appointment, patient: Patient) -> str:
    return patient.time_zone if row.location is None or row.telehealth_url else row.location.time_zone
