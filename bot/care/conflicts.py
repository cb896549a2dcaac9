"""Visits of one patient that cannot both be kept."""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations
from typing import Generic, NamedTuple, Protocol, TypeVar


class Timed(Protocol):
    """Anything with a beginning and an end, UTC; a visit or an appointment row."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


T = TypeVar("T", bound=Timed)


class Conflict(NamedTuple, Generic[T]):
    """`first` starts before `second` or with it."""

    first: T
    second: T


def find_conflicts(visits: Sequence[T]) -> list[Conflict[T]]:
    """Each pair that overlaps. One that ends when the other starts does not."""
    ordered = sorted(visits, key=lambda visit: (visit.starts_at, visit.ends_at))
    return [
        Conflict(first, second)
        for first, second in combinations(ordered, 2)
        if second.starts_at < first.ends_at and first.starts_at < second.ends_at
    ]
