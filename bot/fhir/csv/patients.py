"""A row of patients: Patient, and of its caregiver RelatedPerson and Consent."""

from datetime import date

from bot.domain.enums import ConsentScope
from bot.fhir.csv import cells
from bot.fhir.csv.making import Making
from bot.fhir.csv.resources import Resource, derived_id, id_of, resource, to
from bot.fhir.csv.table import Row
from bot.fhir.mapping.consents import ABOUT_PRIVACY
from bot.fhir.mapping.places import TIME_ZONE_EXTENSION

CAREGIVER = ("caregiver_name", "caregiver_phone", "caregiver_relationship", "caregiver_scopes", "caregiver_expires")
# FHIR types as classes of a provision.
CLASS_OF = {
    ConsentScope.APPOINTMENTS: "Appointment",
    ConsentScope.MEDICATIONS: "MedicationRequest",
    ConsentScope.ADHERENCE: "MedicationAdministration",
}


def make_patient(row: Row, making: Making) -> list[Resource]:
    """What is wrong is noted in the row."""
    country = row.read("country", cells.country)
    birth_date = row.read("birth_date", making.conventions.past_date)
    phone = row.read("phone", lambda text: making.conventions.phone(text, country))
    language = row.read("language", cells.language)
    zone = row.read("time_zone", cells.time_zone)
    death = row.read("deceased", making.conventions.death)
    if isinstance(death, date) and birth_date is not None and death < birth_date:
        row.wrong("deceased", "is before the birth")
    patient = resource(
        "Patient",
        id_of("Patient", row.text("id")),
        name=_name(row),
        birthDate=None if birth_date is None else birth_date.isoformat(),
        telecom=_telecom(phone),
        communication=[{"language": {"coding": [{"code": language}]}, "preferred": True}] if language else None,
        extension=[{"url": TIME_ZONE_EXTENSION, "valueCode": zone}] if zone else None,
        address=[{"country": country}] if country else None,
        active=row.read("active", cells.yes_or_no),
        deceasedBoolean=death if isinstance(death, bool) else None,
        deceasedDateTime=death.isoformat() if isinstance(death, date) else None,
    )
    return [patient, *_caregiver(row, making, patient, country)]


def consent_id(patient_fhir_id: str) -> str:
    return derived_id("Consent", patient_fhir_id)


def _name(row: Row) -> list[Resource]:
    given, family = row.text("given"), row.text("family")
    parts = {"text": row.text("name"), "given": [given] if given else None, "family": family}
    return [{part: value for part, value in parts.items() if value}]


def _telecom(phone: str | None) -> list[Resource] | None:
    return [{"system": "sms", "use": "mobile", "value": phone}] if phone else None


def _caregiver(row: Row, making: Making, patient: Resource, country: str | None) -> list[Resource]:
    """Whoever the row names; where it names nobody any more, the consent of an earlier file ends."""
    if not set(CAREGIVER) & set(row.table.columns):
        return []
    if not any(row.text(name) for name in CAREGIVER):
        ended = consent_id(patient["id"]) in making.consents
        return [_consent(patient, status="inactive", scopes=list(ConsentScope))] if ended else []
    for name in ("caregiver_name", "caregiver_scopes"):
        if not row.text(name):
            row.wrong(name, "is blank, but the row names a caregiver; fill it, or leave all of the caregiver out")
    phone = row.read("caregiver_phone", lambda text: making.conventions.phone(text, country))
    person = resource(
        "RelatedPerson",
        derived_id("RelatedPerson", patient["id"]),
        patient=to(patient),
        name=[{"text": row.text("caregiver_name")}],
        telecom=_telecom(phone),
    )
    return [person, _given(row, making, patient)]


def _given(row: Row, making: Making, patient: Resource) -> Resource:
    expires = row.read("caregiver_expires", making.conventions.day)
    return _consent(
        patient,
        status="active",
        scopes=row.read("caregiver_scopes", cells.scopes) or [],
        role=row.read("caregiver_relationship", cells.role),
        end=None if expires is None else expires.isoformat(),
    )


def _consent(
    patient: Resource, *, status: str, scopes: list[ConsentScope], role: str | None = None, end: str | None = None
) -> Resource:
    actor = {
        "reference": {"reference": f"RelatedPerson/{derived_id('RelatedPerson', patient['id'])}"},
        **({"role": {"coding": [{"code": role}]}} if role else {}),
    }
    provision = {
        "type": "permit" if status == "active" else "deny",
        "actor": [actor],
        "class": [{"code": CLASS_OF[scope]} for scope in scopes],
        **({"period": {"end": end}} if end else {}),
    }
    return resource(
        "Consent",
        consent_id(patient["id"]),
        status=status,
        scope={"coding": [{"code": ABOUT_PRIVACY}]},
        patient=to(patient),
        provision=provision,
    )
