"""The stable cast on a real SQLite file: Amina (patient), Bruno (her caregiver), Chen (a stranger), Robert."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bot.care.dose_times import ClockTimes
from bot.domain.enums import AppointmentStatus, ChannelName, ConsentScope, MedicationRequestStatus
from bot.records import (
    Appointment,
    Consent,
    Conversation,
    Location,
    MedicationRequest,
    Patient,
    Practitioner,
    RelatedPerson,
)
from bot.records.engine import Database
from bot.records.types import Keyring, install_keyring

NOW = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)  # noon in New York
ZONE = "America/New_York"
CLOCK_TIMES = ClockTimes(
    when={"CM": time(8), "CV": time(18), "ACM": time(8), "HS": time(20, 30)},
    daily={1: (time(8),), 2: (time(8), time(20)), 3: (time(8), time(14), time(20))},
)


class FixedClock:
    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def dosage(repeat: dict[str, Any] | None = None, **rest: Any) -> list[dict[str, Any]]:
    timing = {"frequency": 2, "period": 1, "periodUnit": "d"} if repeat is None else repeat
    amount = [{"doseQuantity": {"value": 1, "unit": "tablet"}}]
    return [{"text": "Take 1 tablet", "timing": {"repeat": timing}, "doseAndRate": amount, **rest}]


@dataclass(frozen=True, kw_only=True)
class Clinic:
    """Ids of the cast; conversations by who writes."""

    database: Database
    patients: dict[str, UUID]
    conversations: dict[str, UUID]
    caregivers: dict[str, UUID]
    places: dict[str, UUID]
    practitioners: dict[str, UUID]

    def add_visit(self, person: str, starts_at: datetime, **values: Any) -> UUID:
        defaults: dict[str, Any] = {
            "status": AppointmentStatus.BOOKED,
            "practitioner_id": self.practitioners["nair"],
            "location_id": self.places["kidney"],
            "description": {},
            "preparation": {},
        }
        visit = Appointment(
            patient_id=self.patients[person],
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            **(defaults | values),
        )
        return self.store(visit)

    def add_medicine(self, person: str, medication: str, **values: Any) -> UUID:
        defaults: dict[str, Any] = {
            "status": MedicationRequestStatus.ACTIVE,
            "strength": "500 mg",
            "aliases": [],
            "dosage_instruction": dosage(),
            "authored_at": NOW - timedelta(days=30),
        }
        for name in ("purpose", "change_reason"):
            if name in values:
                values[f"{name}_json"] = json.dumps(values.pop(name))
        return self.store(
            MedicationRequest(patient_id=self.patients[person], medication=medication, **(defaults | values))
        )

    def add_consent(self, caregiver: str, person: str, scopes: Sequence[ConsentScope], **values: Any) -> UUID:
        return self.store(
            Consent(
                patient_id=self.patients[person],
                related_person_id=self.caregivers[caregiver],
                relationship_code="SON",
                scopes=[scope.value for scope in scopes],
                given_at=NOW - timedelta(days=10),
                **values,
            )
        )

    def store(self, row: Any) -> UUID:
        with self.database.write() as session:
            session.add(row)
            stored: UUID = row.id
        return stored


def make_clinic(folder: Path) -> Clinic:
    install_keyring(Keyring.generate())
    file = folder / "clinic.db"
    file.write_bytes(_empty_database())
    database = Database(f"sqlite:///{file}")
    with database.write() as session:
        patients = {name.lower(): _patient(session, name) for name in ("Amina", "Robert")}
        bruno = RelatedPerson(name="Bruno Diallo", given_name="Bruno", language="en", time_zone=ZONE)
        place = Location(
            name="Riverside Kidney Center",
            address="52 Harbor Street",
            floor={"en": "ground floor"},
            directions={},
            phone="+15550100302",
            time_zone=ZONE,
        )
        nair = Practitioner(name="Dr. Asha Nair", specialty={"en": "nephrology", "es": "nefrología"})
        chen = Practitioner(name="Dr. Helen Chen", specialty={"en": "cardiology"})
        session.add_all([bruno, place, nair, chen])
        talks = {
            "amina": _conversation("1", patient_id=patients["amina"]),
            "bruno": _conversation("2", related_person_id=bruno.id),
            "chen": _conversation("3"),
        }
        session.add_all(talks.values())
    return Clinic(
        database=database,
        patients=patients,
        conversations={name: talk.id for name, talk in talks.items()},
        caregivers={"bruno": bruno.id},
        places={"kidney": place.id},
        practitioners={"nair": nair.id, "chen": chen.id},
    )


@cache
def _empty_database() -> bytes:
    """A database with every migration applied; applying them takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        database = Database(f"sqlite:///{file}")
        database.upgrade()
        database.close()
        return file.read_bytes()


def _patient(session: Session, name: str) -> UUID:
    patient = Patient(
        name=f"{name} Example", given_name=name, language="en", time_zone=ZONE, country="US", created_at=NOW
    )
    session.add(patient)
    return patient.id


def _conversation(address: str, **who: UUID) -> Conversation:
    return Conversation(
        channel=ChannelName.SMS, address=address, address_index=address, language="en", created_at=NOW, **who
    )
