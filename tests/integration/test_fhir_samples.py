"""Records of a public generator, where they are at hand: all is taken, and what is said is what the bundle says."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.care.medications import current_medicines
from bot.domain.enums import Disclosure
from bot.fhir.importing import TAKE
from bot.fhir.report import Outcome
from bot.records import Encounter, FhirResource, Patient
from tests.support.clinic import Clinic
from tests.support.fhir import take

SAMPLES = sorted((Path(__file__).resolve().parents[3] / "shared" / "data" / "fhir").glob("*.json"))

pytestmark = pytest.mark.skipif(not SAMPLES, reason="the sample records are not beside the checkout")


def read_independently(bundle: dict[str, Any]) -> tuple[str, list[str]]:
    """The patient's id and a line for each active medicine, put together by hand from the shapes of these bundles."""
    resources = [entry["resource"] for entry in bundle["entry"]]
    (patient,) = (each for each in resources if each["resourceType"] == "Patient")
    active = [each for each in resources if each["resourceType"] == "MedicationRequest" and each["status"] == "active"]
    active.sort(key=lambda each: each["authoredOn"])
    return patient["id"], [f"{each['medicationCodeableConcept']['text']}: {dose_of(each)}" for each in active]


def dose_of(request: dict[str, Any]) -> str:
    match request.get("dosageInstruction"):
        case [{"asNeededBoolean": True, **rest}] if "timing" not in rest and "doseAndRate" not in rest:
            return "only when needed"
        case [{"doseAndRate": [{"doseQuantity": {"unit": _}}]}]:
            pytest.fail("these bundles name no units; read them here, too")
        case _:  # no dose at all, or "1" of nothing in particular
            return "the full dose is not in the record; please ask the clinic"


def is_read(resource: dict[str, Any]) -> bool:
    """Of encounters only the stays: in these bundles the classes are AMB, EMER and IMP, of one code system."""
    return resource["resourceType"] != "Encounter" or resource["class"]["code"] in ("EMER", "IMP")


def test_every_resource_is_taken_or_counted(clinic: Clinic, tmp_path: Path) -> None:
    report = take(clinic, tmp_path, *(path.read_bytes() for path in SAMPLES))
    assert report.total(Outcome.REJECTED) == 0
    entries = [entry["resource"] for path in SAMPLES for entry in json.loads(path.read_text("utf-8"))["entry"]]
    assert sum(report.total(outcome) for outcome in (Outcome.NEW, Outcome.NOT_READ)) == len(entries)
    wanted = {(each["resourceType"], each["id"]) for each in entries if each["resourceType"] in TAKE and is_read(each)}
    with clinic.database.read() as session:
        stored = {(each.resource_type, each.fhir_id) for each in session.scalars(select(FhirResource))}
        stays = Counter(each.class_code for each in session.scalars(select(Encounter)))
    assert stored == wanted
    assert stays == Counter(
        each["class"]["code"] for each in entries if each["resourceType"] == "Encounter" and is_read(each)
    )
    assert {remark.reason.split(",")[0] for remark in report.remarks} == {"is no mobile number"}


def test_the_answer_about_their_medicines_is_what_the_bundle_says(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, *(path.read_bytes() for path in SAMPLES))
    for path in SAMPLES:
        fhir_id, lines = read_independently(json.loads(path.read_text("utf-8")))
        with clinic.database.read() as session:
            entry = session.scalars(select(FhirResource).where(FhirResource.fhir_id == fhir_id)).one()
            assert entry.local_id is not None
            medicines = current_medicines(session, entry.local_id)
        items = [["medication_line", {"name": each.name, "dosage": list(each.dosage)}] for each in medicines]
        params = {"count": len(items), "items": items}
        text = clinic.parts.words.render("medication_list", params, "en", Disclosure.FULL).text
        assert text.splitlines()[1:] == lines, path.name


def test_who_has_died_is_who_died_in_the_bundles(clinic: Clinic, tmp_path: Path) -> None:
    take(clinic, tmp_path, *(path.read_bytes() for path in SAMPLES))
    entries = [entry["resource"] for path in SAMPLES for entry in json.loads(path.read_text("utf-8"))["entry"]]
    told = {each["id"]: each.get("deceasedDateTime") for each in entries if each["resourceType"] == "Patient"}
    with clinic.database.read() as session:
        for fhir_id, died in told.items():
            entry = session.scalars(select(FhirResource).where(FhirResource.fhir_id == fhir_id)).one()
            patient = session.get_one(Patient, entry.local_id)
            assert patient.deceased_at == (None if died is None else datetime.fromisoformat(died))
            assert patient.active is (died is None)
