"""MedicationRequest with what it said before, MedicationAdministration, and MedicationDispense.

What a prescription said before stands in a Provenance for each change (who, when, why), with the older text contained:
as a resource of its own it would be read as a prescription that still holds.
"""

from collections.abc import Container, Iterable, Sequence
from uuid import UUID

from bot.care.medications import words_by_language
from bot.fhir.export.gathering import PatientFile
from bot.fhir.export.shapes import Element, in_words, instant, language_of, own, ref, resource
from bot.fhir.mapping.dispenses import DAY
from bot.records import MedicationAdministration, MedicationDispense, MedicationRequest, MedicationRequestVersion

BEFORE = "before"
UCUM = "http://unitsofmeasure.org"
REVISION = {"system": "http://terminology.hl7.org/CodeSystem/v3-DataOperation", "code": "UPDATE"}


def medicines(file: PatientFile) -> Iterable[Element]:
    """Prescriptions, their changes, every dose that was due, and what pharmacies handed over."""
    yield from (_request(each, file.patient.language) for each in file.medicines)
    yield from (_change(file, each) for each in file.versions)
    names = {each.id: name_of(each) for each in file.medicines}
    messages = {each.id for each in file.correspondence.messages}
    yield from (_dose(each, names[each.medication_request_id], messages) for each in file.doses)
    yield from map(_dispense, file.dispenses)


def name_of(medicine: MedicationRequest | MedicationRequestVersion) -> str:
    """The medicine with its strength, as the record has it."""
    return f"{medicine.medication} {medicine.strength}".strip()


def _request(request: MedicationRequest, preferred: str) -> Element:
    purpose, reason = words_by_language(request.purpose_json), words_by_language(request.change_reason_json)
    language = language_of([purpose, reason], preferred)
    return resource(
        "MedicationRequest",
        request.id,
        meta={"versionId": str(request.version)},
        language=language,
        status=request.status.value,
        intent="order",
        subject=ref("Patient", request.patient_id),
        medicationCodeableConcept=_named(name_of(request), request.aliases),
        authoredOn=instant(request.authored_at),
        requester=_practitioner(request.practitioner_id),
        reasonCode=[in_words("text", purpose, language)] if purpose else None,
        statusReason=in_words("text", reason, language),
        dosageInstruction=request.dosage_instruction,
        priorPrescription=ref("MedicationRequest", request.replaces_id) if request.replaces_id else None,
        extension=[
            *own("stopped-at", valueDateTime=instant(request.stopped_at)),
            *own("refills-left", valueInteger=request.refills_left),
        ],
    )


def _change(file: PatientFile, version: MedicationRequestVersion) -> Element:
    reason = words_by_language(version.change_reason_json)
    language = language_of([reason], file.patient.language)
    who = _practitioner(version.replaced_by_id) or {"display": file.clinic}
    return resource(
        "Provenance",
        version.id,
        language=language,
        contained=[_as_it_was(file, version)],
        target=[ref("MedicationRequest", version.medication_request_id)],
        recorded=instant(version.replaced_at),
        activity={"coding": [REVISION]},
        reason=[in_words("text", reason, language)] if reason else None,
        agent=[{"who": who}],
        entity=[{"role": "revision", "what": {"reference": f"#{BEFORE}"}}],
    )


def _as_it_was(file: PatientFile, version: MedicationRequestVersion) -> Element:
    return {
        **resource(
            "MedicationRequest",
            version.id,
            meta={"versionId": str(version.version)},
            status=version.status.value,
            intent="order",
            subject=ref("Patient", file.patient.id),
            medicationCodeableConcept={"text": name_of(version)},
            requester=_practitioner(version.practitioner_id),
            dosageInstruction=version.dosage_instruction,
        ),
        "id": BEFORE,
    }


def _dose(dose: MedicationAdministration, name: str, messages: Container[UUID]) -> Element:
    said_in = dose.communication_id if dose.communication_id in messages else None
    return resource(
        "MedicationAdministration",
        dose.id,
        status=dose.status.value,
        medicationCodeableConcept={"text": name},
        subject=ref("Patient", dose.patient_id),
        effectiveDateTime=instant(dose.due_at),
        request=ref("MedicationRequest", dose.medication_request_id),
        supportingInformation=[ref("Communication", said_in)] if said_in else None,
        extension=own("reported-at", valueDateTime=instant(dose.reported_at)),
    )


def _dispense(dispense: MedicationDispense) -> Element:
    days, quantity = dispense.days_supply, dispense.quantity
    prescription = dispense.medication_request_id
    return resource(
        "MedicationDispense",
        dispense.id,
        status=dispense.status.value,
        medicationCodeableConcept=_named(dispense.medication, dispense.aliases),
        subject=ref("Patient", dispense.patient_id),
        authorizingPrescription=[ref("MedicationRequest", prescription)] if prescription else None,
        quantity=None if quantity is None else {"value": quantity, **_unit(dispense.quantity_unit)},
        daysSupply=None if days is None else {"value": days, "unit": "days", "system": UCUM, "code": DAY},
        whenHandedOver=instant(dispense.handed_over_at),
    )


def _named(name: str, aliases: Sequence[str]) -> Element:
    return {"text": name, **({"coding": [{"display": alias} for alias in aliases]} if aliases else {})}


def _unit(unit: str | None) -> Element:
    return {"unit": unit} if unit else {}


def _practitioner(practitioner_id: UUID | None) -> Element | None:
    return ref("Practitioner", practitioner_id) if practitioner_id else None
