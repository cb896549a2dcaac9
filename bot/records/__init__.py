"""What is stored: one file for each table. Importing this package registers them all."""

from bot.records.appointment import Appointment
from bot.records.base import Record
from bot.records.carrier_message import CarrierMessage
from bot.records.clinic_resource import ClinicResource
from bot.records.communication import Communication
from bot.records.consent import Consent
from bot.records.contact_point import ContactPoint
from bot.records.conversation import Conversation
from bot.records.coordinator import ConsoleSession, Coordinator
from bot.records.deployment import Deployment
from bot.records.encounter import Encounter
from bot.records.fhir_resource import FhirResource
from bot.records.fhir_sync import FhirSync
from bot.records.location import Location
from bot.records.medication_administration import MedicationAdministration
from bot.records.medication_dispense import MedicationDispense
from bot.records.medication_request import MedicationRequest
from bot.records.medication_request_version import MedicationRequestVersion
from bot.records.patient import Patient
from bot.records.patient_identifier import PatientIdentifier
from bot.records.practitioner import Practitioner
from bot.records.question import Question
from bot.records.related_person import RelatedPerson
from bot.records.slot import Slot
from bot.records.ticket import Ticket
from bot.records.timer import Timer
from bot.records.token_bucket import TokenBucket
from bot.records.verification import Verification

__all__ = [
    "Appointment",
    "CarrierMessage",
    "ClinicResource",
    "Communication",
    "Consent",
    "ConsoleSession",
    "ContactPoint",
    "Conversation",
    "Coordinator",
    "Deployment",
    "Encounter",
    "FhirResource",
    "FhirSync",
    "Location",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationRequestVersion",
    "Patient",
    "PatientIdentifier",
    "Practitioner",
    "Question",
    "Record",
    "RelatedPerson",
    "Slot",
    "Ticket",
    "Timer",
    "TokenBucket",
    "Verification",
]
