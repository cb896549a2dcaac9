"""The demo clinic is complete, never stale, and sealed like any other."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.care.adherence import read_adherence
from bot.care.days_covered import DayState
from bot.demo.days import RelativeDays
from bot.demo.seed import DEMO_PASSWORD, AlreadySeeded, is_seeded, load_clinic, seed
from bot.domain.enums import (
    AdministrationStatus,
    AppointmentStatus,
    ConsentScope,
    MedicationRequestStatus,
    ResourceTopic,
)
from bot.records import (
    Appointment,
    ClinicResource,
    Consent,
    ContactPoint,
    Coordinator,
    Location,
    MedicationAdministration,
    MedicationRequest,
    Patient,
    Practitioner,
    RelatedPerson,
    Slot,
)
from bot.records.engine import Database
from bot.records.types import Keyring, install_keyring

CLINIC_ZONE = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 18, 12, 0, tzinfo=CLINIC_ZONE)
NOWS = {
    "ten to midnight": datetime(2026, 11, 24, 23, 50, tzinfo=CLINIC_ZONE),
    "leap day": datetime(2028, 2, 29, 9, 15, tzinfo=CLINIC_ZONE),
    "evening before the clocks go forward": datetime(2027, 3, 13, 20, 0, tzinfo=CLINIC_ZONE),
    "evening before the clocks go back": datetime(2026, 10, 31, 21, 0, tzinfo=CLINIC_ZONE),
}
CLINIC = load_clinic()

KEYRING = Keyring.generate()

Seeded = Callable[[datetime], Session]


@pytest.fixture(autouse=True)
def _keyring() -> None:
    install_keyring(KEYRING)


@pytest.fixture(scope="module")
def clinic_files(tmp_path_factory: pytest.TempPathFactory) -> dict[datetime, Path]:
    """The SQLite file seeded at each instant, made when first asked for; tests only read it."""
    return {now: tmp_path_factory.mktemp("clinic") / "clinic.db" for now in (NOON, *NOWS.values())}


@pytest.fixture
def seeded(clinic_files: dict[datetime, Path]) -> Iterator[Seeded]:
    """Hands out a session on the clinic as it is when seeded at an instant."""
    with ExitStack() as stack:

        def open_at(now: datetime) -> Session:
            fresh = not clinic_files[now].exists()
            database = Database(f"sqlite:///{clinic_files[now]}")
            stack.callback(database.close)
            if fresh:
                database.upgrade()
                with database.write() as session:
                    seed(session, now)
            return stack.enter_context(Session(database.engine))

        yield open_at


def count(session: Session, query: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def patient(session: Session, ref: str) -> Patient:
    name = next(entry["name"] for entry in CLINIC["patients"] if entry["ref"] == ref)
    return next(row for row in session.scalars(select(Patient)) if row.name == name)


def medicines(session: Session, ref: str) -> dict[str, MedicationRequest]:
    query = select(MedicationRequest).where(MedicationRequest.patient_id == patient(session, ref).id)
    return {row.medication: row for row in session.scalars(query)}


def booked(session: Session, ref: str, now: datetime) -> list[Appointment]:
    query = select(Appointment).where(
        Appointment.patient_id == patient(session, ref).id,
        Appointment.status == AppointmentStatus.BOOKED,
        Appointment.starts_at > now,
    )
    return list(session.scalars(query.order_by(Appointment.starts_at)))


def test_the_clinic_has_everybody_and_everything_that_a_small_clinic_has(seeded: Seeded) -> None:
    session = seeded(NOON)
    assert count(session, select(Patient.id)) >= 12
    for table, number in ((RelatedPerson, 5), (Practitioner, 4), (Location, 3), (Coordinator, 2)):
        assert count(session, select(table.id)) == number
    statuses = Counter(session.scalars(select(MedicationRequest.status)))
    assert statuses[MedicationRequestStatus.ACTIVE] >= 20
    assert statuses[MedicationRequestStatus.STOPPED] >= 4
    assert {AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW, AppointmentStatus.CANCELLED} <= set(
        session.scalars(select(Appointment.status).where(Appointment.starts_at < NOON))
    )
    assert count(session, select(Appointment.id).where(Appointment.telehealth_url.is_not(None))) >= 1
    assert len(set(session.scalars(select(Patient.language)))) >= 9
    assert {"America/Los_Angeles", "America/Chicago", "America/Puerto_Rico", "Asia/Kolkata"} <= set(
        session.scalars(select(Patient.time_zone))
    )


def test_names_birth_dates_and_numbers_come_back_as_they_were_written(seeded: Seeded) -> None:
    session = seeded(NOON)
    patients = {(row.name, row.given_name, str(row.birth_date)) for row in session.scalars(select(Patient))}
    assert patients == {(entry["name"], entry["given_name"], entry["birth_date"]) for entry in CLINIC["patients"]}
    assert {"فرح الخطيب", "김영희", "José Ñúñez", "Thabo O'Connor"} <= {name for name, _, _ in patients}
    caregivers = {row.name for row in session.scalars(select(RelatedPerson))}
    assert caregivers == {entry["name"] for entry in CLINIC["caregivers"]}
    amina = session.scalars(select(ContactPoint).where(ContactPoint.address_index == "+15550100101")).one()
    assert (amina.address, amina.patient_id) == ("+15550100101", patient(session, "amina").id)
    assert amina.verified_at is not None


def test_two_people_share_a_phone_and_one_has_none(seeded: Seeded) -> None:
    session = seeded(NOON)
    shared = session.scalars(select(ContactPoint.patient_id).where(ContactPoint.address_index == "+15550100111"))
    assert set(shared) == {patient(session, "jim").id, patient(session, "wanda").id}
    without = select(Patient.id).where(
        ~Patient.id.in_(select(ContactPoint.patient_id).where(ContactPoint.patient_id.is_not(None)))
    )
    assert session.scalars(without).all() == [patient(session, "priya").id]


def test_caregivers_may_know_what_their_consent_says_and_nothing_else(seeded: Seeded) -> None:
    session = seeded(NOON)
    permitted = {}
    for consent, person in session.execute(
        select(Consent, RelatedPerson).join(RelatedPerson, Consent.related_person_id == RelatedPerson.id)
    ):
        about = session.get_one(Patient, consent.patient_id).given_name
        permitted[person.given_name, about] = {scope.value for scope in ConsentScope if consent.permits(scope, NOON)}
    assert permitted == {
        ("Bruno", "Amina"): {"appointments", "medications", "adherence"},
        ("Ruth", "Samuel"): {"appointments"},
        ("Wei", "美玲"): {"appointments", "medications"},
        ("Wei", "国强"): {"appointments"},
        ("Daniel", "Robert"): set(),
        ("Carmen", "María Elena"): set(),
    }


@pytest.mark.parametrize("now", NOWS.values(), ids=NOWS.keys())
def test_every_time_lies_where_it_is_meant_to(seeded: Seeded, now: datetime) -> None:
    session = seeded(now)
    for visit in session.scalars(select(Appointment)):
        assert visit.ends_at > visit.starts_at
        if visit.status is AppointmentStatus.BOOKED:
            assert visit.starts_at > now
        elif visit.status is not AppointmentStatus.CANCELLED:
            assert visit.ends_at < now
        local = visit.starts_at.astimezone(CLINIC_ZONE)
        assert local.weekday() != 6 or local.date() == now.date() + timedelta(days=1)
        assert visit.participation_at is None or visit.participation_at < now
    for slot in session.scalars(select(Slot)):
        assert now < slot.starts_at < slot.ends_at < now + timedelta(days=22)
    for request in session.scalars(select(MedicationRequest)):
        assert request.authored_at < now
        assert request.stopped_at is None or request.authored_at < request.stopped_at < now
        assert (request.stopped_at is None) == (request.status is MedicationRequestStatus.ACTIVE)
    for person in session.scalars(select(Patient)):
        assert person.created_at < now
    for consent in session.scalars(select(Consent)):
        assert consent.given_at < now
        assert consent.revoked_at is None or consent.given_at < consent.revoked_at < now
    topics = session.execute(select(ClinicResource.topic, ClinicResource.expires_on)).all()
    missing = {ResourceTopic.OTHER}
    assert {topic for topic, expires_on in topics if expires_on > now.date()} == set(ResourceTopic) - missing
    assert sum(expires_on < now.date() for _, expires_on in topics) == 1


@pytest.mark.parametrize("now", NOWS.values(), ids=NOWS.keys())
def test_visits_stand_at_their_wall_time_on_both_sides_of_a_clock_change(seeded: Seeded, now: datetime) -> None:
    session = seeded(now)
    tomorrow = now.date() + timedelta(days=1)
    [maria, *_] = booked(session, "maria", now)
    [samuel, *_] = booked(session, "samuel", now)
    assert maria.starts_at.astimezone(CLINIC_ZONE) == datetime.combine(tomorrow, time(9, 30), CLINIC_ZONE)
    assert samuel.starts_at.astimezone(CLINIC_ZONE) == datetime.combine(tomorrow, time(11), CLINIC_ZONE)
    walls = Counter(
        visit.starts_at.astimezone(CLINIC_ZONE).strftime("%H:%M")
        for visit in session.scalars(select(Appointment).where(Appointment.series.is_(None)))
    )
    assert walls == Counter(entry["time"] for entry in CLINIC["appointments"])


@pytest.mark.parametrize("now", NOWS.values(), ids=NOWS.keys())
def test_robert_has_dialysis_for_four_weeks_and_a_visit_elsewhere_at_the_same_time(
    seeded: Seeded, now: datetime
) -> None:
    session = seeded(now)
    robert = booked(session, "robert", now)
    sessions = [visit for visit in robert if visit.series is not None]
    assert len(sessions) == 12
    assert len({visit.series for visit in sessions}) == 1
    for visit in sessions:
        starts, ends = (at.astimezone(CLINIC_ZONE) for at in (visit.starts_at, visit.ends_at))
        assert starts.weekday() in (1, 3, 5)
        assert (starts.time(), ends.time()) == (time(7), time(11))
    conflicts = [
        (visit.location_id, other.location_id)
        for visit in robert
        if visit.series is None
        for other in sessions
        if visit.starts_at < other.ends_at and other.starts_at < visit.ends_at
    ]
    names = {row.id: row.name for row in session.scalars(select(Location))}
    assert [(names[a], names[b]) for a, b in conflicts if a and b] == [
        ("Westside Heart Center", "Riverside Kidney Center")
    ]


@pytest.mark.parametrize("now", NOWS.values(), ids=NOWS.keys())
def test_a_practitioner_is_never_in_two_places_and_a_free_slot_is_free(seeded: Seeded, now: datetime) -> None:
    session = seeded(now)
    slots = list(session.scalars(select(Slot)))
    visits = [
        visit
        for visit in session.scalars(
            select(Appointment).where(Appointment.starts_at > now, Appointment.series.is_(None))
        )
        if visit.status is AppointmentStatus.BOOKED
    ]
    busy: list[Slot | Appointment] = [*slots, *visits]
    busy.sort(key=lambda row: (str(row.practitioner_id), row.starts_at))
    for earlier, later in pairwise(busy):
        if earlier.practitioner_id == later.practitioner_id:
            assert earlier.ends_at <= later.starts_at
    assert len({slot.practitioner_id for slot in slots}) == 4
    local = [slot.starts_at.astimezone(CLINIC_ZONE) for slot in slots]
    assert any(at.hour >= 17 for at in local)
    assert any(at.weekday() == 5 for at in local)


def test_main_characters_have_a_visit_soon_with_place_person_and_preparation(seeded: Seeded) -> None:
    session = seeded(NOON)
    for ref, language in (("maria", "es"), ("thabo", "en")):
        [visit, *_] = booked(session, ref, NOON)
        assert visit.starts_at < NOON + timedelta(days=5)
        assert visit.location_id
        assert visit.practitioner_id
        assert visit.preparation[language]


def test_a_changed_medicine_says_why_only_where_a_reason_was_recorded(seeded: Seeded) -> None:
    session = seeded(NOON)
    meiling = medicines(session, "meiling")
    carvedilol = meiling["carvedilol"]
    assert carvedilol.replaces_id == meiling["metoprolol tartrate"].id
    assert carvedilol.authored_at == meiling["metoprolol tartrate"].stopped_at
    reason = json.loads(str(carvedilol.change_reason_json))
    assert {"en", "es", "zh-Hans"} <= set(reason)
    robert = medicines(session, "robert")
    assert robert["amlodipine"].replaces_id == robert["lisinopril"].id
    assert robert["amlodipine"].change_reason_json is None


def test_everything_told_about_a_visit_or_medicine_is_in_the_persons_language_and_english(
    seeded: Seeded,
) -> None:
    session = seeded(NOON)
    languages = {row.id: row.language for row in session.scalars(select(Patient))}
    for request in session.scalars(select(MedicationRequest)):
        assert {"en", languages[request.patient_id]} <= set(json.loads(str(request.purpose_json)))
    for visit in session.scalars(select(Appointment)):
        for words in (visit.description, visit.preparation):
            assert not words or {"en", "es", languages[visit.patient_id]} <= set(words)


@pytest.mark.parametrize("now", [NOON, *NOWS.values()], ids=["noon", *NOWS])
def test_amina_has_answered_for_thirty_days_and_nobody_before_the_dose(seeded: Seeded, now: datetime) -> None:
    session = seeded(now)
    amina = patient(session, "amina").id
    rows = session.scalars(select(MedicationAdministration)).all()
    assert {row.patient_id for row in rows} == {amina}
    for row in rows:
        assert row.due_at <= now
        assert (row.reported_at is None) == (row.status is AdministrationStatus.UNKNOWN)
        assert row.reported_at is None or row.due_at <= row.reported_at <= now
    found = {each.medicine.medication: each.reported for each in read_adherence(session, amina, now)}
    assert set(found) == {"metformin", "lisinopril"}
    for reported in found.values():
        assert all(day.doses for day in reported.days)
        assert reported.days_covered.reaches_threshold
        assert reported.days_covered.unknown
    states = {day.state for reported in found.values() for day in reported.days}
    assert states == {DayState.TAKEN, DayState.PARTLY, DayState.SKIPPED, DayState.UNKNOWN}


DOSAGE_KEYS = {
    "sequence",
    "text",
    "additionalInstruction",
    "patientInstruction",
    "timing",
    "asNeededBoolean",
    "asNeededCodeableConcept",
    "site",
    "route",
    "method",
    "doseAndRate",
    "maxDosePerPeriod",
    "maxDosePerAdministration",
    "maxDosePerLifetime",
}
REPEAT_KEYS = {
    "boundsDuration",
    "boundsRange",
    "boundsPeriod",
    "count",
    "countMax",
    "duration",
    "durationMax",
    "durationUnit",
    "frequency",
    "frequencyMax",
    "period",
    "periodMax",
    "periodUnit",
    "dayOfWeek",
    "timeOfDay",
    "when",
    "offset",
}
EVENT_TIMING = {
    "MORN",
    "MORN.early",
    "MORN.late",
    "NOON",
    "AFT",
    "AFT.early",
    "AFT.late",
    "EVE",
    "EVE.early",
    "EVE.late",
    "NIGHT",
    "PHS",
    "HS",
    "WAKE",
    "C",
    "CM",
    "CD",
    "CV",
    "AC",
    "ACM",
    "ACD",
    "ACV",
    "PC",
    "PCM",
    "PCD",
    "PCV",
}


def test_every_dosage_is_fhir_r4(seeded: Seeded) -> None:
    session = seeded(NOON)
    dosages = [dosage for row in session.scalars(select(MedicationRequest)) for dosage in row.dosage_instruction]
    units = set()
    for dosage in dosages:
        assert set(dosage) <= DOSAGE_KEYS
        assert dosage["text"]
        assert set(dosage["timing"]) <= {"event", "repeat", "code"}
        check_repeat(dosage["timing"]["repeat"])
        for amount in dosage["doseAndRate"]:
            assert set(amount) <= {
                "type",
                "doseRange",
                "doseQuantity",
                "rateRatio",
                "rateRange",
                "rateQuantity",
            }
            assert set(amount["doseQuantity"]) <= {"value", "comparator", "unit", "system", "code"}
            units.add(amount["doseQuantity"]["unit"])
        for concept in dosage.get("additionalInstruction", []):
            assert set(concept) <= {"coding", "text"}
    assert units == {"tablet", "capsule", "puff", "unit"}
    assert any(dosage.get("asNeededBoolean") is True for dosage in dosages)


def check_repeat(repeat: dict[str, Any]) -> None:
    """The keys, value sets and invariants (tim-2, 4, 5, 9 and 10) of R4 Timing.repeat."""
    assert set(repeat) <= REPEAT_KEYS
    assert set(repeat.get("when", [])) <= EVENT_TIMING
    assert set(repeat.get("dayOfWeek", [])) <= {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
    assert repeat["periodUnit"] in {"s", "min", "h", "d", "wk", "mo", "a"}
    assert repeat["period"] > 0
    assert "offset" not in repeat or not set(repeat["when"]) & {"C", "CM", "CD", "CV"}
    assert not ("timeOfDay" in repeat and "when" in repeat)
    for wall_local in repeat.get("timeOfDay", []):
        assert time.fromisoformat(wall_local).isoformat() == wall_local
    times = repeat.get("timeOfDay") or repeat.get("when")
    assert times is None or repeat["frequency"] == len(times)


def test_a_taper_has_several_sequences(seeded: Seeded) -> None:
    prednisone = medicines(seeded(NOON), "wanda")["prednisone"]
    assert [dosage["sequence"] for dosage in prednisone.dosage_instruction] == [1, 2, 3]


def test_nothing_about_a_person_can_be_read_in_the_file(seeded: Seeded, clinic_files: dict[datetime, Path]) -> None:
    seeded(NOON)
    stored = b"".join(path.read_bytes() for path in clinic_files[NOON].parent.iterdir())
    assert b"Riverside Kidney Center" in stored
    people = [*CLINIC["patients"], *CLINIC["caregivers"]]
    secrets = {entry[key] for entry in people for key in ("name", "sms", "birth_date") if key in entry}
    secrets |= {secret.lstrip("+") for secret in secrets}
    for secret in secrets:
        assert secret.encode() not in stored
        assert json.dumps(secret)[1:-1].encode() not in stored


def test_both_coordinators_can_log_in_with_the_printed_password(seeded: Seeded) -> None:
    session = seeded(NOON)
    hashes = {row.username: row.password_hash for row in session.scalars(select(Coordinator))}
    assert set(hashes) == {"dolores", "adaeze"}
    assert all(PasswordHasher().verify(stored, DEMO_PASSWORD) for stored in hashes.values())


def test_a_second_seeding_is_refused_and_changes_nothing(seeded: Seeded) -> None:
    session = seeded(NOON)
    before = count(session, select(Patient.id))
    with pytest.raises(AlreadySeeded, match="already holds patients"):
        seed(session, NOON)
    session.flush()
    assert count(session, select(Patient.id)) == before


def test_only_the_demo_clinic_counts_as_seeded(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'real.db'}")
    database.upgrade()
    with database.write() as session:
        assert not is_seeded(session)
        names = {"name": "A", "given_name": "A", "language": "en", "time_zone": "UTC", "country": "US"}
        session.add(Patient(created_at=NOON, **names))
        session.flush()
        assert not is_seeded(session)
        with pytest.raises(AlreadySeeded):
            seed(session, NOON)
        session.rollback()
    with database.write() as session:
        seed(session, NOON)
        assert is_seeded(session)
    database.close()


def test_a_visit_moves_off_a_sunday_away_from_today_but_tomorrow_stays() -> None:
    friday, saturday = datetime(2026, 11, 20, 17, tzinfo=UTC), datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert RelativeDays(friday, "America/New_York").visit_day(2).isoformat() == "2026-11-23"
    assert RelativeDays(friday, "America/New_York").visit_day(-5).isoformat() == "2026-11-14"
    assert RelativeDays(saturday, "America/New_York").visit_day(1).isoformat() == "2026-11-22"
