"""What a mapping has at hand while it turns one resource into rows, and how it says what it could not use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from bot.fhir.elements import Problem, Resource
from bot.fhir.identities import Identities, Names
from bot.records import FhirResource, Record

Row = TypeVar("Row", bound=Record)
# An E.164 number with its owner's column and id.
Number = tuple[str, Mapping[str, UUID]]
# FHIR's name uses, the best for addressing somebody first; one that no longer holds, or hides the person, is none.
NAME_USES = ("usual", "official", None, "nickname", "temp")


class Rejected(Exception):
    """The resource is not taken; `problems` say where and why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path)
        self.problems: tuple[Problem, ...] = (Problem(path, reason),)

    @classmethod
    def all_of(cls, problems: tuple[Problem, ...]) -> Self:
        rejected = cls(problems[0].path, problems[0].reason)
        rejected.problems = problems
        return rejected


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """The deployment's own, where a record says nothing. `phone` is E.164, `country` ISO 3166-1, zone IANA."""

    language: str
    languages: tuple[str, ...]
    country: str
    time_zone: str
    phone: str
    dose_reminders: bool = False


@dataclass(kw_only=True)
class Taking:
    """One resource on its way into the record. `resource` is what could be read of it, `raw` all of it."""

    session: Session
    identities: Identities
    names: Names
    defaults: Defaults
    now: datetime
    resource: Resource
    raw: Resource
    entry: FhirResource
    lost: frozenset[str]
    problems: list[Problem] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)
    numbers: list[Number] = field(default_factory=list)
    is_new: bool = False
    waits: bool = False

    @property
    def kind(self) -> str:
        return str(self.resource["resourceType"])

    @property
    def language(self) -> str:
        """Of the resource's free text, BCP 47."""
        return str(self.resource.get("language") or self.defaults.language)

    def remark(self, path: str, reason: str) -> None:
        self.problems.append(Problem(f"{self.kind}.{path}", reason))

    def row(self, table: type[Row]) -> Row | None:
        """Our row of this resource from an earlier import."""
        return None if self.entry.local_id is None else self.session.get(table, self.entry.local_id)

    def add(self, row: Row) -> Row:
        self.session.add(row)
        self.entry.local_id, self.is_new = row.id, True
        return row

    def name_in_use(self) -> Mapping[str, Any]:
        """The best of the resource's HumanNames. Raises Rejected when none holds."""
        usable: list[Mapping[str, Any]] = [
            name for name in self.resource["name"] if name.get("use") in NAME_USES and whole_name(name)
        ]
        best = min(usable, key=lambda name: NAME_USES.index(name.get("use")), default=None)
        if best is None:
            raise Rejected(f"{self.kind}.name", "holds no name that is in use")
        return best

    def about(self, patient_id: UUID) -> None:
        """Whose record this changes."""
        self.entry.patient_id = patient_id
        self.touched.add(patient_id)

    def wait_for(self, element: str, kind: str) -> None:
        """It refers to something that may come later in the same import; then it is taken again."""
        self.waits = True
        self.remark(element, f"refers to no {kind} on record")

    def local_id(self, reference: Mapping[str, Any] | None, kind: str) -> UUID | None:
        """The row that a Reference of the resource means."""
        return self.identities.local_id(kind, self.fhir_id(reference, kind))

    def referred(self, reference: Mapping[str, Any] | None, kind: str) -> FhirResource | None:
        """The resource of that type that a Reference means, when it is on record."""
        named = self.fhir_id(reference, kind)
        return None if named is None else self.identities.find(kind, named)

    def fhir_id(self, reference: Mapping[str, Any] | None, kind: str) -> str | None:
        text = (reference or {}).get("reference")
        return self.names.resolve(text, kind) if isinstance(text, str) else None

    def patient_id(self, element: str) -> UUID:
        """Whose the resource is. Raises Rejected when that patient is not on record."""
        found = self.local_id(self.resource[element], "Patient")
        if found is None:
            raise Rejected(f"{self.kind}.{element}", "refers to no patient on record")
        self.about(found)
        return found


def change(row: Record, **values: Any) -> None:
    """Only what differs: a sealed value would be sealed anew."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def words_of(concept: Mapping[str, Any] | None) -> str | None:
    """A CodeableConcept in words: its own text, else the first display of its codes."""
    if concept is None:
        return None
    displays = (coding.get("display") for coding in concept.get("coding", []))
    return next((text for text in (concept.get("text"), *displays) if text), None)


def codes_of(concept: Mapping[str, Any] | None) -> set[str]:
    return {str(coding["code"]) for coding in (concept or {}).get("coding", []) if "code" in coding}


def whole_name(name: Mapping[str, Any]) -> str:
    """A HumanName as it is written: its own text, else its parts in the order of the West; may be empty."""
    parts = (*name.get("prefix", ()), *name.get("given", ()), name.get("family", ""))
    return str(name.get("text") or " ".join(part for part in parts if part)).strip()
