"""FHIR R4 shapes that several resources share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

Element = dict[str, Any]

# What FHIR R4 has no element for stands in extensions of our own.
OWN = "urn:northstar:"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


def resource(kind: str, row_id: UUID, **elements: Any) -> Element:
    """Elements that are None or empty are left out; a trailing underscore of a name goes."""
    named = {name.rstrip("_"): value for name, value in elements.items() if value not in (None, [], {}, "")}
    return {"resourceType": kind, "id": str(row_id), **named}


def ref(kind: str, row_id: UUID) -> Element:
    """To an entry of the same bundle."""
    return {"reference": f"urn:uuid:{row_id}", "type": kind}


def instant(at: datetime | None) -> str | None:
    """An instant of ours as FHIR writes it."""
    return None if at is None else at.isoformat()


def period(start: datetime | None, end: datetime | None) -> Element:
    return {name: at.isoformat() for name, at in (("start", start), ("end", end)) if at is not None}


def coding(system: str, code: str) -> Element:
    return {"coding": [{"system": system, "code": code}]}


def own(name: str, **value: Any) -> list[Element]:
    """An extension of ours, or none for a value that is None: `own("stopped-at", valueDateTime=...)`."""
    return [{"url": f"{OWN}{name}", **value} for each in value.values() if each is not None]


def language_of(texts: Sequence[Mapping[str, str] | None], preferred: str) -> str | None:
    """In which language a resource's free texts stand: the patient's where all have it, else one that all have."""
    having = [set(text) for text in texts if text]
    if not having:
        return None
    common = set.intersection(*having) or having[0]
    return preferred if preferred in common else "en" if "en" in common else min(common)


def in_words(element: str, text: Mapping[str, str] | None, language: str | None) -> Element:
    """An element in the resource's language, the other languages beside it (FHIR R4, translations)."""
    if not text:
        return {}
    others = [
        {
            "url": TRANSLATION,
            "extension": [{"url": "lang", "valueCode": code}, {"url": "content", "valueString": words}],
        }
        for code, words in text.items()
        if code != language
    ]
    said = {} if language is None or language not in text else {element: text[language]}
    return {**said, f"_{element}": {"extension": others}} if others else said
