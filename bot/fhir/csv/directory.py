"""Practitioners and places: many rows name the same, which is one resource, told by the first of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.fhir.csv.fields import Kind
from bot.fhir.csv.resources import Resource
from bot.fhir.csv.table import Row

NAMED = ("Practitioner", "Location")
# What rows may say differently of one place, and the field that says it.
TOLD = {"address": "location_address", "telecom": "location_phone"}


@dataclass(kw_only=True)
class Directory:
    """`first` is the row that names each, by id; both grow with the clinic, not with its rows."""

    first: dict[str, tuple[Kind, int]] = field(default_factory=dict)
    known: dict[str, Resource] = field(default_factory=dict)

    def learn(self, row: Row, resources: Iterable[Resource]) -> None:
        """What is blank in a row says nothing; what differs from an earlier row is noted."""
        for each in resources:
            if each["resourceType"] not in NAMED:
                continue
            _, first = self.first.setdefault(each["id"], (row.table.kind, row.number))
            known = self.known.setdefault(each["id"], each)
            for element, name in TOLD.items():
                if element in each and known.setdefault(element, each[element]) != each[element]:
                    row.wrong(name, f"is not what row {first} says of the same place; make them the same")

    def told(self, row: Row, resources: Iterable[Resource]) -> Iterator[Resource]:
        """The row's resources, each practitioner and place only where it is named first."""
        for each in resources:
            if each["resourceType"] not in NAMED:
                yield each
            elif self.first.get(each["id"]) == (row.table.kind, row.number):
                yield self.known[each["id"]]
