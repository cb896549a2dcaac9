"""The first reading of all files: are they whole, what is in them, and by which names do entries refer to each other?

Nothing is written before every file was read to its end.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.fhir.bundles import Found, read_resources
from bot.fhir.identities import Names, id_of
from bot.fhir.report import Outcome, Remark, Report
from bot.fhir.sources import Source

# What is being done, how many resources are done, and of how many (None where that is not known yet).
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One resource that can be taken, and where it stands."""

    source: str
    place: str
    kind: str
    fhir_id: str
    resource: Mapping[str, Any]


@dataclass(kw_only=True)
class Survey:
    """`kinds` counts the resources that can be taken, by file and type."""

    sources: Sequence[Source]
    names: Names = field(default_factory=Names)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)

    def count(self, kinds: Container[str]) -> int:
        return sum(count for own in self.kinds.values() for kind, count in own.items() if kind in kinds)

    def standing(self, kinds: Container[str]) -> Iterator[Standing]:
        """The resources of these types, in the order of the files. Files without any are not read again."""
        for source in self.sources:
            if not any(kind in kinds for kind in self.kinds[source.name]):
                continue
            for found in read_resources(source):
                each = _standing(source, found)
                if isinstance(each, Standing) and each.kind in kinds:
                    yield each


@dataclass(frozen=True)
class _Unusable:
    path: str
    reason: str


def survey(sources: Sequence[Source], taken: Container[str], report: Report, say: Progress) -> Survey:
    """Reads every file to its end and reports what cannot be taken. Raises ImportRefused for a file that is broken."""
    found_out = Survey(sources=sources)
    done = 0
    for source in sources:
        kinds = found_out.kinds[source.name] = Counter()
        for found in read_resources(source):
            done += 1
            say("reading", done, None)
            match _standing(source, found):
                case Standing(kind=kind) if kind not in taken:
                    report.count(kind, Outcome.NOT_READ)
                case Standing(kind=kind, fhir_id=fhir_id, resource=resource):
                    kinds[kind] += 1
                    found_out.names.learn(kind, fhir_id, found.full_url, resource)
                case _Unusable(path, reason):
                    report.count("Bundle", Outcome.REJECTED)
                    report.remarks.append(
                        Remark(
                            source=source.name,
                            place=found.place,
                            resource="Bundle",
                            path=path,
                            reason=reason,
                            rejected=True,
                        )
                    )
    return found_out


def _standing(source: Source, found: Found) -> Standing | _Unusable:
    resource = found.resource
    if found.method == "DELETE":
        return _Unusable("entry.request", "is a deletion; import the resource with its new status instead")
    if not isinstance(resource, Mapping):
        return _Unusable("entry.resource", "is no resource")
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return _Unusable("entry.resource.resourceType", "is missing")
    fhir_id = id_of(resource, found.full_url)
    if fhir_id is None:
        return _Unusable("entry.resource.id", "is missing or no FHIR id, so it could not be found again")
    return Standing(source=source.name, place=found.place, kind=kind, fhir_id=fhir_id, resource=resource)
