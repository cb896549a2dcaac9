"""Consent: which caregiver may know what. Whatever is not plainly permitted is not."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bot.domain.enums import ConsentScope
from bot.fhir.taking import Rejected, Taking, change, codes_of
from bot.fhir.times import read_date, read_instant
from bot.records import Consent

# FHIR resource types as classes of a provision, and what they let a caregiver ask about.
SCOPE_OF = {
    "Appointment": ConsentScope.APPOINTMENTS,
    "MedicationRequest": ConsentScope.MEDICATIONS,
    "MedicationStatement": ConsentScope.MEDICATIONS,
    "MedicationAdministration": ConsentScope.ADHERENCE,
}
ABOUT_PRIVACY = "patient-privacy"  # consentscope: who may know what, not a treatment or a study
UNKNOWN_RELATION = "O"  # v2-0131: other


def take_consent(taking: Taking) -> None:
    """What one RelatedPerson may know. Raises Rejected."""
    resource = taking.resource
    provision = resource["provision"]
    if ABOUT_PRIVACY not in codes_of(resource["scope"]):
        raise Rejected("Consent.scope", "is not patient-privacy, so it tells nobody anything")
    patient_id = taking.patient_id("patient")
    related_person_id, relationship_code = _actor(taking, provision)
    if "provision" in provision:
        raise Rejected("Consent.provision.provision", "makes exceptions, which are not known here")
    active = resource["status"] == "active" and provision.get("type") == "permit"
    period = provision.get("period", {})
    given = period.get("start") or resource.get("dateTime")
    values: dict[str, Any] = {
        "patient_id": patient_id,
        "related_person_id": related_person_id,
        "relationship_code": relationship_code,
        "scopes": _scopes(taking, provision),
        "given_at": _start(taking, given) or taking.now,
        "expires_at": _end(taking, period.get("end")),
    }
    consent = taking.row(Consent)
    if consent is None:
        taking.add(Consent(revoked_at=None if active else taking.now, **values))
        return
    if given is None:
        del values["given_at"]
    change(consent, **values)
    if active:
        consent.revoked_at = None
    elif consent.revoked_at is None:
        consent.revoked_at = taking.now


def _actor(taking: Taking, provision: Mapping[str, Any]) -> tuple[UUID, str]:
    actors = provision.get("actor", ())
    if len(actors) != 1:
        raise Rejected("Consent.provision.actor", f"names {len(actors)} people; a consent is taken for one caregiver")
    found = taking.local_id(actors[0].get("reference"), "RelatedPerson")
    if found is None:
        raise Rejected("Consent.provision.actor[0].reference", "refers to no RelatedPerson on record")
    return found, next(iter(sorted(codes_of(actors[0].get("role")))), UNKNOWN_RELATION)


def _scopes(taking: Taking, provision: Mapping[str, Any]) -> list[str]:
    """What is not named is not permitted: a consent to nothing in particular opens nothing."""
    named = {coding["code"] for coding in provision.get("class", ()) if "code" in coding}
    for code in sorted(named - SCOPE_OF.keys()):
        taking.remark("provision.class", f"names {code}, which caregivers are not told about")
    scopes = sorted({SCOPE_OF[code].value for code in named & SCOPE_OF.keys()})
    if not scopes:
        taking.remark("provision.class", f"permits nothing; name one of {', '.join(SCOPE_OF)}")
    return scopes


def _start(taking: Taking, text: str | None) -> datetime | None:
    return None if text is None else read_instant(text, taking.defaults.time_zone)


def _end(taking: Taking, text: str | None) -> datetime | None:
    """A whole date still counts (FHIR R4 Period.end). Raises Rejected for a month or a year: it would never end.

    The last day that a calendar knows is how systems write that there is no end.
    """
    if text is None or read_date(text) == date.max:
        return None
    at = read_instant(text, taking.defaults.time_zone)
    if at is None:
        raise Rejected("Consent.provision.period.end", "must name a day")
    return at if "T" in text else at + timedelta(days=1)
