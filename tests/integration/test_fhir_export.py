"""A person's whole file: all that is theirs, valid, and good to be taken in again elsewhere."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.care.medications import current_medicines
from bot.fhir.elements import check
from bot.fhir.report import Outcome
from bot.records import Appointment, Communication, Consent, FhirResource, Patient, Record, RelatedPerson
from tests.support.cast import AMINA, Cast
from tests.support.clinic import Clinic, settings_in
from tests.support.fhir import amina, bundle, resource, take, to
from tests.support.fhir_export import RECORD_NUMBER, export, fill, of_kind, texts, write


@pytest.fixture
def filled(clinic: Clinic, cast: Cast, tmp_path: Path) -> Cast:
    fill(clinic, cast)
    kept = resource(
        "AllergyIntolerance",
        "penicillin",
        patient=to("Patient", "amina"),
        code={"text": "Penicillin"},
        note=[{"text": "A rash within the hour."}],
        asserter={"reference": "Patient/chen", "display": "Chen Wei"},
    )
    take(clinic, tmp_path, bundle(amina(), kept))
    with clinic.database.write() as session:
        for entry in session.query(FhirResource).filter(FhirResource.resource_type == "AllergyIntolerance"):
            entry.patient_id = cast.amina
    return cast


def test_everything_that_is_on_record_stands_in_the_bundle_and_on_the_page(
    clinic: Clinic, filled: Cast, tmp_path: Path
) -> None:
    document, page = export(clinic, filled.amina, tmp_path)
    (patient,) = of_kind(document, "Patient")
    assert (patient["name"][0]["text"], patient["birthDate"]) == ("Amina Diallo", "1961-05-14")
    assert patient["identifier"][0]["value"] == RECORD_NUMBER
    assert patient["telecom"][0]["value"] == AMINA
    (change,) = of_kind(document, "Provenance")
    assert change["contained"][0]["medicationCodeableConcept"]["text"] == "metformin 250 mg"
    assert change["reason"][0]["text"] == "Your sugar was still high."
    assert [each["status"] for each in of_kind(document, "MedicationAdministration")] == ["completed"]
    assert [each["item"][0]["answer"][0]["valueString"] for each in of_kind(document, "QuestionnaireResponse")] == [
        "taken"
    ]
    (task,) = of_kind(document, "Task")
    assert {(each["type"]["text"], each["valueString"]) for each in task["input"]} == {
        ("words", "May I drink wine with it?"),
        ("did", "handoff"),
        ("asked.day", "Friday"),
    }
    assert texts(document)[-1] == "Please not before Friday."
    assert of_kind(document, "CommunicationRequest")
    assert [each["code"]["text"] for each in of_kind(document, "AllergyIntolerance")] == ["Penicillin"]
    assert "Chen Wei" not in json.dumps(document) + page
    for words in (
        *("Amina Diallo", "May 14, 1961", RECORD_NUMBER, "(212) 555-0101", "metformin 500 mg", "metformin 250 mg"),
        *("1 tablet, once a day, at 8:00 AM", "Your sugar was still high.", "Dr. Linh Nguyen", "48 Harbor Street"),
        *("November 26, 2026 at 10:30 AM", "Bruno Diallo", "What are my medicines?", "Please not before Friday."),
        *("May I drink wine with it?", "Penicillin", "A rash within the hour.", "Taken"),
    ):
        assert words in page, words


def test_every_resource_is_valid_and_every_reference_leads_to_an_entry(
    clinic: Clinic, filled: Cast, tmp_path: Path
) -> None:
    document, _ = export(clinic, filled.amina, tmp_path)
    assert (document["resourceType"], document["type"]) == ("Bundle", "collection")
    for each in document["entry"]:
        checked = check(each["resource"])
        assert checked.resource is not None
        assert checked.problems == (), each["resource"]["resourceType"]
    urls = [each["fullUrl"] for each in document["entry"]]
    assert len(set(urls)) == len(urls)
    assert {each for each in references(document) if each.startswith("urn:uuid:")} <= set(urls)


def references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for each in value.values():
            yield from references(each)


def test_an_empty_clinic_takes_the_bundle_in_with_names_medicines_visits_and_consents(
    clinic: Clinic, filled: Cast, tmp_path: Path
) -> None:
    document, _ = export(clinic, filled.amina, tmp_path)
    before = comparable(clinic)
    (tmp_path / "new").mkdir()
    # A clinic of its own has a key of its own.
    new = Clinic(settings_in(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'northstar.db'}"))
    try:
        report = take(new, tmp_path, document)
        assert report.total(Outcome.REJECTED) == 0, report.remarks
        assert comparable(new) == before
    finally:
        new.close()


def comparable(clinic: Clinic) -> dict[str, Any]:
    """What the bot would tell from, without ids."""
    with clinic.database.read() as session:
        patient = session.query(Patient).order_by(Patient.id).first()
        assert patient is not None
        visits = session.query(Appointment).filter(Appointment.patient_id == patient.id)
        consents = session.query(Consent).filter(Consent.patient_id == patient.id)
        medicines = current_medicines(session, patient.id)
        return {
            "person": (patient.name, patient.given_name, patient.birth_date, patient.language, patient.time_zone),
            "medicines": sorted(
                (each.name, json.dumps(each.dosage), str(dict(each.purpose or {}).get("en"))) for each in medicines
            ),
            "visits": [
                (each.starts_at, each.ends_at, each.status, each.participation, each.description) for each in visits
            ],
            "consents": [
                (
                    session.get_one(RelatedPerson, each.related_person_id).name,
                    each.relationship_code,
                    sorted(each.scopes),
                    each.given_at,
                    each.expires_at,
                )
                for each in consents
            ],
        }


def test_a_consent_that_was_revoked_is_told_and_takes_effect_elsewhere(
    clinic: Clinic, cast: Cast, tmp_path: Path
) -> None:
    (given,) = clinic.rows(Consent)
    clinic.change(Consent, given.id, revoked_at=clinic.clock.now() - timedelta(days=1))
    document, page = export(clinic, cast.amina, tmp_path)
    (told,) = of_kind(document, "Consent")
    assert told["status"] == "inactive"
    assert "Stopped on" in page


def test_the_page_speaks_the_patients_language_in_its_direction_and_loads_nothing(
    clinic: Clinic, filled: Cast, tmp_path: Path
) -> None:
    clinic.change(Patient, filled.amina, language="ar")
    _, page = export(clinic, filled.amina, tmp_path)
    assert '<html lang="ar" dir="rtl">' in page
    assert "<h2>الأدوية</h2>" in page
    assert not re.search(r"<script|<link|<img|url\(|@import|http://|https://(?!hospital)", page)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_person_with_twenty_thousand_messages_gets_them_all(clinic: Clinic, cast: Cast, tmp_path: Path) -> None:
    with clinic.database.write() as session:
        first = write(clinic, session, AMINA, "message 0")
        session.add_all(copies(first, 20_000))
    document, page = export(clinic, cast.amina, tmp_path)
    assert len(of_kind(document, "Communication")) == 20_001
    assert page.count("message ") >= 20_001


def copies(first: Communication, count: int) -> list[Record]:
    return [
        Communication(
            conversation_id=first.conversation_id,
            channel=first.channel,
            direction=first.direction,
            author=first.author,
            status=first.status,
            provider_id=f"copy-{number}",
            body=f"message {number}",
            detail=first.detail,
            language="en",
            created_at=first.created_at + timedelta(minutes=number),
            next_attempt_at=first.created_at,
        )
        for number in range(count)
    ]
