"""What an import did: counts by type, and everything that was not taken, with its id, path and reason."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """Of one resource. Partly: taken without something that is said. Not read: Northstar has no use for it."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    PARTLY = "partly"
    REJECTED = "rejected"
    NOT_READ = "not_read"


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One thing that was not taken. Holds no value of the record."""

    source: str
    place: str
    resource: str
    path: str
    reason: str
    rejected: bool


class Written(StrEnum):
    """What became of something that we write to a server. Left: for the next sync, or for good; a remark says why."""

    CREATED = "created"
    UPDATED = "updated"
    LEFT = "left"
    REFUSED = "refused"


@dataclass
class Report:
    """`counts` by resource type and outcome; a resource that was taken in part also counts as new or updated.

    `written` counts what was written back to a server.
    """

    counts: Counter[tuple[str, Outcome]] = field(default_factory=Counter)
    remarks: list[Remark] = field(default_factory=list)
    written: Counter[tuple[str, Written]] = field(default_factory=Counter)

    def count(self, resource_type: str, outcome: Outcome) -> None:
        self.counts[resource_type, outcome] += 1

    def total(self, outcome: Outcome) -> int:
        return sum(count for (_, each), count in self.counts.items() if each is outcome)

    @property
    def is_clean(self) -> bool:
        """Nothing was rejected here, and nothing refused there."""
        return not any(remark.rejected for remark in self.remarks)

    @property
    def resource_types(self) -> list[str]:
        return sorted({resource_type for resource_type, _ in self.counts})
