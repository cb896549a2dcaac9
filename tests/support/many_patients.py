"""A clinic of many patients, each with one medicine whose reminder is due."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from bot.domain.enums import ChannelName, MedicationRequestStatus, TimerKind, TimerStatus
from bot.records import ContactPoint, MedicationRequest, Patient, Timer
from bot.records.engine import Database

ROWS_AT_ONCE = 1_000
TIMING = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["12:00:00"]}}


def phone_of(number: int) -> str:
    """In E.164; a number that no real phone has."""
    return f"+1555{number:07d}"


def midday_zone(now: datetime) -> str:
    """A zone where it is about noon, so that no quiet hours are in the way."""
    hours = 12 - now.astimezone(UTC).hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"  # the sign is POSIX's: west is positive


def remind_many(database: Database, count: int, due_at: datetime) -> None:
    """Write the patients and their timers. `due_at` is UTC."""
    zone = midday_zone(due_at)
    for first in range(0, count, ROWS_AT_ONCE):
        with database.write() as session:
            for number in range(first, min(first + ROWS_AT_ONCE, count)):
                _write(session, number, zone, due_at)


def _write(session: Session, number: int, time_zone: str, due_at: datetime) -> None:
    patient = Patient(
        name=f"Person {number}",
        given_name=f"Person {number}",
        language="en",
        time_zone=time_zone,
        country="US",
        created_at=due_at - timedelta(days=30),
    )
    phone = phone_of(number)
    contact = ContactPoint(
        channel=ChannelName.SMS,
        address=phone,
        address_index=phone,
        patient_id=patient.id,
        verified_at=due_at - timedelta(days=30),
    )
    request = MedicationRequest(
        patient_id=patient.id,
        status=MedicationRequestStatus.ACTIVE,
        medication="atorvastatin",
        strength="40 mg",
        aliases=[],
        dosage_instruction=[{"text": "1 tablet a day", "timing": TIMING}],
        authored_at=due_at - timedelta(days=30),
    )
    session.add_all([patient, contact, request, _timer(patient.id, request.id, due_at)])


def _timer(patient_id: UUID, request_id: UUID, due_at: datetime) -> Timer:
    cause = f"dose:{patient_id}"
    return Timer(
        kind=TimerKind.DOSE_REMINDER,
        cause=cause,
        unique_key=f"{cause}:{due_at.isoformat()}",
        subject={"patient": str(patient_id), "due_at": due_at.isoformat(), "requests": [str(request_id)]},
        due_at=due_at,
        expires_at=due_at + timedelta(minutes=90),
        status=TimerStatus.PENDING,
    )
