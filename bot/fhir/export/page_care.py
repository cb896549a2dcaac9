"""The page's entries of stays in a hospital and of what pharmacies handed over."""

from decimal import Decimal

from bot.domain.enums import MedicationDispenseStatus
from bot.fhir.export.gathering import PatientFile
from bot.fhir.export.page_parts import Entry, Speech, told
from bot.i18n import file_page as labels
from bot.records import Encounter, MedicationDispense

# Whether the others were handed over is certain: they were not, or not yet.
PERHAPS_HANDED_OVER = (MedicationDispenseStatus.COMPLETED, MedicationDispenseStatus.UNKNOWN)


def stays(file: PatientFile, speech: Speech) -> list[Entry]:
    """The newest first."""
    return [_stay(each, speech) for each in reversed(file.stays)]


def handed_over(file: PatientFile, speech: Speech) -> list[Entry]:
    """What pharmacies handed over, the newest first."""
    return [_dispense(each, speech) for each in reversed(file.dispenses)]


def _stay(stay: Encounter, speech: Speech) -> Entry:
    status = labels.STAY_STATUS.get(stay.status)
    return Entry(
        heading=speech.text(labels.STAY_KINDS.get(stay.class_code, labels.VISITS)),
        tag=speech.text(status) if status else "",
        facts=told(
            (speech.text(labels.SINCE), speech.day(stay.starts_at) if stay.starts_at else None),
            (speech.text(labels.UNTIL), speech.day(stay.ends_at) if stay.ends_at else None),
        ),
    )


def _dispense(dispense: MedicationDispense, speech: Speech) -> Entry:
    days, quantity = dispense.days_supply, dispense.quantity
    amount = "" if quantity is None else speech.formats.number(Decimal(str(quantity)).normalize())
    return Entry(
        heading=dispense.medication,
        tag=speech.day(dispense.handed_over_at) if dispense.handed_over_at else "",
        lines=[] if dispense.status in PERHAPS_HANDED_OVER else [speech.text(labels.NOT_HANDED_OVER)],
        facts=told(
            (speech.text(labels.DAYS_SUPPLY), None if days is None else speech.formats.number(days)),
            (speech.text(labels.AMOUNT), f"{amount} {dispense.quantity_unit or ''}".strip()),
        ),
    )
