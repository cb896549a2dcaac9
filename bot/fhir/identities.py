"""Which row of ours is which resource of another system, and how references find it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.fhir.elements import Resource
from bot.records import FhirResource
from bot.records.types import keyring

# FHIR R4 2.3.0.1: Type/id, with a server before it or a version behind it.
REFERENCE = re.compile(r"(?:.*/)?(?P<kind>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9.\-]{1,64})(?:/_history/[A-Za-z0-9.\-]+)?")
CONDITIONAL = re.compile(r"(?P<kind>[A-Z][A-Za-z]+)\?identifier=(?P<identifier>.+)")
URN = re.compile(r"urn:(?:uuid|oid):(?P<id>[A-Za-z0-9.\-]{1,64})")
ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")


def canonical(resource: Resource) -> str:
    """The same for the same contents, whatever the order of keys. Raises UnicodeError for what no database holds."""
    text = json.dumps(resource, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    text.encode()
    if r"\u0000" in text:
        raise UnicodeError("NUL")
    return text


def digest_of(text: str) -> bytes:
    """Keyed, so that nobody can guess contents by it."""
    return keyring().blind(text)


@dataclass(kw_only=True)
class Names:
    """Other names by which the entries of the files refer to each other: URNs and identifiers, with type and id."""

    known: dict[tuple[str, str], str] = field(default_factory=dict)

    def learn(self, kind: str, fhir_id: str, full_url: str | None, resource: Resource) -> None:
        urn = URN.fullmatch(full_url or "")
        if urn is not None and urn["id"] != fhir_id:
            self.known[kind, urn["id"]] = fhir_id
        if kind != "Patient":  # The directory is small; patients are found by reference.
            for identifier in _identifiers(resource):
                self.known[kind, identifier] = fhir_id

    def resolve(self, reference: str, kind: str) -> str | None:
        """The id of that type's resource that is meant, or None when the reference has another type or no id."""
        conditional = CONDITIONAL.fullmatch(reference)
        if conditional is not None:
            named = self.known.get((kind, conditional["identifier"]))
            return named if conditional["kind"] == kind else None
        urn = URN.fullmatch(reference)
        if urn is not None:
            return self.known.get((kind, urn["id"]), urn["id"])
        plain = REFERENCE.fullmatch(reference)
        return plain["id"] if plain is not None and plain["kind"] == kind else None


def _identifiers(resource: Resource) -> list[str]:
    found = resource.get("identifier")
    each = found if isinstance(found, list) else []
    return [f"{one.get('system', '')}|{one.get('value', '')}" for one in each if isinstance(one, Mapping)]


def id_of(resource: Resource, full_url: str | None) -> str | None:
    """Its own id, else the one of its entry's URN; None when it has neither."""
    own = resource.get("id")
    if isinstance(own, str) and ID.fullmatch(own):
        return own
    urn = URN.fullmatch(full_url or "")
    return urn["id"] if own is None and urn is not None else None


@dataclass(kw_only=True)
class Identities:
    """The table `fhir_resource` of one source system, in one transaction."""

    session: Session
    source: str

    def find(self, kind: str, fhir_id: str) -> FhirResource | None:
        return self.session.scalar(
            select(FhirResource).where(
                FhirResource.source == self.source,
                FhirResource.resource_type == kind,
                FhirResource.fhir_id == fhir_id,
            )
        )

    def of_row(self, kind: str, local_id: UUID) -> FhirResource | None:
        """What a row of ours is there."""
        return self.session.scalar(
            select(FhirResource).filter_by(source=self.source, resource_type=kind, local_id=local_id)
        )

    def local_id(self, kind: str, fhir_id: str | None) -> UUID | None:
        """Our row's id, or None for a resource that never came."""
        found = None if fhir_id is None else self.find(kind, fhir_id)
        return None if found is None else found.local_id

    def document(self, kind: str, fhir_id: str | None) -> Mapping[str, Any] | None:
        """A kept resource as it came."""
        found = None if fhir_id is None else self.find(kind, fhir_id)
        return None if found is None else found.document

    def add(self, kind: str, fhir_id: str) -> FhirResource:
        """A row for a resource that never came before; the caller says what it stands for."""
        found = FhirResource(source=self.source, resource_type=kind, fhir_id=fhir_id, local_id=None)
        self.session.add(found)
        return found
