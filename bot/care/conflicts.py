"""Visits of one patient that cannot both be kept: at the same time, or too near for the way between them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Generic, NamedTuple, Protocol, TypeVar

from bot.care.travel import Spot, travel_time


class Placed(Protocol):
    """Anything with a beginning and a later end, UTC, and a place, None by video: a visit, an appointment's row."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def spot(self) -> Spot | None: ...


T = TypeVar("T", bound=Placed)


class Conflict(NamedTuple, Generic[T]):
    """`first` starts before `second` or with it; `way` is what lies between their places."""

    first: T
    second: T
    way: timedelta


def find_conflicts(visits: Sequence[T]) -> list[Conflict[T]]:
    """Each pair that cannot both be kept. One that ends when the other starts can, in the same place."""
    ordered = sorted(visits, key=lambda visit: (visit.starts_at, visit.ends_at))
    ways = ((first, second, travel_time(first.spot, second.spot)) for first, second in combinations(ordered, 2))
    return [Conflict(first, second, way) for first, second, way in ways if second.starts_at < first.ends_at + way]


def conflicts_with(visit: Placed, others: Sequence[T]) -> list[T]:
    """Those of the others that cannot be kept beside this one."""
    beside: list[list[Placed]] = [[visit, other] for other in others]
    return [other for other, pair in zip(others, beside, strict=True) if find_conflicts(pair)]
