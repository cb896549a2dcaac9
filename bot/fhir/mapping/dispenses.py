"""MedicationDispense: what a pharmacy handed over, and for how many days it is enough."""

from datetime import datetime
from typing import Any
from uuid import UUID

from bot.domain.enums import MedicationDispenseStatus
from bot.fhir.mapping.named_medicine import names_of
from bot.fhir.taking import Rejected, Taking, change
from bot.fhir.times import read_instant
from bot.records import MedicationDispense, MedicationRequest

# The day in UCUM, and what people write who leave the code out.
DAY = "d"
DAYS = (DAY, "day", "days")
# More than anybody is given at once.
LONGEST_SUPPLY = 1_000


def take_medication_dispense(taking: Taking) -> None:
    """What was handed over. Raises Rejected."""
    patient_id = taking.patient_id("subject")
    medication, aliases = names_of(taking)
    quantity, unit = _quantity(taking)
    values: dict[str, Any] = {
        "patient_id": patient_id,
        "medication_request_id": _prescription(taking, patient_id),
        "status": MedicationDispenseStatus(taking.resource["status"]),
        "medication": medication,
        "aliases": aliases,
        "handed_over_at": _handed_over_at(taking),
        "days_supply": _days_supply(taking),
        "quantity": quantity,
        "quantity_unit": unit,
    }
    dispense = taking.row(MedicationDispense)
    if dispense is None:
        taking.add(MedicationDispense(**values))
        return
    if dispense.patient_id != patient_id:
        raise Rejected("MedicationDispense.subject", "is another patient than before")
    change(dispense, **values)


def _prescription(taking: Taking, patient_id: UUID) -> UUID | None:
    """The first of those that allowed it which is on record."""
    references = taking.resource.get("authorizingPrescription", ())
    found = (taking.local_id(reference, "MedicationRequest") for reference in references)
    request_id = next((each for each in found if each is not None), None)
    if request_id is None:
        if references:
            taking.remark("authorizingPrescription", "refers to no MedicationRequest on record")
        return None
    if taking.session.get_one(MedicationRequest, request_id).patient_id != patient_id:
        raise Rejected("MedicationDispense.authorizingPrescription", "is the prescription of another patient")
    return request_id


def _handed_over_at(taking: Taking) -> datetime | None:
    names = ("whenHandedOver", "whenPrepared")
    texts = (taking.resource[name] for name in names if name in taking.resource)
    at = next((at for at in (read_instant(text, taking.defaults.time_zone) for text in texts) if at), None)
    supplied = taking.resource["status"] == MedicationDispenseStatus.COMPLETED
    if at is None and supplied and not taking.lost.intersection(names):
        taking.remark("whenHandedOver", "does not say on which day, so it counts as no supply")
    return at


def _days_supply(taking: Taking) -> int | None:
    supply = taking.resource.get("daysSupply")
    if supply is None:
        return None
    value = supply.get("value", 0)
    unit = supply.get("code", str(supply.get("unit", "")).strip().casefold())
    if unit not in DAYS or value != int(value) or not 1 <= value <= LONGEST_SUPPLY:
        taking.remark("daysSupply", f"is no whole number of days (d) from 1 to {LONGEST_SUPPLY}; it is left out")
        return None
    return int(value)


def _quantity(taking: Taking) -> tuple[float | None, str | None]:
    """As the pharmacy counts it: tablets, millilitres."""
    quantity = taking.resource.get("quantity", {})
    if "value" not in quantity:
        return None, None
    return float(quantity["value"]), quantity.get("unit") or quantity.get("code")
