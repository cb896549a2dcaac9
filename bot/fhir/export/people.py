"""Patient, and who may know what: RelatedPerson and Consent; staff and places with what is public of them."""

from collections.abc import Iterable
from uuid import UUID

from bot.domain.enums import ChannelName, ConsentScope
from bot.fhir.export.gathering import PatientFile
from bot.fhir.export.shapes import Element, coding, in_words, instant, language_of, own, period, ref, resource
from bot.fhir.mapping.consents import ABOUT_PRIVACY, SCOPE_OF
from bot.fhir.mapping.directory import VIRTUAL
from bot.fhir.mapping.people import RECORD_NUMBER
from bot.fhir.mapping.places import TIME_ZONE_EXTENSION
from bot.i18n.languages import SOURCE
from bot.records import Appointment, Consent, ContactPoint, Location, Practitioner, RelatedPerson

ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
PHYSICAL_TYPE = "http://terminology.hl7.org/CodeSystem/location-physical-type"
IDENTIFIER_TYPE = "http://terminology.hl7.org/CodeSystem/v2-0203"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
SYSTEMS = {ChannelName.SMS: "sms", ChannelName.TELEGRAM: "other"}


def people(file: PatientFile) -> Iterable[Element]:
    """The patient, caregivers and their consents, then the staff and places that the rest refers to."""
    yield _patient(file)
    caregivers = {each.related_person_id: each for each in file.consents}
    yield from (_related_person(file, each.related_person, each.relationship_code) for each in caregivers.values())
    yield from (_related_person(file, each, None) for each in file.related)
    yield from (_consent(file, each) for each in file.consents)
    yield from map(_practitioner, file.practitioners.values())
    places = {each.location.id: each.location for each in file.visits if each.location is not None}
    yield from map(_location, places.values())
    yield from (video_place(each) for each in file.visits if each.telehealth_url)


def video_id(visit: Appointment) -> UUID:
    """The id of the virtual place of a visit by video; that of the visit, turned at its last digit."""
    return UUID(int=visit.id.int ^ 1)


def video_place(visit: Appointment) -> Element:
    """The link of a visit by video, as a Location that is only to be called."""
    return resource(
        "Location",
        video_id(visit),
        name="Video",
        physicalType=coding(PHYSICAL_TYPE, VIRTUAL),
        telecom=[{"system": "url", "value": visit.telehealth_url}],
    )


def _patient(file: PatientFile) -> Element:
    patient = file.patient
    # A day that nobody told us is not told as the day of death.
    died_at, known_at = (patient.deceased_at, None) if patient.deceased_dated else (None, patient.deceased_at)
    numbers = [
        {"type": coding(IDENTIFIER_TYPE, RECORD_NUMBER), "system": each.system, "value": each.value}
        for each in file.identifiers
    ]
    return resource(
        "Patient",
        patient.id,
        active=patient.active,
        identifier=numbers,
        name=[{"text": patient.name, "given": [patient.given_name]}],
        birthDate=patient.birth_date_text,
        deceasedDateTime=instant(died_at),
        deceasedBoolean=True if known_at else None,
        telecom=[_telecom(file, each) for each in file.contacts if each.channel in SYSTEMS],
        address=[{"country": patient.country}],
        communication=[{"language": coding("urn:ietf:bcp:47", patient.language), "preferred": True}],
        extension=[
            {"url": TIME_ZONE_EXTENSION, "valueCode": patient.time_zone},
            *own("dose-reminders", valueBoolean=patient.dose_reminders),
            *own("on-record-since", valueDateTime=instant(patient.created_at)),
            *own("deceased-known-since", valueDateTime=instant(known_at)),
        ],
    )


def _telecom(file: PatientFile, contact: ContactPoint) -> Element:
    """A suspended address ends there: somebody else answered."""
    stopped = own("stopped-by-patient-at", valueDateTime=instant(file.stopped_at.get(contact.id)))
    when = period(contact.verified_at, contact.suspended_at)
    telecom = {"system": SYSTEMS[contact.channel], "value": contact.address, "use": "mobile"}
    return {**telecom, **({"period": when} if when else {}), **({"extension": stopped} if stopped else {})}


def _related_person(file: PatientFile, person: RelatedPerson, relationship_code: str | None) -> Element:
    return resource(
        "RelatedPerson",
        person.id,
        patient=ref("Patient", file.patient.id),
        name=[{"text": person.name, "given": [person.given_name]}],
        relationship=[coding(ROLE, relationship_code)] if relationship_code else None,
    )


def _consent(file: PatientFile, consent: Consent) -> Element:
    code_of = {scope: code for code, scope in reversed(SCOPE_OF.items())}
    named = [code_of[ConsentScope(scope)] for scope in consent.scopes]
    revoked = consent.revoked_at is not None and consent.revoked_at <= file.made_at
    actor = {
        "role": coding(ROLE, consent.relationship_code),
        "reference": ref("RelatedPerson", consent.related_person_id),
    }
    provision = {
        "type": "permit",
        "period": period(consent.given_at, consent.expires_at),
        "actor": [actor],
        "class": [{"system": RESOURCE_TYPES, "code": code} for code in named],
    }
    return resource(
        "Consent",
        consent.id,
        status="inactive" if revoked else "active",
        scope=coding(CONSENT_SCOPE, ABOUT_PRIVACY),
        category=[coding("http://loinc.org", "59284-0")],
        policyRule=coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "OPTIN"),
        patient=ref("Patient", consent.patient_id),
        dateTime=instant(consent.given_at),
        provision={name: value for name, value in provision.items() if value},
        extension=own("revoked-at", valueDateTime=instant(consent.revoked_at)),
    )


def _practitioner(practitioner: Practitioner) -> Element:
    return resource("Practitioner", practitioner.id, name=[{"text": practitioner.name}])


def _location(place: Location) -> Element:
    language = language_of([place.directions], SOURCE)
    return resource(
        "Location",
        place.id,
        language=language,
        name=place.name,
        telecom=[{"system": "phone", "value": place.phone}] if place.phone else None,
        address={"text": place.address} if place.address else None,
        extension=[{"url": TIME_ZONE_EXTENSION, "valueCode": place.time_zone}],
        **in_words("description", place.directions, language),
    )
