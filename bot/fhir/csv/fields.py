"""What a column of a clinic's file can stand for, and what a row cannot do without."""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """Of a file. Patients are read first: the others refer to them."""

    PATIENTS = "patients"
    APPOINTMENTS = "appointments"
    MEDICINES = "medicines"


FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PATIENTS: (
        *("id", "name", "given", "family", "birth_date", "phone", "language", "time_zone", "country", "active"),
        "deceased",
        *("caregiver_name", "caregiver_phone", "caregiver_relationship", "caregiver_scopes", "caregiver_expires"),
    ),
    Kind.APPOINTMENTS: (
        *("id", "patient_id", "start", "end", "minutes", "status", "practitioner", "location", "location_address"),
        *("location_phone", "video_link", "kind", "description", "preparation"),
    ),
    Kind.MEDICINES: (
        *("id", "patient_id", "medicine", "instruction", "purpose", "prescriber", "status", "start", "stopped"),
        *("dose_amount", "dose_unit", "times_a_day", "timing", "as_needed"),
    ),
}
# Of each group a file needs a column and a row a value.
REQUIRED: Mapping[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.PATIENTS: (("id",), ("name", "given", "family")),
    Kind.APPOINTMENTS: (("id",), ("patient_id",), ("start",), ("end", "minutes")),
    Kind.MEDICINES: (("id",), ("patient_id",), ("medicine",)),
}
# Where the values of a resource's element come from, to say in which column something is wrong.
FIELD_OF: Mapping[str, str] = {
    "Patient.id": "id",
    "Patient.name": "name",
    "Patient.birthDate": "birth_date",
    "Patient.telecom": "phone",
    "Patient.communication": "language",
    "Patient.extension": "time_zone",
    "Patient.address": "country",
    "Patient.active": "active",
    "Patient.deceasedBoolean": "deceased",
    "Patient.deceasedDateTime": "deceased",
    "RelatedPerson.name": "caregiver_name",
    "RelatedPerson.telecom": "caregiver_phone",
    "Consent.provision": "caregiver_scopes",
    "Practitioner.name": "practitioner",
    "Location.name": "location",
    "Location.address": "location_address",
    "Location.telecom": "location_phone",
    "Appointment.id": "id",
    "Appointment.participant": "patient_id",
    "Appointment.start": "start",
    "Appointment.end": "end",
    "Appointment.minutesDuration": "minutes",
    "Appointment.status": "status",
    "Appointment.appointmentType": "kind",
    "Appointment.description": "description",
    "Appointment.patientInstruction": "preparation",
    "MedicationRequest.id": "id",
    "MedicationRequest.subject": "patient_id",
    "MedicationRequest.medicationCodeableConcept": "medicine",
    "MedicationRequest.dosageInstruction": "instruction",
    "MedicationRequest.reasonCode": "purpose",
    "MedicationRequest.requester": "prescriber",
    "MedicationRequest.status": "status",
    "MedicationRequest.authoredOn": "start",
    "MedicationRequest.extension": "stopped",
}
