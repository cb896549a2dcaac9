"""Whom the documents of other systems refer to."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.fhir.identities import REFERENCE, URN
from bot.records import FhirResource

PATIENT = "Patient"


def other_patients(session: Session, patient_id: UUID, documents: Iterable[Any]) -> frozenset[str]:
    """The ids, as their system writes them, of other patients to whom these documents refer."""
    named = {fhir_id for document in documents for fhir_id in _ids(document)}
    query = select(FhirResource.fhir_id).where(
        FhirResource.resource_type == PATIENT,
        FhirResource.fhir_id.in_(named),
        FhirResource.patient_id != patient_id,
    )
    return frozenset(session.scalars(query))


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)
    elif isinstance(value, Mapping):
        text = value.get("reference")
        found = (URN.fullmatch(text) or REFERENCE.fullmatch(text)) if isinstance(text, str) else None
        if found is not None:
            yield found["id"]
        for each in value.values():
            yield from _ids(each)
