"""Resources without a table of their own: what could be read of them is kept sealed,
for what refers to them and for the person."""

from bot.fhir.taking import Taking


def keep(taking: Taking) -> None:
    """About nobody: Organization, Medication, Schedule."""
    taking.entry.keep(taking.resource)


def keep_for_subject(taking: Taking) -> None:
    """About the patient in `subject`. Raises Rejected."""
    if "subject" in taking.resource:
        taking.patient_id("subject")
    taking.entry.keep(taking.resource)


def keep_for_patient(taking: Taking) -> None:
    """About the patient in `patient`. Raises Rejected."""
    taking.patient_id("patient")
    taking.entry.keep(taking.resource)
