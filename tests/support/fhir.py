"""The cast as FHIR R4 resources, and an import of them into a clinic."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bot.fhir.importing import Import
from bot.fhir.report import Report
from bot.fhir.sources import find_sources
from bot.fhir.taking import Defaults
from bot.i18n.languages import load_languages
from bot.records import Record
from tests.support.clinic import Clinic

Resource = dict[str, Any]
DEFAULTS = Defaults(
    language="en",
    languages=tuple(load_languages()),
    country="US",
    time_zone="America/Chicago",
    phone="+12125550100",
)
AMINA_PHONE, BRUNO_PHONE = "+12125550171", "+12125550172"


def bundle(*resources: Resource, kind: str = "collection") -> Resource:
    entries = [{"fullUrl": f"urn:uuid:{each.get('id')}", "resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def resource(kind: str, fhir_id: str, **elements: Any) -> Resource:
    """Elements that are None are left out."""
    named = {name.rstrip("_"): value for name, value in elements.items() if value is not None}
    return {"resourceType": kind, "id": fhir_id, **named}


def to(kind: str, fhir_id: str) -> Resource:
    return {"reference": f"{kind}/{fhir_id}"}


def amina(**elements: Any) -> Resource:
    own = {
        "name": [{"use": "official", "given": ["Amina"], "family": "Diallo", "prefix": ["Mrs."]}],
        "birthDate": "1958-03-02",
        "telecom": [{"system": "phone", "use": "mobile", "value": "(212) 555-0171"}],
        "address": [{"city": "Boston", "state": "MA", "country": "US"}],
        "communication": [{"language": {"coding": [{"code": "es-US"}]}, "preferred": True}],
    }
    return resource("Patient", "amina", **{**own, **elements})


def nguyen() -> Resource:
    return resource("Practitioner", "nguyen", name=[{"prefix": ["Dr."], "given": ["Linh"], "family": "Nguyen"}])


def riverside(**elements: Any) -> Resource:
    own = {
        "name": "Riverside Clinic",
        "telecom": [{"system": "phone", "value": "212-555-0100"}],
        "address": {"line": ["48 Harbor Street"], "city": "Boston", "state": "MA", "country": "US"},
    }
    return resource("Location", "riverside", **{**own, **elements})


DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}


def dosage(**elements: Any) -> Resource:
    amount = [{"doseQuantity": {"value": 1, "unit": "tablet"}}]
    return {"text": "Take 1 tablet daily", "timing": {"repeat": DAILY}, "doseAndRate": amount, **elements}


def metformin(**elements: Any) -> Resource:
    own = {
        "status": "active",
        "intent": "order",
        "subject": to("Patient", "amina"),
        "requester": to("Practitioner", "nguyen"),
        "medicationCodeableConcept": {"text": "metformin 500 MG Oral Tablet"},
        "authoredOn": "2026-05-04",
        "dosageInstruction": [dosage()],
    }
    return resource("MedicationRequest", "metformin", **{**own, **elements})


def visit(**elements: Any) -> Resource:
    own = {
        "status": "booked",
        "start": "2026-11-26T10:30:00-05:00",
        "end": "2026-11-26T11:00:00-05:00",
        "description": "check-up",
        "participant": [
            {"actor": to("Patient", "amina"), "status": "needs-action"},
            {"actor": to("Practitioner", "nguyen"), "status": "accepted"},
            {"actor": to("Location", "riverside"), "status": "accepted"},
        ],
    }
    return resource("Appointment", "visit", **{**own, **elements})


def take(clinic: Clinic, folder: Path, *documents: Resource | bytes, name: str = "records.json") -> Report:
    """Import each document from a file of its own."""
    there = folder / "fhir"
    there.mkdir(exist_ok=True)
    for old in there.iterdir():
        old.unlink()
    for number, document in enumerate(documents):
        text = document if isinstance(document, bytes) else json.dumps(document).encode()
        (there / f"{number}-{name}").write_bytes(text)
    run = Import(
        database=clinic.database,
        policies=clinic.parts.policies,
        defaults=DEFAULTS,
        now=clinic.clock.now(),
        origin="files",
        say=lambda what, done, total: None,
    )
    return run.run(find_sources([there]))


def said(report: Report, *, rejected: bool) -> list[tuple[str, str]]:
    """Resource and path of each remark."""
    return [(remark.resource, remark.path) for remark in report.remarks if remark.rejected is rejected]


def everything_stored(clinic: Clinic) -> list[tuple[Any, ...]]:
    """Every value of every table but when and by which run something was looked at."""
    stored: list[tuple[Any, ...]] = []
    with clinic.database.read() as session:
        for table in Record.metadata.sorted_tables:
            kept = [column for column in table.columns if column.name not in {"imported_at", "run_id"}]
            stored += [(table.name, *row) for row in session.execute(select(*kept).order_by(table.c.id))]
    return stored
