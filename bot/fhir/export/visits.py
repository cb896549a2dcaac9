"""Appointment with who takes part, Encounter, and CommunicationRequest: the reminders to come."""

from collections.abc import Iterable

from bot.domain.enums import ParticipationStatus, TimerKind
from bot.fhir.export.gathering import PatientFile
from bot.fhir.export.people import video_id
from bot.fhir.export.shapes import OWN, Element, in_words, instant, language_of, own, period, ref, resource
from bot.fhir.mapping.encounters import ACT_CODE
from bot.records import Appointment, Encounter, Timer

# FHIR wants a class; which one another system has of its own is not kept.
NO_CODE_OF_OURS = {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "OTH"}


def visits(file: PatientFile) -> Iterable[Element]:
    """Every visit, every stay in a hospital, then the reminders that are set."""
    yield from (_appointment(each, file.patient.language) for each in file.visits)
    yield from map(_stay, file.stays)
    yield from (_reminder(file, each) for each in file.reminders)


def _appointment(visit: Appointment, preferred: str) -> Element:
    language = language_of([visit.description, visit.preparation], preferred)
    return resource(
        "Appointment",
        visit.id,
        meta={"versionId": str(visit.version)},
        language=language,
        identifier=[{"system": f"{OWN}series", "value": visit.series}] if visit.series else None,
        status=visit.status.value,
        start=instant(visit.starts_at),
        end=instant(visit.ends_at),
        participant=_participants(visit),
        **in_words("description", visit.description, language),
        **in_words("patientInstruction", visit.preparation, language),
    )


def _stay(stay: Encounter) -> Element:
    return resource(
        "Encounter",
        stay.id,
        meta={"versionId": str(stay.version)},
        status=stay.status.value,
        class_={"system": ACT_CODE, "code": stay.class_code} if stay.class_code else NO_CODE_OF_OURS,
        subject=ref("Patient", stay.patient_id),
        period=period(stay.starts_at, stay.ends_at),
    )


def _participants(visit: Appointment) -> list[Element]:
    answered = own("answered-at", valueDateTime=instant(visit.participation_at))
    patient = {"actor": ref("Patient", visit.patient_id), "status": visit.participation.value}
    # The video's place stands first: a reader takes the first place for where it is.
    others = (
        ("Practitioner", visit.practitioner_id),
        ("Location", video_id(visit) if visit.telehealth_url else None),
        ("Location", visit.location_id),
    )
    return [
        {**patient, "extension": answered} if answered else patient,
        *(
            {"actor": ref(kind, row_id), "status": ParticipationStatus.ACCEPTED.value}
            for kind, row_id in others
            if row_id is not None
        ),
    ]


def _reminder(file: PatientFile, timer: Timer) -> Element:
    if timer.kind is TimerKind.APPOINTMENT_REMINDER:
        about = [{"reference": f"urn:uuid:{timer.subject['appointment']}", "type": "Appointment"}]
    else:
        about = [{"reference": f"urn:uuid:{each}", "type": "MedicationRequest"} for each in timer.subject["requests"]]
    return resource(
        "CommunicationRequest",
        timer.id,
        status="active",
        subject=ref("Patient", file.patient.id),
        about=about,
        occurrenceDateTime=instant(timer.due_at),
    )
