"""The file as a FHIR R4 Bundle (collection) that `northstar import fhir` takes in again."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from bot.fhir.export.gathering import PatientFile
from bot.fhir.export.kept import kept_documents
from bot.fhir.export.medicines import medicines
from bot.fhir.export.messages import messages
from bot.fhir.export.people import people
from bot.fhir.export.shapes import Element
from bot.fhir.export.visits import visits


def make_bundle(file: PatientFile) -> dict[str, Any]:
    """Every resource with the URN by which the others refer to it."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": file.made_at.isoformat(),
        "entry": [{"fullUrl": f"urn:uuid:{row_id}", "resource": resource} for row_id, resource in _entries(file)],
    }


def _entries(file: PatientFile) -> Iterator[tuple[UUID | str, Element]]:
    for part in (people, medicines, visits, messages):
        yield from ((resource["id"], resource) for resource in part(file))
    yield from kept_documents(file)
