"""The stable cast: Amina (patient), Bruno (her consented caregiver), Chen (a stranger), Dolores (coordinator).

Amina takes metformin and lisinopril at 08:00 in New York, and has a visit on Thursday, November 26 at 10:30.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bot.domain.enums import AppointmentStatus, ChannelName, ConsentScope, MedicationRequestStatus
from bot.records import (
    Appointment,
    Consent,
    ContactPoint,
    Coordinator,
    Location,
    MedicationRequest,
    Patient,
    Practitioner,
    RelatedPerson,
)
from tests.support.clock import NOW

AMINA, BRUNO, CHEN = "+12125550101", "+12125550102", "+12125550199"
ZONE = "America/New_York"
VISIT_AT = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)
MORNING = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00"]}}
# Argon2id of nothing that anybody knows: these coordinators are not logged in by password.
NO_PASSWORD = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Ids of who and what is on record."""

    amina: UUID
    bruno: UUID
    dolores: UUID
    tomas: UUID
    visit: UUID
    metformin: UUID
    lisinopril: UUID


def write_cast(session: Session, now: datetime = NOW) -> Cast:
    nguyen = Practitioner(name="Dr. Linh Nguyen", specialty={"en": "primary care", "es": "medicina general"})
    clinic = Location(
        name="Riverside Clinic",
        address="48 Harbor Street",
        floor={"en": "second floor", "es": "segundo piso"},
        directions={},
        phone="+12125550100",
        time_zone=ZONE,
    )
    dolores, tomas = _coordinator("dolores", "Dolores Reyes"), _coordinator("tomas", "Tomás Vega")
    session.add_all([nguyen, clinic, dolores, tomas])
    amina = add_patient(session, "Amina", AMINA, now=now)
    bruno = add_caregiver(session, "Bruno", BRUNO, [amina], now=now)
    visit = Appointment(
        patient_id=amina,
        practitioner_id=nguyen.id,
        location_id=clinic.id,
        status=AppointmentStatus.BOOKED,
        description={"en": "check-up"},
        preparation={"en": "Bring your medicines.", "es": "Traiga sus medicinas."},
        starts_at=VISIT_AT,
        ends_at=VISIT_AT + timedelta(minutes=30),
    )
    session.add(visit)
    metformin = add_medicine(session, amina, "metformin", "500 mg", now=now)
    lisinopril = add_medicine(session, amina, "lisinopril", "10 mg", now=now)
    return Cast(
        amina=amina,
        bruno=bruno,
        dolores=dolores.id,
        tomas=tomas.id,
        visit=visit.id,
        metformin=metformin,
        lisinopril=lisinopril,
    )


def add_patient(
    session: Session,
    given_name: str,
    phone: str | None,
    *,
    language: str = "en",
    time_zone: str = ZONE,
    country: str = "US",
    now: datetime = NOW,
) -> UUID:
    patient = Patient(
        name=f"{given_name} Diallo",
        given_name=given_name,
        birth_date_text="1961-05-14",
        language=language,
        time_zone=time_zone,
        country=country,
        created_at=now - timedelta(days=300),
    )
    session.add(patient)
    if phone is not None:
        session.add(_sms(phone, now, patient_id=patient.id))
    return patient.id


def add_caregiver(
    session: Session,
    given_name: str,
    phone: str,
    patients: list[UUID],
    *,
    scopes: tuple[ConsentScope, ...] = (ConsentScope.APPOINTMENTS, ConsentScope.MEDICATIONS),
    now: datetime = NOW,
) -> UUID:
    person = RelatedPerson(name=f"{given_name} Diallo", given_name=given_name, language="en", time_zone=ZONE)
    session.add_all([person, _sms(phone, now, related_person_id=person.id)])
    for days, patient in enumerate(patients):
        session.add(
            Consent(
                patient_id=patient,
                related_person_id=person.id,
                relationship_code="SON",
                scopes=[scope.value for scope in scopes],
                given_at=now - timedelta(days=100 - days),
            )
        )
    return person.id


def add_medicine(
    session: Session,
    patient: UUID,
    medication: str,
    strength: str,
    *,
    timing: dict[str, Any] = MORNING,
    now: datetime = NOW,
) -> UUID:
    request = MedicationRequest(
        patient_id=patient,
        status=MedicationRequestStatus.ACTIVE,
        medication=medication,
        strength=strength,
        aliases=[],
        dosage_instruction=[
            {
                "text": "Take 1 tablet by mouth every morning",
                "timing": timing,
                "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
            }
        ],
        authored_at=now - timedelta(days=30),
        refills_left=2,
    )
    session.add(request)
    return request.id


def _coordinator(username: str, name: str) -> Coordinator:
    return Coordinator(username=username, name=name, password_hash=NO_PASSWORD, time_zone=ZONE)


def _sms(phone: str, now: datetime, **owner: UUID) -> ContactPoint:
    return ContactPoint(
        channel=ChannelName.SMS,
        address=phone,
        address_index=phone,
        verified_at=now - timedelta(days=300),
        **owner,
    )
