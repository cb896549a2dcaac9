"""A resource of ours that a server should have, and how it is known there as ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import InstrumentedAttribute

from bot.fhir.elements import Resource
from bot.records import FhirResource

# With the row's UUID it finds again what was created just before we broke off.
SYSTEM = "urn:northstar"


@dataclass(frozen=True, kw_only=True)
class Due:
    """`resource` as it should be there, without id; `may_change`: it is looked at again by the next sync."""

    local_id: UUID
    patient_id: UUID | None
    resource: Resource
    may_change: bool

    @property
    def kind(self) -> str:
        return str(self.resource["resourceType"])

    @property
    def identifier(self) -> str:
        return f"{SYSTEM}|{self.local_id}"


def identifiers(local_id: UUID) -> list[Resource]:
    return [{"system": SYSTEM, "value": str(local_id)}]


def is_ours(resource: Resource) -> bool:
    """Whether a Northstar wrote it: no news for a Northstar."""
    found = resource.get("identifier")
    each = found if isinstance(found, list) else []
    return any(isinstance(one, Mapping) and one.get("system") == SYSTEM for one in each)


LocalId = InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None]


def entry_of(entry: type[FhirResource], source: str, kind: str, local_id: LocalId) -> ColumnElement[bool]:
    """To join the row that says what a row of ours is called on that server."""
    return and_(entry.source == source, entry.resource_type == kind, entry.local_id == local_id)
