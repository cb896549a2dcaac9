"""Stays in a hospital and what pharmacies handed over belong to a person's own file, and come in again elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.care.stays import in_hospital, last_discharge
from bot.care.supply import coverage, supplies
from bot.domain.clock import zone
from bot.fhir.elements import check
from bot.fhir.report import Outcome
from bot.records import Encounter, MedicationDispense, MedicationRequest, Patient
from tests.support.clinic import Clinic, settings_in
from tests.support.clock import NOW
from tests.support.dispenses import dispense
from tests.support.fhir import amina, bundle, metformin, nguyen, take, to
from tests.support.fhir_export import export, of_kind
from tests.support.stays import stay

OVER = {"start": "2026-10-03T09:30:00-04:00", "end": "2026-10-09T16:00:00-04:00"}
LIVES_THERE = (
    amina(communication=[{"language": {"coding": [{"code": "en"}]}}]),
    nguyen(),
    metformin(),
    stay(status="finished", fhir_id="over", period=OVER),
    stay("EMER", "now"),
    stay(fhir_id="planned", status="planned", period={"start": "2027-01-04"}),
    stay(fhir_id="mistake", status="entered-in-error", period=OVER),
    dispense(),
    dispense("early", whenHandedOver="2026-10-10", quantity={"value": 237.5, "unit": "mL"}),
    dispense("waits", status="in-progress", whenHandedOver=None, daysSupply=None, authorizingPrescription=None),
)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Clinic]:
    """An empty clinic with a key of its own."""
    (tmp_path / "new").mkdir()
    new = Clinic(settings_in(tmp_path / "new", f"sqlite:///{tmp_path / 'new' / 'northstar.db'}"))
    yield new
    new.close()


def patient_of(clinic: Clinic) -> Patient:
    (patient,) = clinic.rows(Patient)
    return patient


def told(clinic: Clinic) -> dict[str, Any]:
    """What is known from it, without ids."""
    patient = patient_of(clinic)
    requests = {each.id: each.medication for each in clinic.rows(MedicationRequest)}
    with clinic.database.read() as session:
        handed_over = supplies(session, patient.id)
        fills = [(each.handed_over_at.astimezone(zone(patient.time_zone)).date(), 30) for each in handed_over]
        return {
            "stays": sorted(
                (each.status, each.class_code, str(each.starts_at), str(each.ends_at))
                for each in session.query(Encounter)
            ),
            "dispenses": sorted(
                (
                    *(each.status, each.medication, each.aliases, str(each.handed_over_at), each.days_supply or 0),
                    *(each.quantity, each.quantity_unit, requests.get(each.medication_request_id, "")),
                )
                for each in session.query(MedicationDispense)
            ),
            "there": in_hospital(session, patient.id, NOW),
            "discharged": last_discharge(session, patient.id, NOW),
            "covered": coverage(fills, min(day for day, _ in fills), NOW.date()),
        }


def test_an_empty_clinic_takes_stays_and_supply_in_again(clinic: Clinic, elsewhere: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(*LIVES_THERE))
    document, _ = export(clinic, patient_of(clinic).id, tmp_path)
    for each in document["entry"]:
        assert check(each["resource"]).problems == (), each["resource"]["resourceType"]
    report = take(elsewhere, tmp_path, document)
    assert report.remarks == []
    before = told(clinic)
    assert told(elsewhere) == before
    assert (len(before["stays"]), len(before["dispenses"]), before["there"]) == (4, 3, True)
    assert before["covered"] is not None
    assert before["covered"].days_covered == before["covered"].days == 45


def test_each_stays_as_fhir_writes_it(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(amina(), nguyen(), metformin(), stay(), dispense()))
    document, _ = export(clinic, patient_of(clinic).id, tmp_path)
    (encounter,), (handed,), (request,) = (
        of_kind(document, kind) for kind in ("Encounter", "MedicationDispense", "MedicationRequest")
    )
    assert encounter["class"] == {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}
    assert (encounter["status"], encounter["period"]) == ("in-progress", {"start": "2026-11-21T14:30:00+00:00"})
    assert handed["authorizingPrescription"][0]["reference"] == f"urn:uuid:{request['id']}"
    assert handed["daysSupply"] == {"value": 30, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}
    assert (handed["quantity"], handed["whenHandedOver"]) == (
        {"value": 60, "unit": "tablet"},
        "2026-11-02T20:10:00+00:00",
    )


@pytest.mark.parametrize("code", [{"code": "AMB"}, {"system": "https://ehr.example.org/classes", "code": "IMP"}])
def test_what_turned_out_to_be_no_stay_is_told_and_passed_over_elsewhere(
    clinic: Clinic, elsewhere: Clinic, tmp_path: Path, code: dict[str, str]
) -> None:
    take(clinic, tmp_path, bundle(amina(), stay()))
    take(clinic, tmp_path, bundle(stay(class_=code)))
    document, page = export(clinic, patient_of(clinic).id, tmp_path)
    assert check(of_kind(document, "Encounter")[0]).problems == ()
    assert "Hospital stay</bdi>" not in page
    report = take(elsewhere, tmp_path, document)
    assert (report.is_clean, report.counts["Encounter", Outcome.NOT_READ]) == (True, 1)
    assert elsewhere.rows(Encounter) == []


def test_the_page_lists_them_the_newest_first(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, bundle(*LIVES_THERE))
    _, page = export(clinic, patient_of(clinic).id, tmp_path)
    stays = page[page.index('<section id="stays">') : page.index('<section id="doses">')]
    for words in ("<h2>Hospital stays</h2>", "Emergency room", "November 21, 2026", "Planned", "Called off"):
        assert words in stays, words
    assert stays.index("January 4, 2027") < stays.index("November 21, 2026") < stays.index("October 9, 2026")
    medicines = page[page.index('<section id="medicines">') : page.index('<section id="visits">')]
    handed_over = medicines[medicines.index("<h3>From the pharmacy</h3>") :]
    for words in ("<dd><bdi>30</bdi></dd>", "<dd><bdi>60 tablet</bdi></dd>", "<dd><bdi>237.5 mL</bdi></dd>"):
        assert words in handed_over, words
    assert handed_over.index("November 2, 2026") < handed_over.index("October 10, 2026")
    assert handed_over.count("Not handed over") == 1


def test_the_page_tells_the_day_of_death_or_since_when_it_is_known(clinic: Clinic, tmp_path: Path) -> None:
    for number, (died, words) in enumerate(
        (
            ({"deceasedBoolean": True}, ("Recorded as deceased since", "November 23, 2026")),
            ({"deceasedDateTime": "2026-11-03"}, ("Date of death", "November 3, 2026")),
        )
    ):
        english = [{"language": {"coding": [{"code": "en"}]}}]
        take(clinic, tmp_path, bundle(amina(communication=english, **died)))
        (tmp_path / str(number)).mkdir()
        _, page = export(clinic, patient_of(clinic).id, tmp_path / str(number))
        assert all(word in page for word in words)


def test_nothing_of_another_patient_is_there(clinic: Clinic, tmp_path: Path) -> None:
    rose = {**amina(telecom=None, name=[{"text": "Rose Joseph"}]), "id": "rose"}
    of_rose = to("Patient", "rose")
    take(
        clinic,
        tmp_path,
        bundle(
            *(amina(), rose, stay("EMER", subject=of_rose)),
            dispense(subject=of_rose, authorizingPrescription=None),
        ),
    )
    (hers,) = (each for each in clinic.rows(Patient) if each.name != "Rose Joseph")
    document, page = export(clinic, hers.id, tmp_path)
    assert of_kind(document, "Encounter") == of_kind(document, "MedicationDispense") == []
    assert "metformin" not in page
