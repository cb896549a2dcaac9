"""A patient's coming visits, as the record has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.care.text import fold, words_of
from bot.care.visit_kinds import is_of_kind
from bot.domain.clock import zone
from bot.domain.enums import AppointmentStatus
from bot.domain.suiting import Suiting
from bot.records import Appointment, Location, Patient, Practitioner

COMING = (
    AppointmentStatus.BOOKED,
    AppointmentStatus.PENDING,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.CHECKED_IN,
)
# 100 is the same spelling. Practitioners' names are few and told apart well, so this is lenient.
CLOSE_NAME = 80
TITLES = frozenset({"dr", "dra", "doctor", "doctora", "md", "nurse", "enfermera"})


@dataclass(frozen=True, kw_only=True)
class Place:
    """`floor` and `directions` are the clinic's words by language; `phone` is E.164; degrees are WGS 84."""

    id: UUID
    name: str
    address: str
    floor: Mapping[str, str]
    directions: Mapping[str, str]
    phone: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """`starts_at` and `ends_at` are UTC; `time_zone` is the place's, or the patient's for a video visit."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    practitioner_id: UUID | None
    practitioner: str | None
    specialty: Mapping[str, str]
    place: Place | None
    description: Mapping[str, str]
    preparation: Mapping[str, str]
    telehealth_url: str | None
    recurs: bool

    @property
    def spot(self) -> Place | None:
        """Where somebody has to be; None by video."""
        return None if self.telehealth_url else self.place


def coming_visits(session: Session, patient_id: UUID, now: datetime) -> list[Visit]:
    """Booked visits that start at `now` (UTC) or later, the soonest first."""
    return [visit for visit in calendar(session, patient_id, now) if visit.starts_at >= now]


def calendar(session: Session, patient_id: UUID, now: datetime) -> list[Visit]:
    """Booked visits that are not over at `now` (UTC), recurring ones included, the soonest first."""
    found = (
        select(Appointment)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.status.in_(COMING),
            Appointment.ends_at > now,
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .options(joinedload(Appointment.practitioner), joinedload(Appointment.location))
    )
    home = session.get_one(Patient, patient_id).time_zone
    return [_visit(row, home) for row in session.scalars(found)]


def pick_visits(visits: Sequence[Visit], text: str, suiting: Suiting | None = None) -> list[Visit]:
    """The visits that the text means: with whom, of which kind, and on which days. All, where it says none of these.

    May be empty: the text names days on which there is none.
    """
    with_named = [visit for visit in visits if visit.practitioner and _names(text, visit.practitioner)]
    found = with_named or list(visits)
    of_kind = [visit for visit in found if is_of_kind(text, visit.description)]
    found = of_kind or found
    if suiting is None or not suiting.names_days:
        return found
    return [visit for visit in found if suiting.fits_day(visit.starts_at.astimezone(zone(visit.time_zone)).date())]


def usual_practitioners(session: Session, patient_id: UUID, text: str, names_somebody: bool) -> list[UUID]:
    """Who is meant when somebody wants a visit: those named in the text, else whom the patient saw last or sees next.

    `names_somebody`: the text names a doctor, perhaps by what they do; when that is nobody we know, nobody is meant.
    """
    everybody = session.execute(select(Practitioner.id, Practitioner.name)).all()
    named = [each.id for each in everybody if _names(text, each.name)]
    if named or names_somebody:
        return named
    latest = (
        select(Appointment.practitioner_id)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.practitioner_id.is_not(None),
            Appointment.series.is_(None),
            Appointment.status.in_((*COMING, AppointmentStatus.FULFILLED)),
        )
        .order_by(Appointment.starts_at.desc())
        .limit(1)
    )
    return [found for found in session.scalars(latest) if found is not None]


def clinic_phone(session: Session, patient_id: UUID) -> str | None:
    """Whom to call: the place of the patient's latest visit, else the first place of the clinic. E.164."""
    latest = (
        select(Location.phone)
        .join(Appointment, Appointment.location_id == Location.id)
        .where(Appointment.patient_id == patient_id)
        .order_by(Appointment.starts_at.desc())
        .limit(1)
    )
    return session.scalar(latest) or session.scalar(select(Location.phone).order_by(Location.id).limit(1))


def _names(text: str, practitioner: str) -> bool:
    parts = [part for part in words_of(practitioner) if part not in TITLES and len(part) > 2]
    said = words_of(text)
    return any(fold(part) == word or _alike(part, word) for part in parts for word in said)


def _alike(part: str, word: str) -> bool:
    return min(len(part), len(word)) > 4 and fuzz.ratio(part, word) >= CLOSE_NAME


def _visit(row: Appointment, home: str) -> Visit:
    location, practitioner = row.location, row.practitioner
    return Visit(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        time_zone=home if location is None or row.telehealth_url else location.time_zone,
        practitioner_id=row.practitioner_id,
        practitioner=None if practitioner is None else practitioner.name,
        specialty={} if practitioner is None else practitioner.specialty,
        place=None if location is None else as_place(location),
        description=row.description,
        preparation=row.preparation,
        telehealth_url=row.telehealth_url,
        recurs=row.series is not None,
    )


def as_place(location: Location) -> Place:
    return Place(
        id=location.id,
        name=location.name,
        address=location.address,
        floor=location.floor,
        directions=location.directions,
        phone=location.phone,
        latitude=location.latitude,
        longitude=location.longitude,
    )
