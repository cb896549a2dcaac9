"""Writes the demo clinic of clinic.yml and resources.yml into an empty database.

Both coordinators, `dolores` and `adaeze`, get the password "riverside", which the demo prints where it says
how to log in. It guards invented people only; a real clinic never runs this.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.demo.days import RelativeDays
from bot.demo.doses import past_doses
from bot.demo.visits import free_slots, visits
from bot.domain.enums import ChannelName, ConsentScope, MedicationRequestStatus, ResourceTopic
from bot.domain.errors import NorthstarError
from bot.records import (
    ClinicResource,
    Consent,
    ContactPoint,
    Coordinator,
    Location,
    MedicationRequest,
    Patient,
    Practitioner,
    Record,
    RelatedPerson,
)
from bot.yaml_file import read_yaml

CLINIC_FILE = Path(__file__).with_name("clinic.yml")
RESOURCES_FILE = Path(__file__).with_name("resources.yml")
DEMO_PASSWORD = "riverside"  # noqa: S105 - printed by the demo, guards invented people
ENROLLED = timedelta(days=600)

Entry = dict[str, Any]


class AlreadySeeded(NorthstarError):
    """The database already holds patients; the demo clinic goes into an empty one only."""

    def __str__(self) -> str:
        return str(type(self).__doc__)


def load_clinic() -> Entry:
    """The demo clinic as it is written, with relative times."""
    clinic: Entry = read_yaml(CLINIC_FILE)
    return clinic


def load_resources() -> list[Entry]:
    """The demo clinic's answers and places of help, with relative dates."""
    resources: list[Entry] = read_yaml(RESOURCES_FILE)
    return resources


def is_seeded(session: Session) -> bool:
    """True when the demo clinic is in this database: its coordinators can log in and there are patients."""
    wanted = [entry["username"] for entry in load_clinic()["coordinators"]]
    found = session.scalar(select(func.count(Coordinator.id)).where(Coordinator.username.in_(wanted)))
    return found == len(wanted) and _holds_patients(session)


def seed(session: Session, now: datetime) -> None:
    """Write the whole clinic relative to `now` in the caller's transaction.

    Raises AlreadySeeded, before anything is written, when the database holds patients.
    """
    if _holds_patients(session):
        raise AlreadySeeded
    seeding = _Seeding(session=session, now=now, clinic=load_clinic())
    seeding.add_public_rows()
    for entry in seeding.clinic["patients"]:
        seeding.add_patient(entry)
    for entry in seeding.clinic["caregivers"]:
        seeding.add_caregiver(entry)
    seeding.add_appointments_and_slots()
    session.flush()


def _holds_patients(session: Session) -> bool:
    return session.scalar(select(Patient.id).limit(1)) is not None


def _json_text(words: dict[str, str] | None) -> str | None:
    return None if words is None else json.dumps(words, ensure_ascii=False)


@dataclass(kw_only=True)
class _Seeding:
    """One run: `ids` are the rows written so far by `ref`."""

    session: Session
    now: datetime
    clinic: Entry
    ids: dict[str, UUID] = field(default_factory=dict)

    def days(self, location_ref: str | None = None) -> RelativeDays:
        zones = {entry["ref"]: entry["time_zone"] for entry in self.clinic["locations"]}
        return RelativeDays(self.now, zones.get(location_ref, self.clinic["clinic"]["time_zone"]))

    def add(self, ref: str, row: Record) -> None:
        self.session.add(row)
        self.ids[ref] = row.id

    def add_public_rows(self) -> None:
        for entry in self.clinic["locations"]:
            self.add(entry["ref"], Location(**_without(entry, "ref")))
        for entry in self.clinic["practitioners"]:
            self.add(entry["ref"], Practitioner(**_without(entry, "ref")))
        for entry in self.clinic["coordinators"]:
            self.session.add(Coordinator(password_hash=PasswordHasher().hash(DEMO_PASSWORD), **entry))
        for entry in load_resources():
            self.session.add(self.resource(entry))

    def resource(self, entry: Entry) -> ClinicResource:
        empty: Entry = {"hours": {}, "eligibility": {}, "keywords": {}, "place": "", "phone": None, "url": None}
        return ClinicResource(
            topic=ResourceTopic(entry["topic"]),
            expires_on=self.days().day(entry["expires"]),
            updated_at=self.now,
            **(empty | _without(entry, "topic", "expires")),
        )

    def add_patient(self, entry: Entry) -> None:
        columns = _without(entry, "ref", "birth_date", "sms", "medicines")
        created_at = self.now - ENROLLED
        patient = Patient(birth_date_text=entry["birth_date"], created_at=created_at, **columns)
        self.add(entry["ref"], patient)
        if "sms" in entry:
            self.session.add(self.sms(entry["sms"], patient_id=patient.id))
        days = RelativeDays(self.now, patient.time_zone)
        for medicine in entry["medicines"]:
            request = self.medication_request(patient.id, medicine)
            self.add(medicine["ref"], request)
            self.session.add_all(past_doses(medicine.get("answers", {}), patient.id, request.id, days, self.now))

    def add_caregiver(self, entry: Entry) -> None:
        person = RelatedPerson(**_without(entry, "ref", "sms", "consents"))
        self.add(entry["ref"], person)
        self.session.add(self.sms(entry["sms"], related_person_id=person.id))
        days = self.days()
        for consent in entry["consents"]:
            self.session.add(
                Consent(
                    patient_id=self.ids[consent["patient"]],
                    related_person_id=person.id,
                    relationship_code=consent["relationship"],
                    scopes=[ConsentScope(scope).value for scope in consent["scopes"]],
                    given_at=days.noon(consent["given"]),
                    expires_at=days.noon(consent.get("expires")),
                    revoked_at=days.noon(consent.get("revoked")),
                )
            )

    def sms(self, number: str, **owner: UUID) -> ContactPoint:
        verified_at = self.now - ENROLLED
        return ContactPoint(
            channel=ChannelName.SMS, address=number, address_index=number, verified_at=verified_at, **owner
        )

    def medication_request(self, patient_id: UUID, entry: Entry) -> MedicationRequest:
        days = self.days()
        status = entry.get("status", "stopped" if "stopped" in entry else "active")
        return MedicationRequest(
            patient_id=patient_id,
            practitioner_id=self.ids[entry["prescriber"]],
            status=MedicationRequestStatus(status),
            dosage_instruction=entry["dosage"],
            purpose_json=_json_text(entry["purpose"]),
            change_reason_json=_json_text(entry.get("change_reason")),
            authored_at=days.noon(entry["authored"]),
            stopped_at=days.noon(entry.get("stopped")),
            refills_left=entry["refills"],
            replaces_id=self.ids[entry["replaces"]] if "replaces" in entry else None,
            **{name: entry[name] for name in ("medication", "strength", "aliases")},
        )

    def add_appointments_and_slots(self) -> None:
        booked = list(visits(self.clinic, self.ids, self.now, self.days))
        self.session.add_all(booked)
        self.session.add_all(free_slots(self.clinic["slots"], self.ids, self.days, booked))


def _without(entry: Entry, *names: str) -> Entry:
    return {name: value for name, value in entry.items() if name not in names}
