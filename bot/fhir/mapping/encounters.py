"""Encounter: stays in a hospital and visits to its emergency room; other encounters are passed over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.care.stays import STAYS
from bot.domain.enums import EncounterStatus
from bot.fhir.elements import Problem, Resource
from bot.fhir.taking import Rejected, Taking, change
from bot.fhir.times import read_end, read_instant
from bot.records import Encounter

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
# The same code system by its OID and by its name of FHIR STU3; and codes that name none.
ACT_CODES = (ACT_CODE, "urn:oid:2.16.840.1.113883.5.4", "http://hl7.org/fhir/v3/ActCode", None)
# What later reminders depend on.
TOLD = ("status", "class_code", "starts_at", "ends_at")
NEVER_BEGAN = (EncounterStatus.PLANNED, EncounterStatus.CANCELLED, EncounterStatus.ENTERED_IN_ERROR)


def passed_over(resource: Resource) -> tuple[Problem, ...] | None:
    """None for a stay, and for what has to be refused with its path. Of others what there is to say, mostly nothing."""
    coding = resource.get("class")
    if not isinstance(coding, Mapping) or not isinstance(coding.get("code"), str):
        return None
    if coding.get("system") not in ACT_CODES:
        return (Problem("Encounter.class", "is no code of v3-ActCode, so nobody can tell whether it is a stay"),)
    return None if coding["code"] in STAYS else ()


def take_encounter(taking: Taking) -> None:
    """A stay, or what was one before. Raises Rejected."""
    patient_id = taking.patient_id("subject")
    starts_at = _starts_at(taking)
    values: dict[str, Any] = {
        "patient_id": patient_id,
        "status": EncounterStatus(taking.resource["status"]),
        "class_code": _class_code(taking.resource["class"]),
        "starts_at": starts_at,
        "ends_at": _ends_at(taking, starts_at),
    }
    stay = taking.row(Encounter)
    if stay is None:
        taking.add(Encounter(version=1, **values))
        return
    if stay.patient_id != patient_id:
        raise Rejected("Encounter.subject", "is another patient than before")
    stay.version += any(getattr(stay, name) != values[name] for name in TOLD)
    change(stay, **values)


def _class_code(coding: Mapping[str, Any]) -> str:
    if "code" not in coding:
        raise Rejected("Encounter.class.code", "is missing")
    return str(coding["code"]) if coding.get("system") in ACT_CODES else ""


def _starts_at(taking: Taking) -> datetime | None:
    text = taking.resource.get("period", {}).get("start")
    at = None if text is None else read_instant(text, taking.defaults.time_zone)
    began = EncounterStatus(taking.resource["status"]) not in NEVER_BEGAN
    if at is None and began and "period" not in taking.lost:
        taking.remark("period.start", "does not say on which day, so nobody is taken to be in hospital for it")
    return at


def _ends_at(taking: Taking, starts_at: datetime | None) -> datetime | None:
    text = taking.resource.get("period", {}).get("end")
    at = None if text is None else read_end(text, taking.defaults.time_zone)
    if text is not None and (at is None or (starts_at is not None and at < starts_at)):
        taking.remark("period.end", "names no day, or one before the start, so it is not known when the stay ended")
        return None
    return at
