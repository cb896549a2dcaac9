"""Whether a patient is in hospital, and when they last came home from it, as the record has it."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.domain.enums import EncounterStatus
from bot.records import Encounter

# HL7 v3-ActCode: inpatient, acute and not; a short stay is mostly over within a day.
INPATIENT = frozenset({"IMP", "ACUTE", "NONAC"})
SHORT_STAY, EMERGENCY = "SS", "EMER"
# The classes of an Encounter that keep somebody in a hospital.
STAYS = INPATIENT | {SHORT_STAY, EMERGENCY}
# Somebody on leave is still the ward's patient.
PRESENT = (
    EncounterStatus.IN_PROGRESS,
    EncounterStatus.ARRIVED,
    EncounterStatus.TRIAGED,
    EncounterStatus.ONLEAVE,
)
# A stay without an end is believed for so long. Systems forget to close stays, and a deleted one never reaches us:
# believed for ever, it would silence somebody's reminders for ever and nobody would see it. Hardly anybody lies in a
# hospital for longer; who does gets a reminder too many, which is seen and can be answered.
OPEN_STAY_BELIEVED = timedelta(days=60)


def in_hospital(session: Session, patient_id: UUID, now: datetime) -> bool:
    """Whether the patient is in a hospital or its emergency room at `now`, UTC.

    A stay of which nobody says when it began does not count, nor does one without an end that began more than 60 days
    ago.
    """
    believed = Encounter.starts_at >= now - OPEN_STAY_BELIEVED
    query = select(Encounter.id).where(
        Encounter.patient_id == patient_id,
        Encounter.class_code.in_(STAYS),
        Encounter.status.in_(PRESENT),
        Encounter.starts_at <= now,
        or_(Encounter.ends_at > now, Encounter.ends_at.is_(None) & believed),
    )
    return session.scalar(query.limit(1)) is not None


def last_discharge(session: Session, patient_id: UUID, now: datetime) -> datetime | None:
    """When the newest finished inpatient stay ended, UTC; a visit to the emergency room, or a short stay, is none.

    Of an end that names only the day it is that day's last second, on the clocks of the deployment.
    """
    query = select(func.max(Encounter.ends_at)).where(
        Encounter.patient_id == patient_id,
        Encounter.class_code.in_(INPATIENT),
        Encounter.status == EncounterStatus.FINISHED,
        Encounter.ends_at <= now,
    )
    return session.scalar(query)
