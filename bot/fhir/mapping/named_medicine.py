"""medication[x]: how a prescription or what a pharmacy handed over names the medicine."""

from collections.abc import Mapping
from typing import Any

from bot.fhir.taking import Rejected, Taking, words_of


def names_of(taking: Taking) -> tuple[str, list[str]]:
    """The name as it is written, and the other names of its codes. Raises Rejected when there is none."""
    resource = taking.resource
    reference = resource.get("medicationReference")
    concept = resource.get("medicationCodeableConcept") or _referenced(taking, reference)
    name = words_of(concept) or (reference or {}).get("display")
    if not name:
        element = "medicationReference" if reference else "medicationCodeableConcept"
        raise Rejected(f"{taking.kind}.{element}", "names no medicine in words")
    displays = [coding["display"] for coding in (concept or {}).get("coding", []) if "display" in coding]
    return name, [other for other in dict.fromkeys(displays) if other != name]


def _referenced(taking: Taking, reference: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The code of a contained Medication or of one that stands apart."""
    text = str((reference or {}).get("reference", ""))
    if text.startswith("#"):
        inside = taking.resource.get("contained", ())
        return next((each.get("code") for each in inside if each.get("id") == text[1:]), None)
    medication = taking.identities.document("Medication", taking.fhir_id(reference, "Medication"))
    return None if medication is None else medication.get("code")
