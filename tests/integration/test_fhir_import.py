"""Records of other systems come in whole or are named with the reason; the same again changes nothing."""

import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.care.medications import current_medicines
from bot.domain.enums import (
    AppointmentStatus,
    ConsentScope,
    MedicationRequestStatus,
    ParticipationStatus,
    SlotStatus,
)
from bot.fhir.mapping.medications import STATUS_CHANGED
from bot.fhir.report import Outcome
from bot.fhir.sources import ImportRefused
from bot.records import (
    Appointment,
    Consent,
    ContactPoint,
    FhirResource,
    Location,
    MedicationRequest,
    MedicationRequestVersion,
    Patient,
    Practitioner,
    Record,
    RelatedPerson,
    Slot,
    Timer,
)
from tests.support.clinic import Clinic
from tests.support.fhir import (
    AMINA_PHONE,
    BRUNO_PHONE,
    amina,
    bundle,
    dosage,
    everything_stored,
    metformin,
    nguyen,
    resource,
    riverside,
    said,
    take,
    to,
    visit,
)

EVERYTHING = (amina(), nguyen(), riverside(), metformin(), visit())


def rows(clinic: Clinic, table: type[Record]) -> list[Any]:
    with clinic.database.read() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def test_a_bundle_becomes_a_record_that_answers(clinic: Clinic, tmp_path: Path) -> None:
    report = take(clinic, tmp_path, bundle(*EVERYTHING))
    assert report.remarks == []
    assert report.total(Outcome.NEW) == 5
    (patient,) = rows(clinic, Patient)
    assert (patient.name, patient.given_name) == ("Mrs. Amina Diallo", "Amina")
    assert patient.birth_date == date(1958, 3, 2)
    assert (patient.language, patient.time_zone, patient.country) == ("es", "America/New_York", "US")
    assert not patient.dose_reminders
    (contact,) = rows(clinic, ContactPoint)
    assert (contact.address, contact.patient_id, contact.verified_at) == (AMINA_PHONE, patient.id, None)
    (practitioner,), (location,) = rows(clinic, Practitioner), rows(clinic, Location)
    assert practitioner.name == "Dr. Linh Nguyen"
    assert (location.address, location.phone) == ("48 Harbor Street, Boston MA", "+12125550100")
    (booked,) = rows(clinic, Appointment)
    assert (booked.practitioner_id, booked.location_id) == (practitioner.id, location.id)
    assert booked.starts_at == datetime(2026, 11, 26, 15, 30, tzinfo=UTC)
    assert booked.description == {"en": "check-up"}
    with clinic.database.read() as session:
        (medicine,) = current_medicines(session, patient.id)
    assert medicine.name == "metformin 500 MG Oral Tablet"
    assert list(medicine.dosage) == [dosage()]
    assert medicine.authored_at == datetime(2026, 5, 4, 5, tzinfo=UTC)  # midnight in Chicago, the deployment's zone


def test_references_may_be_urns_urls_or_identifiers(clinic: Clinic, tmp_path: Path) -> None:
    doctor = {**nguyen(), "identifier": [{"system": "https://example.org/npi", "value": "7"}]}
    actors = (
        {"reference": "urn:uuid:amina"},
        {"reference": "Practitioner?identifier=https://example.org/npi|7"},
        {"reference": "https://ehr.example.org/fhir/Location/riverside/_history/2"},
    )
    participant = [{"actor": actor, "status": "accepted"} for actor in actors]
    report = take(clinic, tmp_path, bundle(visit(participant=participant), riverside(), doctor, amina()))
    assert report.remarks == []
    (booked,), (practitioner,), (location,) = (
        rows(clinic, Appointment),
        rows(clinic, Practitioner),
        rows(clinic, Location),
    )
    assert (booked.practitioner_id, booked.location_id) == (practitioner.id, location.id)


def test_her_phone_is_known_and_her_visit_is_reminded_of(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(*EVERYTHING))
    keys = [timer.unique_key for timer in rows(clinic, Timer)]
    assert any(key.startswith("appointment:") for key in keys)
    assert not any(key.startswith("dose:") for key in keys)  # nobody asked to be reminded of doses


def test_the_same_again_changes_nothing(clinic: Clinic, tmp_path: Path) -> None:
    partly = metformin(priorPrescription=to("MedicationRequest", "never-came"))
    take(clinic, tmp_path, bundle(*EVERYTHING[:3], partly, visit()))
    before = everything_stored(clinic)
    report = take(clinic, tmp_path, bundle(*EVERYTHING[:3], partly, visit()))
    assert everything_stored(clinic) == before
    assert report.total(Outcome.UNCHANGED) == 5
    assert said(report, rejected=False) == [("MedicationRequest/metformin", "MedicationRequest.priorPrescription")]


def test_the_order_of_files_and_entries_does_not_matter(clinic: Clinic, tmp_path: Path) -> None:
    newer = metformin(priorPrescription=to("MedicationRequest", "older"))
    older = {**metformin(status="stopped"), "id": "older"}
    report = take(clinic, tmp_path, bundle(visit(), newer, older), bundle(riverside(), nguyen(), amina()))
    assert report.remarks == []
    by_status = {each.status: each for each in rows(clinic, MedicationRequest)}
    active = by_status[MedicationRequestStatus.ACTIVE]
    assert active.replaces_id == by_status[MedicationRequestStatus.STOPPED].id


def test_a_newer_version_updates_and_leaves_history(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(amina(), nguyen(), metformin(meta={"lastUpdated": "2026-05-04T12:00:00Z"})))
    twice = [dosage(text="Take 2 tablets daily", doseAndRate=[{"doseQuantity": {"value": 2, "unit": "tablet"}}])]
    changed = metformin(
        meta={"lastUpdated": "2026-11-02T12:00:00Z"},
        dosageInstruction=twice,
        statusReason={"text": "sugar still too high"},
    )
    report = take(clinic, tmp_path, bundle(changed))
    assert report.counts["MedicationRequest", Outcome.UPDATED] == 1
    (request,), (version,) = rows(clinic, MedicationRequest), rows(clinic, MedicationRequestVersion)
    assert (request.version, request.dosage_instruction) == (2, twice)
    assert (version.version, version.dosage_instruction) == (1, [dosage()])
    assert version.medication_request_id == request.id
    assert version.replaced_at == datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert version.replaced_by_id == request.practitioner_id
    assert json.loads(str(version.change_reason_json)) == {"en": "sugar still too high"}


def test_the_day_on_which_a_prescription_was_stopped_is_kept_where_the_source_tells_it(
    clinic: Clinic, tmp_path: Path
) -> None:
    day = [{"url": STATUS_CHANGED, "valueDateTime": "2026-09-01"}]
    take(clinic, tmp_path, bundle(amina(), nguyen(), metformin(status="stopped", extension=day)))
    (request,) = rows(clinic, MedicationRequest)
    assert request.stopped_at == datetime(2026, 9, 1, 5, tzinfo=UTC)


def test_an_older_version_does_not_undo_a_newer_one(clinic: Clinic, tmp_path: Path) -> None:
    stopped = metformin(status="stopped", meta={"lastUpdated": "2026-11-02T12:00:00Z"})
    take(clinic, tmp_path, bundle(amina(), nguyen(), stopped))
    report = take(clinic, tmp_path, bundle(metformin(meta={"lastUpdated": "2026-05-04T12:00:00Z"})))
    assert said(report, rejected=True) == [("MedicationRequest/metformin", "MedicationRequest.meta.lastUpdated")]
    assert [each.status for each in rows(clinic, MedicationRequest)] == [MedicationRequestStatus.STOPPED]


def test_a_moved_visit_is_asked_about_anew_and_an_answer_is_not_forgotten(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(*EVERYTHING))
    with clinic.database.write() as session:
        session.scalars(select(Appointment)).one().participation = ParticipationStatus.ACCEPTED
    take(clinic, tmp_path, bundle(visit(description="yearly check-up")))
    (told,) = rows(clinic, Appointment)
    assert (told.version, told.participation) == (1, ParticipationStatus.ACCEPTED)
    take(clinic, tmp_path, bundle(visit(start="2026-11-27T10:30:00-05:00", end="2026-11-27T11:00:00-05:00")))
    (moved,) = rows(clinic, Appointment)
    assert (moved.version, moved.participation) == (2, ParticipationStatus.NEEDS_ACTION)
    keys = [timer.unique_key for timer in rows(clinic, Timer) if timer.status == "pending"]
    assert all(f"{moved.id}:v2:" in key for key in keys if key.startswith("appointment:"))


def test_a_cancelled_visit_is_reminded_of_no_more(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(*EVERYTHING))
    take(clinic, tmp_path, bundle(visit(status="cancelled")))
    assert [each.status for each in rows(clinic, Appointment)] == [AppointmentStatus.CANCELLED]
    assert not [timer for timer in rows(clinic, Timer) if timer.status == "pending" and "appointment" in timer.kind]


def test_only_a_mobile_number_in_use_is_texted(clinic: Clinic, tmp_path: Path) -> None:
    telecom = [
        {"system": "phone", "use": "home", "value": "212-555-0181"},
        {"system": "phone", "use": "mobile", "value": "212-555-0182", "period": {"end": "2020-01-01"}},
        {"system": "phone", "use": "mobile", "value": "call me"},
        {"system": "email", "value": "amina@example.org"},
        {"system": "sms", "value": AMINA_PHONE},
    ]
    report = take(clinic, tmp_path, bundle(amina(telecom=telecom)))
    assert [each.address for each in rows(clinic, ContactPoint)] == [AMINA_PHONE]
    assert [path for _, path in said(report, rejected=False)] == [f"Patient.telecom[{place}]" for place in range(3)]


def test_a_number_that_the_source_names_no_longer_is_hers_no_longer(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(amina()))
    other = [{"system": "phone", "use": "mobile", "value": "212-555-0191"}]
    take(clinic, tmp_path, bundle(amina(telecom=other)))
    assert [each.address for each in rows(clinic, ContactPoint)] == ["+12125550191"]


def test_a_caregiver_may_know_what_is_permitted_and_nothing_else(clinic: Clinic, tmp_path: Path) -> None:
    bruno = resource(
        "RelatedPerson",
        "bruno",
        patient=to("Patient", "amina"),
        name=[{"text": "Bruno Diallo", "given": ["Bruno"]}],
        telecom=[{"system": "sms", "value": BRUNO_PHONE}],
    )
    provision = {
        "type": "permit",
        "period": {"end": "2027-01-31"},
        "actor": [{"role": {"coding": [{"code": "SON"}]}, "reference": to("RelatedPerson", "bruno")}],
        "class": [{"code": "Appointment"}, {"code": "Observation"}],
    }
    consent = resource(
        "Consent",
        "consent",
        status="active",
        scope={"coding": [{"code": "patient-privacy"}]},
        patient=to("Patient", "amina"),
        dateTime="2026-01-05",
        provision=provision,
    )
    report = take(clinic, tmp_path, bundle(consent, bruno, amina()))
    assert said(report, rejected=False) == [("Consent/consent", "Consent.provision.class")]
    (person,), (given,) = rows(clinic, RelatedPerson), rows(clinic, Consent)
    assert (given.related_person_id, given.relationship_code) == (person.id, "SON")
    now = clinic.clock.now()
    assert given.permits(ConsentScope.APPOINTMENTS, now)
    assert not given.permits(ConsentScope.MEDICATIONS, now)
    assert given.permits(ConsentScope.APPOINTMENTS, datetime(2027, 1, 31, 22, tzinfo=UTC))
    assert not given.permits(ConsentScope.APPOINTMENTS, datetime(2027, 2, 1, 7, tzinfo=UTC))
    take(clinic, tmp_path, bundle({**consent, "status": "inactive"}))
    assert not rows(clinic, Consent)[0].permits(ConsentScope.APPOINTMENTS, now + timedelta(seconds=1))


def test_a_consent_until_the_end_of_time_has_no_end_and_breaks_no_import_off(clinic: Clinic, tmp_path: Path) -> None:
    bruno = resource("RelatedPerson", "bruno", patient=to("Patient", "amina"), name=[{"text": "Bruno"}])
    provision = {"type": "permit", "actor": [{"reference": to("RelatedPerson", "bruno")}]}
    given = {
        "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "patient": to("Patient", "amina"),
    }
    ends = {"day": "9999-12-31", "second": "9999-12-31T23:59:59-05:00"}
    consents = (
        resource("Consent", fhir_id, **given, provision={**provision, "period": {"end": end}})
        for fhir_id, end in ends.items()
    )
    report = take(clinic, tmp_path, bundle(amina(), bruno, *consents))
    assert said(report, rejected=True) == [("Consent/second", "Consent.provision.period.end")]
    assert [each.expires_at for each in rows(clinic, Consent)] == [None]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"scope": {"coding": [{"code": "research"}]}}, "Consent.scope"),
        ({"provision": {"type": "permit"}}, "Consent.provision.actor"),
        (
            {
                "provision": {
                    "type": "permit",
                    "actor": [{"reference": to("RelatedPerson", "bruno")}],
                    "period": {"end": "2027"},
                }
            },
            "Consent.provision.period.end",
        ),
        (
            {
                "provision": {
                    "type": "permit",
                    "actor": [{"reference": to("RelatedPerson", "bruno")}],
                    "provision": [{"type": "deny"}],
                }
            },
            "Consent.provision.provision",
        ),
    ],
)
def test_a_consent_that_is_not_wholly_understood_opens_nothing(
    clinic: Clinic, tmp_path: Path, wrong: dict[str, Any], path: str
) -> None:
    bruno = resource("RelatedPerson", "bruno", patient=to("Patient", "amina"), name=[{"text": "Bruno"}])
    own = {
        "status": "active",
        "scope": {"coding": [{"code": "patient-privacy"}]},
        "patient": to("Patient", "amina"),
        **wrong,
    }
    own.setdefault("provision", {"type": "permit", "actor": [{"reference": to("RelatedPerson", "bruno")}]})
    report = take(clinic, tmp_path, bundle(amina(), bruno, resource("Consent", "consent", **own)))
    assert said(report, rejected=True) == [("Consent/consent", path)]
    assert rows(clinic, Consent) == []


def test_a_slot_can_be_booked_where_its_schedule_says_who_and_where(clinic: Clinic, tmp_path: Path) -> None:
    role = resource(
        "PractitionerRole",
        "role",
        practitioner=to("Practitioner", "nguyen"),
        location=[to("Location", "riverside")],
        specialty=[{"text": "primary care"}],
    )
    schedule = resource("Schedule", "schedule", actor=[to("PractitionerRole", "role")])
    nowhere = resource("Schedule", "nowhere", actor=[to("Practitioner", "nguyen")])
    times = {"status": "free", "start": "2026-12-01T09:00:00-05:00", "end": "2026-12-01T09:30:00-05:00"}
    slot = resource("Slot", "slot", schedule=to("Schedule", "schedule"), **times)
    lost = resource("Slot", "lost", schedule=to("Schedule", "nowhere"), **times)
    report = take(clinic, tmp_path, bundle(slot, lost, schedule, nowhere, role, nguyen(), riverside()))
    assert said(report, rejected=True) == [("Slot/lost", "Slot.schedule")]
    (free,), (practitioner,) = rows(clinic, Slot), rows(clinic, Practitioner)
    assert (free.practitioner_id, free.starts_at) == (practitioner.id, datetime(2026, 12, 1, 14, tzinfo=UTC))
    assert practitioner.specialty == {"en": "primary care"}


def test_a_virtual_place_gives_the_link_of_the_visit(clinic: Clinic, tmp_path: Path) -> None:
    video = riverside(
        physicalType={"coding": [{"code": "vi"}]}, telecom=[{"system": "url", "value": "https://video.example.org/1"}]
    )
    take(clinic, tmp_path, bundle(amina(), nguyen(), video, visit()))
    (booked,) = rows(clinic, Appointment)
    assert (booked.telehealth_url, booked.location_id) == ("https://video.example.org/1", None)


@pytest.mark.parametrize(
    "named",
    [
        {
            "medicationReference": {"reference": "#inside"},
            "contained": [{"resourceType": "Medication", "id": "inside"}],
        },
        {"medicationReference": to("Medication", "apart")},
        {"medicationReference": {"reference": "Medication/elsewhere", "display": "lisinopril 10 MG"}},
        {"medicationCodeableConcept": {"coding": [{"display": "lisinopril 10 MG"}]}},
    ],
)
def test_a_medicine_is_named_wherever_its_name_stands(clinic: Clinic, tmp_path: Path, named: dict[str, Any]) -> None:
    code = {"text": "lisinopril 10 MG"}
    for inside in named.get("contained", ()):
        inside["code"] = code
    request = {name: value for name, value in metformin(**named).items() if name != "medicationCodeableConcept"} | named
    take(clinic, tmp_path, bundle(amina(), nguyen(), request, resource("Medication", "apart", code=code)))
    assert [each.medication for each in rows(clinic, MedicationRequest)] == ["lisinopril 10 MG"]


def test_what_it_is_for_stands_in_the_condition(clinic: Clinic, tmp_path: Path) -> None:
    condition = resource("Condition", "sugar", subject=to("Patient", "amina"), code={"text": "type 2 diabetes"})
    take(clinic, tmp_path, bundle(metformin(reasonReference=[to("Condition", "sugar")]), condition, amina(), nguyen()))
    (request,) = rows(clinic, MedicationRequest)
    assert json.loads(str(request.purpose_json)) == {"en": "type 2 diabetes"}


@pytest.mark.parametrize(
    ("broken", "kept"),
    [
        ([dosage(timing={"repeat": {**{"frequency": 1, "period": 1}, "periodUnit": "fortnight"}})], True),
        ([dosage(), dosage(timing={"repeat": {"when": ["BREAKFAST"]}}, text="and 1 at breakfast")], True),
        ([{"timing": {"repeat": {"frequency": "two"}}}], False),
        ("one a day", False),
    ],
)
def test_half_a_dose_is_no_dose(clinic: Clinic, tmp_path: Path, broken: Any, kept: bool) -> None:
    """The clinician's words stay, all of them; without words nothing is said of the dose."""
    report = take(clinic, tmp_path, bundle(amina(), nguyen(), metformin(dosageInstruction=broken)))
    (request,) = rows(clinic, MedicationRequest)
    assert request.dosage_instruction == ([{"text": each["text"]} for each in broken] if kept else [])
    assert [path.startswith("MedicationRequest.dosageInstruction") for _, path in said(report, rejected=False)] == [
        True
    ]


REJECTED = [
    (metformin(status="nope"), "MedicationRequest.status"),
    (metformin(status=None), "MedicationRequest.status"),
    (metformin(intent="proposal"), "MedicationRequest.intent"),
    (metformin(doNotPerform=True), "MedicationRequest.doNotPerform"),
    (metformin(modifierExtension=[{"url": "https://example.org/not"}]), "MedicationRequest.modifierExtension"),
    (metformin(subject=to("Patient", "nobody")), "MedicationRequest.subject"),
    (metformin(subject="Patient/amina"), "MedicationRequest.subject"),
    (
        metformin(medicationCodeableConcept={"coding": [{"code": "860975"}]}),
        "MedicationRequest.medicationCodeableConcept",
    ),
    (visit(start="2026-11-26T10:30:00"), "Appointment.start"),
    (visit(end="2026-11-26T10:00:00-05:00"), "Appointment.end"),
    (visit(participant=[{"actor": to("Practitioner", "nguyen"), "status": "accepted"}]), "Appointment.participant"),
    (visit(status="maybe"), "Appointment.status"),
    ({**amina(), "id": "other", "name": "Amina"}, "Patient.name"),
    ({**amina(), "id": "other", "name": [{"use": "old", "text": "Amina"}]}, "Patient.name"),
    ({**amina(), "id": "other", "name": [{"text": "A\u0000"}]}, "Patient"),
]


@pytest.mark.parametrize(("broken", "path"), REJECTED, ids=[path for _, path in REJECTED])
def test_what_is_wrong_is_rejected_with_its_path_and_the_rest_is_imported(
    clinic: Clinic, tmp_path: Path, broken: dict[str, Any], path: str
) -> None:
    report = take(clinic, tmp_path, bundle(amina(), nguyen(), riverside(), broken))
    assert said(report, rejected=True) == [(f"{broken['resourceType']}/{broken['id']}", path)]
    assert [patient.given_name for patient in rows(clinic, Patient)] == ["Amina"]
    kinds = {each.resource_type for each in rows(clinic, FhirResource)}
    assert kinds == {"Patient", "Practitioner", "Location"}


def test_two_patients_cannot_have_one_record_number(clinic: Clinic, tmp_path: Path) -> None:
    number = [{"type": {"coding": [{"code": "MR"}]}, "system": "https://example.org/mrn", "value": "123"}]
    report = take(clinic, tmp_path, bundle(amina(identifier=number), {**amina(identifier=number), "id": "double"}))
    assert said(report, rejected=True) == [("Patient/double", "Patient.identifier[0]")]
    assert len(rows(clinic, Patient)) == len(rows(clinic, ContactPoint)) == 1


def test_one_id_with_two_contents_is_taken_once_and_said(clinic: Clinic, tmp_path: Path) -> None:
    report = take(clinic, tmp_path, bundle(amina(), amina(birthDate="1960-01-01")))
    assert said(report, rejected=True) == [("Patient/amina", "Patient.id")]
    assert [patient.birth_date for patient in rows(clinic, Patient)] == [date(1958, 3, 2)]


@pytest.mark.parametrize("entry", [{"resource": "Patient"}, "Patient", {}, {"resource": {"id": "1"}}])
def test_an_entry_without_a_resource_is_said(clinic: Clinic, tmp_path: Path, entry: Any) -> None:
    document = bundle(amina())
    document["entry"].append(entry)
    report = take(clinic, tmp_path, document)
    assert [(remark.place, remark.rejected) for remark in report.remarks] == [("entry[1]", True)]
    assert len(rows(clinic, Patient)) == 1


GOOD = json.dumps(bundle(*EVERYTHING)).encode()


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (GOOD[:-40], "breaks off"),
        (b"<Bundle xmlns='http://hl7.org/fhir'/>", "XML"),
        (b"", "empty"),
        (b"[1, 2]", "no FHIR resource"),
        (b'{"resourceType": "Bundle", "entry": [nonsense]}', "no JSON"),
        (b'{"resourceType": "Bundle", "entry": ["\xff"]}', "no JSON"),
        (b"%PDF-1.7", "no JSON"),
    ],
)
def test_a_broken_file_stops_the_import_before_anything_is_written(
    clinic: Clinic, tmp_path: Path, broken: bytes, why: str
) -> None:
    with pytest.raises(ImportRefused, match=why):
        take(clinic, tmp_path, GOOD, broken)
    assert rows(clinic, Patient) == []
    assert rows(clinic, FhirResource) == []


def test_a_bulk_export_in_a_zip_is_read_line_by_line(clinic: Clinic, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for each in EVERYTHING:
            archive.writestr(f"{each['resourceType']}.ndjson", json.dumps(each) + "\n\n")
    report = take(clinic, tmp_path, (tmp_path / "export.zip").read_bytes(), name="export.zip")
    assert report.total(Outcome.NEW) == 5
    assert report.remarks == []


def test_a_truncated_line_says_which(clinic: Clinic, tmp_path: Path) -> None:
    lines = b"\n".join((json.dumps(amina()).encode(), json.dumps(nguyen()).encode()[:-5]))
    with pytest.raises(ImportRefused, match="line 2"):
        take(clinic, tmp_path, lines, name="Patient.ndjson")
    assert rows(clinic, Patient) == []


def test_types_without_use_are_counted_and_not_read(clinic: Clinic, tmp_path: Path) -> None:
    report = take(clinic, tmp_path, bundle(amina(), resource("Observation", "weight", status="final")))
    assert report.counts["Observation", Outcome.NOT_READ] == 1
    assert report.remarks == []


def test_a_kept_resource_of_the_wrong_shape_does_not_stop_those_that_refer_to_it(
    clinic: Clinic, tmp_path: Path
) -> None:
    odd = (
        resource("Organization", "group", name="Riverside Group", telecom="212-555-0100"),
        resource("Condition", "sugar", subject=to("Patient", "amina"), code="diabetes"),
        resource("PractitionerRole", "role", practitioner=to("Practitioner", "nguyen"), location="riverside"),
        resource("Schedule", "week", actor=[to("PractitionerRole", "role")]),
    )
    those = (
        riverside(telecom=None, managingOrganization=to("Organization", "group")),
        metformin(reasonReference=[to("Condition", "sugar")]),
        resource(
            "Slot",
            "free",
            schedule=to("Schedule", "week"),
            status="free",
            start="2026-11-27T10:00:00-05:00",
            end="2026-11-27T10:30:00-05:00",
        ),
    )
    report = take(clinic, tmp_path, bundle(amina(), nguyen(), *odd, *those))
    assert said(report, rejected=True) == [("Slot/free", "Slot.schedule")]
    assert set(said(report, rejected=False)) == {
        ("Organization/group", "Organization.telecom"),
        ("Condition/sugar", "Condition.code"),
        ("PractitionerRole/role", "PractitionerRole.location"),
        ("MedicationRequest/metformin", "MedicationRequest.reasonReference"),
    }
    [place] = rows(clinic, Location)
    assert place.phone == "+12125550100"


SLOT = {
    "status": "free",
    "schedule": to("Schedule", "week"),
    "start": "2026-11-27T10:00:00-05:00",
    "end": "2026-11-27T10:30:00-05:00",
}
WEEK = resource("Schedule", "week", actor=[to("Practitioner", "nguyen"), to("Location", "riverside")])


def test_a_time_that_was_taken_here_stays_taken_whatever_the_source_says_of_it(clinic: Clinic, tmp_path: Path) -> None:
    base = (amina(), nguyen(), riverside(), WEEK)
    take(clinic, tmp_path, bundle(visit(slot=[to("Slot", "ten")]), *base, resource("Slot", "ten", **SLOT)))
    [booked], [time] = rows(clinic, Appointment), rows(clinic, Slot)
    assert (booked.slot_id, time.status) == (time.id, SlotStatus.FREE)
    take(clinic, tmp_path, bundle(*base, resource("Slot", "ten", **SLOT, overbooked=False)))
    assert rows(clinic, Slot)[0].status is SlotStatus.BUSY
    clinic.change(Appointment, booked.id, status=AppointmentStatus.CANCELLED)
    take(clinic, tmp_path, bundle(*base, resource("Slot", "ten", **SLOT)))
    assert rows(clinic, Slot)[0].status is SlotStatus.FREE


@pytest.mark.parametrize(
    ("position", "stored"),
    [
        ({"latitude": 42.36, "longitude": -71.06}, (42.36, -71.06)),
        ({"latitude": 42.36}, (None, None)),
        ({"latitude": 142.36, "longitude": -71.06}, (None, None)),
    ],
)
def test_where_a_place_is_comes_in_when_it_is_on_the_globe(
    clinic: Clinic, tmp_path: Path, position: dict[str, float], stored: tuple[float | None, float | None]
) -> None:
    report = take(clinic, tmp_path, bundle(riverside(position=position)))
    [place] = rows(clinic, Location)
    assert (place.latitude, place.longitude) == stored
    assert (("Location/riverside", "Location.position") in said(report, rejected=False)) is (stored == (None, None))


def test_a_prescription_without_a_day_is_not_said_to_have_one(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(amina(), nguyen(), metformin(authoredOn=None)))
    assert not rows(clinic, MedicationRequest)[0].dated
    take(clinic, tmp_path, bundle(metformin()))
    assert rows(clinic, MedicationRequest)[0].dated
