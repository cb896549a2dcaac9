"""What came from other systems and has no table of ours: as it came, but for references to entries of this bundle.

A reference to another patient is left without name and id: who that is belongs to their own record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bot.fhir.export.gathering import PatientFile
from bot.fhir.export.references import PATIENT
from bot.fhir.export.shapes import Element, ref
from bot.fhir.identities import REFERENCE, URN
from bot.records import FhirResource


def kept_documents(file: PatientFile) -> Iterable[tuple[UUID, Element]]:
    """Each document with the id of its entry. Two systems may have used one id: then the second gets that of ours."""
    seen: set[tuple[str, str]] = set()
    rewriters = {each.source: _Rewriter(others=file.other_patients) for each in file.sources}
    for each in file.sources:
        rewriters[each.source].learn(each)
    for each in file.kept:
        patient = ref(PATIENT, file.patient.id)
        about = {name: patient for name in ("subject", "patient") if name in each.document}
        document = {**rewriters[each.source].rewrite(each.document), **about}
        key = each.resource_type, str(document.get("id", each.fhir_id))
        yield each.id, {**document, "id": str(each.id) if key in seen else key[1]}
        seen.add(key)


@dataclass(kw_only=True)
class _Rewriter:
    """References of one source system, by type and id there; `others` are ids of other patients."""

    others: frozenset[str]
    known: dict[tuple[str, str], Element] = field(default_factory=dict)

    def learn(self, entry: FhirResource) -> None:
        row_id = entry.id if entry.local_id is None else entry.local_id
        self.known[entry.resource_type, entry.fhir_id] = ref(entry.resource_type, row_id)

    def rewrite(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.rewrite(each) for each in value]
        if not isinstance(value, Mapping):
            return value
        if isinstance(value.get("reference"), str):
            return self._reference(value)
        return {name: self.rewrite(each) for name, each in value.items()}

    def _reference(self, reference: Mapping[str, Any]) -> Element:
        text = reference["reference"]
        plain, urn = REFERENCE.fullmatch(text), URN.fullmatch(text)
        named = [(kind, urn["id"]) for kind, fhir_id in self.known if fhir_id == urn["id"]] if urn else []
        target = self.known.get((plain["kind"], plain["id"]) if plain else named[0] if named else ("", ""))
        if target is not None:
            return {**reference, **target}
        kinds = (plain["kind"] if plain else None, reference.get("type"), text.partition("?")[0])
        of_another = PATIENT in kinds or (urn is not None and urn["id"] in self.others)
        return {"type": PATIENT} if of_another else dict(reference)
