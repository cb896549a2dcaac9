"""Patient and RelatedPerson: who they are, how to write to them, in which language and time zone."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import ChannelName
from bot.fhir.mapping.places import country_of, time_zone_of
from bot.fhir.mapping.telecom import texting_numbers
from bot.fhir.taking import Number, Rejected, Taking, change, codes_of, whole_name
from bot.fhir.times import read_instant
from bot.i18n.nearest import nearest_language
from bot.records import ContactPoint, Patient, PatientIdentifier, RelatedPerson

RECORD_NUMBER = "MR"  # HL7 v2-0203: the number of the record, not of a passport or an insurance


def take_patient(taking: Taking) -> None:
    """A Patient with addresses and record numbers. Raises Rejected."""
    resource, defaults = taking.resource, taking.defaults
    name, given_name = _names(taking)
    country = country_of(resource.get("address", ())) or defaults.country
    zone = time_zone_of(resource.get("extension", ()), resource.get("address", ()), country) or defaults.time_zone
    patient = taking.row(Patient)
    deceased_at, dated = _death(taking, patient, zone)
    birth_date = resource.get("birthDate")
    if birth_date is not None and len(birth_date) < 10:
        taking.remark("birthDate", "is no whole date, so nobody can be recognised by it")
        birth_date = None
    values = {
        "name": name,
        "given_name": given_name,
        "birth_date_text": birth_date,
        "language": language_of(taking),
        "time_zone": zone,
        "country": country,
        "active": resource.get("active", True) and deceased_at is None,
        "deceased_at": deceased_at,
        "deceased_dated": dated,
    }
    if patient is None:
        patient = taking.add(Patient(created_at=taking.now, dose_reminders=defaults.dose_reminders, **values))
    else:
        change(patient, **values)
    taking.about(patient.id)
    _write_record_numbers(taking, patient)
    write_numbers(taking, country, patient_id=patient.id)


def take_related_person(taking: Taking) -> None:
    """A caregiver. What they may know comes with Consent alone. Raises Rejected."""
    patient_id = taking.patient_id("patient")
    patient = taking.session.get_one(Patient, patient_id)
    name, given_name = _names(taking)
    values = {"name": name, "given_name": given_name, "language": language_of(taking), "time_zone": patient.time_zone}
    person = taking.row(RelatedPerson)
    if person is None:
        person = taking.add(RelatedPerson(**values))
    else:
        change(person, **values)
    ended = taking.resource.get("active") is False
    write_numbers(taking, patient.country, related_person_id=person.id, keep_none=ended)


def language_of(taking: Taking) -> str:
    """The preferred language, else the first named, else the deployment's; one of ours where we have it."""
    spoken = taking.resource.get("communication", ())
    preferred = sorted(spoken, key=lambda each: not each.get("preferred", False))
    codes = [code for each in preferred for code in sorted(codes_of(each.get("language")))]
    if not codes:
        return taking.defaults.language
    known = (nearest_language(code, taking.defaults.languages) for code in codes)
    found = next((code for code in known if code is not None), None)
    if found is None:
        taking.remark("communication", f"names no language that Northstar speaks; {taking.defaults.language} is used")
    return found or taking.defaults.language


def write_numbers(taking: Taking, country: str, *, keep_none: bool = False, **owner: UUID) -> None:
    """The numbers to text become the person's addresses; one that is no longer named here is theirs no longer.

    Somebody new gets theirs when the import is over, and so does somebody whose import broke off: until then their
    record is not whole, and nobody may ask for it.
    """
    wanted = {} if keep_none else texting_numbers(taking, country)
    own = select(ContactPoint).filter_by(channel=ChannelName.SMS, **owner)
    there = {contact.address: contact for contact in taking.session.scalars(own)}
    for number, contact in there.items():
        if number not in wanted and contact.fhir_resource_id == taking.entry.id:
            taking.session.delete(contact)
    missing = [number for number in wanted if number not in there]
    if taking.is_new or taking.entry.part:
        taking.numbers = [(number, owner) for number in missing]
    else:
        add_numbers(taking.session, taking.entry.id, [(number, owner) for number in missing])


def add_numbers(session: Session, entry_id: UUID, numbers: Iterable[Number]) -> None:
    """Addresses for texts, each with its owner's column and id. Nobody has proved yet that the number is theirs."""
    session.add_all(
        ContactPoint(channel=ChannelName.SMS, address=number, address_index=number, fhir_resource_id=entry_id, **owner)
        for number, owner in numbers
    )


def _names(taking: Taking) -> tuple[str, str]:
    """The whole name and the one to address the person by. Raises Rejected."""
    best = taking.name_in_use()
    return whole_name(best), next(iter(best.get("given", ())), whole_name(best))


def _death(taking: Taking, patient: Patient | None, time_zone: str) -> tuple[datetime | None, bool]:
    """When somebody died, UTC, and whether the source names the day; else it is when we learnt of it.

    A day without a time begins at midnight where the person lived, so that it stays that day.
    """
    known = (None, False) if patient is None else (patient.deceased_at, patient.deceased_dated)
    if "deceasedBoolean" in taking.lost:
        return known
    text = taking.resource.get("deceasedDateTime")
    at = None if text is None else read_instant(text, time_zone)
    if at is not None:
        return at, True
    if text is not None:
        taking.remark("deceasedDateTime", "does not say on which day, so only the death is known")
    # A time of death that cannot be read is still a death: nobody is to be texted for the sake of a missing zone.
    if taking.raw.get("deceasedDateTime") or taking.resource.get("deceasedBoolean"):
        return known if known[0] is not None else (taking.now, False)
    return None, False


def _write_record_numbers(taking: Taking, patient: Patient) -> None:
    for place, identifier in enumerate(taking.resource.get("identifier", ())):
        system, value = identifier.get("system"), identifier.get("value")
        if not system or not value or RECORD_NUMBER not in codes_of(identifier.get("type")):
            continue
        query = select(PatientIdentifier).where(
            PatientIdentifier.system == system, PatientIdentifier.value_index == value
        )
        there = taking.session.scalar(query)
        if there is not None and there.patient_id != patient.id:
            path = f"Patient.identifier[{place}]"
            raise Rejected(path, "is the record number of another patient; say in the source which of the two is meant")
        if there is None:
            numbered = PatientIdentifier(patient_id=patient.id, system=system, value=value, value_index=value)
            taking.session.add(numbered)
