"""What every row's resources are made with."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from bot.fhir.csv.cells import Conventions


@dataclass(frozen=True, kw_only=True)
class Making:
    """`language` is that of free texts where the map says it; `consents` are the ids of those on record."""

    conventions: Conventions
    language: str | None
    consents: AbstractSet[str]
