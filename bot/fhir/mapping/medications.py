"""MedicationRequest: what is prescribed, as the clinician wrote it; what it said before stays as a version."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.care.medications import ENDED
from bot.domain.enums import MedicationRequestStatus
from bot.fhir.mapping.named_medicine import names_of
from bot.fhir.taking import Rejected, Taking, change, words_of
from bot.fhir.times import read_instant
from bot.records import MedicationRequest, MedicationRequestVersion

# Something that somebody only considers is no prescription.
NOT_ORDERED = ("proposal", "option")
# FHIR R5's MedicationRequest.statusChanged in R4: the day on which a prescription was stopped.
STATUS_CHANGED = "http://hl7.org/fhir/5.0/StructureDefinition/extension-MedicationRequest.statusChanged"
# What a person would be told differently.
SAID = ("status", "medication", "strength", "dosage_instruction")


def take_medication_request(taking: Taking) -> None:
    """A prescription. Raises Rejected."""
    resource = taking.resource
    if resource["intent"] in NOT_ORDERED:
        raise Rejected("MedicationRequest.intent", "is not ordered yet")
    patient_id = taking.patient_id("subject")
    medication, aliases = names_of(taking)
    written_at = _written_at(taking)
    request = taking.row(MedicationRequest)
    values: dict[str, Any] = {
        "patient_id": patient_id,
        "practitioner_id": taking.local_id(resource.get("requester"), "Practitioner"),
        "status": MedicationRequestStatus(resource["status"]),
        "medication": medication,
        "strength": "",
        "aliases": aliases,
        "dosage_instruction": _dosage(taking),
        "authored_at": written_at or (_changed_at(taking) if request is None else request.authored_at),
        "dated": written_at is not None or (request is not None and request.dated),
        "replaces_id": taking.local_id(resource.get("priorPrescription"), "MedicationRequest"),
    }
    if request is None:
        # Where nobody tells when it was stopped before we knew of it, it is said to be stopped, without a day.
        stopped_at = _stopped_at(taking)
        taking.add(MedicationRequest(purpose_json=_purpose(taking), stopped_at=stopped_at, refills_left=None, **values))
    else:
        _update(taking, request, values)
    if "priorPrescription" in resource and values["replaces_id"] is None:
        taking.wait_for("priorPrescription", "MedicationRequest")
    if "numberOfRepeatsAllowed" in resource.get("dispenseRequest", {}):
        path = "dispenseRequest.numberOfRepeatsAllowed"
        taking.remark(path, "says how many refills were allowed, not how many are left; a person is asked for those")


def _update(taking: Taking, request: MedicationRequest, values: Mapping[str, Any]) -> None:
    if request.patient_id != values["patient_id"]:
        raise Rejected("MedicationRequest.subject", "is another patient than before")
    if any(getattr(request, name) != values[name] for name in SAID):
        _leave_version(taking, request, values["practitioner_id"])
        if values["status"] in ENDED and request.status not in ENDED:
            request.stopped_at = _changed_at(taking)
        if values["status"] not in ENDED:
            request.stopped_at = None
    change(request, purpose_json=_purpose(taking), stopped_at=_stopped_at(taking) or request.stopped_at, **values)


def _leave_version(taking: Taking, request: MedicationRequest, changed_by: UUID | None) -> None:
    reason = words_of(taking.resource.get("statusReason"))
    taking.session.add(
        MedicationRequestVersion(
            medication_request_id=request.id,
            version=request.version,
            status=request.status,
            medication=request.medication,
            strength=request.strength,
            dosage_instruction=request.dosage_instruction,
            practitioner_id=request.practitioner_id,
            replaced_at=_changed_at(taking),
            replaced_by_id=changed_by,
            change_reason_json=_by_language(taking, reason),
        )
    )
    request.version += 1


def _dosage(taking: Taking) -> list[dict[str, Any]]:
    """As it came. Where some of it cannot be read only the clinician's words are kept: half a dose is no dose."""
    raw = taking.raw.get("dosageInstruction", [])
    if "dosageInstruction" not in taking.lost:
        return [dict(dose) for dose in raw]
    texts = [dose.get("text") if isinstance(dose, Mapping) else None for dose in raw] if isinstance(raw, list) else []
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        return []
    return [{"text": text} for text in texts]


def _purpose(taking: Taking) -> str | None:
    """What it is for, in the clinician's words: its own, else those of the Condition that it names."""
    said = words_of(next(iter(taking.resource.get("reasonCode", ())), None))
    reference = next(iter(taking.resource.get("reasonReference", ())), None)
    if said is None and reference is not None:
        condition = taking.identities.document("Condition", taking.fhir_id(reference, "Condition")) or {}
        said = words_of(condition.get("code")) or reference.get("display")
        if said is None:
            taking.remark("reasonReference", "refers to no Condition on record, so nothing is said of what it is for")
    return _by_language(taking, said)


def _by_language(taking: Taking, words: str | None) -> str | None:
    return None if words is None else json.dumps({taking.language: words}, ensure_ascii=False)


def _written_at(taking: Taking) -> datetime | None:
    """When it was prescribed, None where that is not told; then doses are counted from its last change."""
    written = taking.resource.get("authoredOn")
    at = None if written is None else read_instant(written, taking.defaults.time_zone)
    if at is None:
        taking.remark("authoredOn", "does not say on which day, so nobody is told since when")
    return at


def _stopped_at(taking: Taking) -> datetime | None:
    """When an ended prescription was ended, where the source tells it."""
    if taking.resource["status"] not in ENDED:
        return None
    told = (
        each.get("valueDateTime") for each in taking.resource.get("extension", ()) if each.get("url") == STATUS_CHANGED
    )
    return next((read_instant(text, taking.defaults.time_zone) for text in told if text), None)


def _changed_at(taking: Taking) -> datetime:
    """When the source last changed it, else now."""
    text = taking.resource.get("meta", {}).get("lastUpdated")
    return (None if text is None else read_instant(text, taking.defaults.time_zone)) or taking.now
