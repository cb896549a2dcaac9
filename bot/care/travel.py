"""How long the way between two places takes, for somebody who has to be on time at the second."""

from datetime import timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Protocol
from uuid import UUID

EARTH_KM = 6371.0
# A road is 1.417 times as long as the straight line (Boscoe, Henry and Zdeb 2012, drives to hospitals in the US).
DETOUR = 1.417
# Through a town by car or bus, with its lights and stops.
KM_PER_HOUR = 25.0
# Out of one building, parking or waiting, into the other.
ON_FOOT = timedelta(minutes=10)
# Two places of which nobody said where they are.
UNKNOWN_WAY = timedelta(minutes=30)


class Spot(Protocol):
    """A place; degrees (WGS 84), or None where nobody said."""

    @property
    def id(self) -> UUID: ...
    @property
    def address(self) -> str: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...


def travel_time(first: Spot | None, second: Spot | None) -> timedelta:
    """None is a visit by video: no way at all. The same address is the same house."""
    if first is None or second is None or first.id == second.id:
        return timedelta()
    if first.address and first.address == second.address:
        return timedelta()
    kilometres = _kilometres(first, second)
    return UNKNOWN_WAY if kilometres is None else ON_FOOT + timedelta(hours=kilometres * DETOUR / KM_PER_HOUR)


def _kilometres(first: Spot, second: Spot) -> float | None:
    """The great circle between them (haversine)."""
    if None in (first.latitude, first.longitude, second.latitude, second.longitude):
        return None
    degrees = (first.latitude, first.longitude, second.latitude, second.longitude)
    latitude_1, longitude_1, latitude_2, longitude_2 = (radians(each or 0.0) for each in degrees)
    half = sin((latitude_2 - latitude_1) / 2) ** 2
    half += cos(latitude_1) * cos(latitude_2) * sin((longitude_2 - longitude_1) / 2) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))
