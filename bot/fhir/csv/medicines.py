"""A row of medicines: MedicationRequest, with who prescribed it.

The clinician's words stay as they are: a dose by numbers comes of columns for it, or of a sig code that the map
translates, and never of the words.
"""

from typing import Any

from bot.care.medications import ENDED
from bot.domain.enums import MedicationRequestStatus
from bot.fhir.csv import cells
from bot.fhir.csv.making import Making
from bot.fhir.csv.resources import Resource, id_of, practitioner, resource, to, to_patient
from bot.fhir.csv.table import Row
from bot.fhir.mapping.medications import STATUS_CHANGED

MOST_TIMES_A_DAY = 24


def make_medicine(row: Row, making: Making) -> list[Resource]:
    """What is wrong is noted in the row."""
    prescriber = practitioner(row.text("prescriber")) if row.text("prescriber") else None
    stopped = row.read("stopped", making.conventions.past_date)
    written = row.read("start", making.conventions.day)
    if written is not None and stopped is not None and stopped < written:
        row.wrong("stopped", "is before the start")
    request = resource(
        "MedicationRequest",
        id_of("MedicationRequest", row.text("id")),
        language=making.language,
        status=_status(row),
        intent="order",
        subject=to_patient(row.text("patient_id")),
        requester=None if prescriber is None else to(prescriber),
        medicationCodeableConcept={"text": row.text("medicine")},
        authoredOn=None if written is None else written.isoformat(),
        reasonCode=[{"text": row.text("purpose")}] if row.text("purpose") else None,
        dosageInstruction=_dosage(row),
        extension=[{"url": STATUS_CHANGED, "valueDateTime": stopped.isoformat()}] if stopped else None,
    )
    return [request] if prescriber is None else [prescriber, request]


def _status(row: Row) -> str:
    said = row.read("status", lambda text: cells.code(text, tuple(MedicationRequestStatus)))
    stopped = bool(row.text("stopped"))
    if said is not None and stopped and said not in ENDED:
        row.wrong("stopped", "holds a day, but the status says that it goes on; change one of the two")
    return said or (MedicationRequestStatus.STOPPED if stopped else MedicationRequestStatus.ACTIVE).value


def _dosage(row: Row) -> list[Resource] | None:
    """Beside a dose by numbers the words stay, because they may say more than it."""
    words, structured = row.text("instruction"), _structured(row)
    said = {"text": words} if words else {}
    beside = {"patientInstruction": words} if words and structured else {}
    return [{**said, **beside, **structured}] if words or structured else None


def _structured(row: Row) -> Resource:
    """Whole or not at all: half a dose is no dose."""
    amount, unit = row.read("dose_amount", cells.amount), row.text("dose_unit")
    repeat = _repeat(row)
    needed = row.read("as_needed", cells.yes_or_no)
    parts = {"dose_amount": row.text("dose_amount"), "dose_unit": unit}
    if not repeat and not any(parts.values()):
        if needed:
            row.wrong("as_needed", "needs a dose by numbers beside it; else write it in the instruction")
        return {}
    for name in (name for name, text in parts.items() if not text):
        row.wrong(name, "is blank, but the row holds another part of the dose; give all of it or none")
    if not repeat and not row.text("times_a_day") and not row.text("timing"):
        row.wrong("times_a_day", "is blank, but the row holds an amount; give all of the dose or none")
    timing = {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": {"value": amount, "unit": unit}}]}
    return {**timing, "asNeededBoolean": True} if needed else timing


def _repeat(row: Row) -> dict[str, Any]:
    """FHIR's Timing.repeat: so many times a day, or what the map says of a sig code."""
    times = row.read("times_a_day", lambda text: cells.whole(text, MOST_TIMES_A_DAY))
    timing = row.value("timing")
    if not timing:
        return {} if times is None else {"frequency": times, "period": 1, "periodUnit": "d"}
    if row.text("times_a_day"):
        row.wrong("timing", "and times_a_day both say how often; give one of them")
    if not isinstance(timing, dict):
        row.wrong("timing", "has no translation; give it one under `values` of timing in the map")
        return {}
    return timing
