"""A FHIR R4 Dosage as a short plain phrase, in the reader's language, or the clinician's own words.

The grammar stands in the catalog. Whatever is not known here, a key, a code or a number, makes the whole dose
fall back to `Dosage.text` word for word with a note of its language: half a dose is never guessed.

`patientInstruction` repeats the dose in the patient's own words, in a language that FHIR does not name; it is no
part of the phrase and is shown beside it where somebody asks how to use the medicine.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import reduce
from typing import Any

from bot.i18n import dosage_words as words
from bot.i18n.dosage_timing import UnknownShape, describe_timing, fields
from bot.i18n.formats import Formats
from bot.i18n.messages import Message

_DOSAGE = (
    "id sequence text additionalInstruction patientInstruction timing asNeededBoolean "
    "asNeededCodeableConcept route doseAndRate maxDosePerPeriod"
)
_IN_24_HOURS = {(Decimal(1), "d"), (Decimal(1), "day"), (Decimal(24), "h"), (Decimal(24), "hours")}
_TIMING = "id repeat"
_QUANTITY = "id value unit code system"
_CONCEPT = "id coding text"


def describe_dosage(dosages: Sequence[Any], formats: Formats, record_language: str) -> str:
    """Every dose of one prescription. `record_language` is that of the clinicians' free text."""
    try:
        if not dosages:
            raise UnknownShape
        phrases = [_phrase(dosage, formats, record_language) for dosage in dosages]
        joint = _joint([dosage.get("sequence") for dosage in dosages])
    except UnknownShape:
        return _in_their_words(dosages, formats, record_language)
    return _join(phrases, joint, formats)


def _in_their_words(dosages: Sequence[Any], formats: Formats, record_language: str) -> str:
    texts = [dosage.get("text") if isinstance(dosage, Mapping) else None for dosage in dosages]
    if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
        return formats.catalogs.text(words.NOT_ON_RECORD, formats.language)
    return formats.noted("; ".join(str(text).strip() for text in texts), record_language)


def _joint(sequences: Sequence[Any]) -> Message:
    """Doses with rising sequence numbers follow one another; with the same or none they hold together."""
    if len(set(sequences)) <= 1:
        return words.ALSO
    if all(type(number) is int for number in sequences) and list(sequences) == sorted(set(sequences)):
        return words.THEN
    raise UnknownShape


def _join(phrases: Sequence[str], joint: Message, formats: Formats) -> str:
    template = formats.catalogs.text(joint, formats.language)
    return reduce(lambda first, second: template.format(first=first, second=second), phrases)


def _phrase(dosage: Any, formats: Formats, record_language: str) -> str:
    dose = fields(dosage, _DOSAGE)
    parts = [
        *_amount(dose.get("doseAndRate"), formats),
        *_route(dose.get("route"), formats),
        *describe_timing(fields(dose.get("timing", {}), _TIMING).get("repeat", {}), formats),
        *_as_needed(dose, formats, record_language),
        *_at_most(dose.get("maxDosePerPeriod"), formats),
        *_instructions(dose.get("additionalInstruction", []), formats),
    ]
    if not parts:
        raise UnknownShape
    return _join(parts, words.BESIDE, formats)


def _amount(dose_and_rate: Any, formats: Formats) -> list[str]:
    match dose_and_rate:
        case None | []:
            return []
        case [one]:
            return [_quantity(fields(one, "id type doseQuantity").get("doseQuantity"), formats)]
        case _:
            raise UnknownShape


def _quantity(quantity: Any, formats: Formats) -> str:
    found = fields(quantity, _QUANTITY)
    value, unit = _number(found.get("value")), _unit(found)
    half = value % 1 == Decimal("0.5")
    if value % 1 == 0 or not unit.counted:
        text = formats.catalogs.text(unit.words, formats.language, int(value))
        return text.format(count=formats.number(value))
    if half and value < 1 and unit.half:
        return formats.catalogs.text(unit.half, formats.language)
    if half and unit.and_half:
        text = formats.catalogs.text(unit.and_half, formats.language, int(value))
        return text.format(count=formats.number(int(value)))
    raise UnknownShape


def _unit(quantity: Mapping[str, Any]) -> words.Unit:
    names = {str(quantity[name]).lower() for name in ("unit", "code") if name in quantity}
    unit = next((unit for unit in words.UNITS if names and names <= unit.names), None)
    if unit is None:
        raise UnknownShape
    return unit


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UnknownShape
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise UnknownShape from error
    if not number.is_finite() or number <= 0:
        raise UnknownShape
    return number


def _route(route: Any, formats: Formats) -> list[str]:
    if route is None:
        return []
    found = _known(route, words.ROUTES)
    return [] if found is None else [formats.catalogs.text(found, formats.language)]


def _as_needed(dose: Mapping[str, Any], formats: Formats, record_language: str) -> list[str]:
    concept, needed = dose.get("asNeededCodeableConcept"), dose.get("asNeededBoolean", False)
    if concept is not None and needed is False:
        reason = fields(concept, _CONCEPT).get("text")
        if not isinstance(reason, str) or not reason.strip():
            raise UnknownShape
        template = formats.catalogs.text(words.AS_NEEDED_FOR, formats.language)
        return [template.format(reason=formats.noted(reason.strip(), record_language))]
    match concept, needed:
        case None, True:
            return [formats.catalogs.text(words.AS_NEEDED, formats.language)]
        case None, False:
            return []
        case _:
            raise UnknownShape


def _at_most(ratio: Any, formats: Formats) -> list[str]:
    if ratio is None:
        return []
    found = fields(ratio, "id numerator denominator")
    span = fields(found.get("denominator"), _QUANTITY)
    unit = str(span.get("code", span.get("unit"))).lower()
    if (_number(span.get("value")), unit) not in _IN_24_HOURS:
        raise UnknownShape
    dose = _quantity(found.get("numerator"), formats)
    return [formats.catalogs.text(words.AT_MOST, formats.language).format(dose=dose)]


def _instructions(concepts: Any, formats: Formats) -> list[str]:
    if not isinstance(concepts, list):
        raise UnknownShape
    known = [_known(concept, words.INSTRUCTIONS) for concept in concepts]
    return [formats.catalogs.text(found, formats.language) for found in known if found is not None]


def _known(concept: Any, table: Mapping[str, Message | None]) -> Message | None:
    """What a CodeableConcept stands for. All of it has to be known; its text is closer than its codes."""
    found = fields(concept, _CONCEPT)
    codings = found.get("coding", [])
    if not isinstance(codings, list) or not all(isinstance(coding, Mapping) for coding in codings):
        raise UnknownShape
    codes = [str(coding.get("code")) for coding in codings]
    text = [str(found["text"]).strip().lower()] if "text" in found else []
    if not codes + text or not set(codes + text) <= set(table):
        raise UnknownShape
    if not text and len({table[code] for code in codes}) != 1:
        raise UnknownShape
    return table[(text + codes)[0]]
