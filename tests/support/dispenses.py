"""What a pharmacy handed to Amina as FHIR R4 resources."""

from typing import Any

from tests.support.fhir import Resource, resource, to


def dispense(fhir_id: str = "dispense", **elements: Any) -> Resource:
    """Metformin for thirty days, on the second of November."""
    own = {
        "status": "completed",
        "subject": to("Patient", "amina"),
        "medicationCodeableConcept": {
            "text": "metformin 500 MG Oral Tablet",
            "coding": [{"code": "860975", "display": "metformin hydrochloride 500 MG Oral Tablet"}],
        },
        "authorizingPrescription": [to("MedicationRequest", "metformin")],
        "quantity": {"value": 60, "unit": "tablet"},
        "daysSupply": {"value": 30, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"},
        "whenPrepared": "2026-11-01",
        "whenHandedOver": "2026-11-02T15:10:00-05:00",
    }
    return resource("MedicationDispense", fhir_id, **{**own, **elements})
