"""Amina's stays in a hospital as FHIR R4 resources."""

from typing import Any

from tests.support.fhir import Resource, resource, to

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def stay(code: str | None = "IMP", fhir_id: str = "stay", **elements: Any) -> Resource:
    """Since Saturday morning, and not over."""
    own = {
        "status": "in-progress",
        "class": {"system": ACT_CODE, "code": code},
        "subject": to("Patient", "amina"),
        "period": {"start": "2026-11-21T09:30:00-05:00"},
    }
    return resource("Encounter", fhir_id, **{**own, **elements})
