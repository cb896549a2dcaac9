"""Where an Address is: its country and its time zone.

A state that lies in two zones says nothing, nor does a country of several: then the deployment's zone holds.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_global

from bot.domain.clock import zone
from bot.domain.errors import UnknownTimeZone
from bot.yaml_file import read_yaml

# HL7's extension on Patient, Location and Address: an IANA code.
TIME_ZONE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/timezone"
STATES_FILE = Path(__file__).with_name("states.yml")
# One that was, or for bills, is not where somebody lives.
USES = ("home", None, "temp", "work")

Address = Mapping[str, Any]


def country_of(addresses: Sequence[Address]) -> str | None:
    """ISO 3166-1 alpha-2, from a code of two or three letters or the English name; None when it is not told."""
    for address in _best_first(addresses):
        found = _countries().get(str(address.get("country", "")).strip().casefold())
        if found is not None:
            return found
    return None


def time_zone_of(extensions: Sequence[Mapping[str, Any]], addresses: Sequence[Address], country: str) -> str | None:
    """The IANA zone: of the extension, else of the state or country where it has only one; else None."""
    said = [*extensions, *(extension for address in addresses for extension in address.get("extension", ()))]
    for extension in said:
        if extension.get("url") == TIME_ZONE_EXTENSION and (name := _zone(extension.get("valueCode"))):
            return name
    for address in _best_first(addresses):
        state = _states(country).get(str(address.get("state", "")).strip().casefold())
        if state is not None:
            return state
    zones = get_global("territory_zones").get(country, [])
    return zones[0] if len(zones) == 1 else None


def _best_first(addresses: Sequence[Address]) -> list[Address]:
    usable = [address for address in addresses if address.get("use") in USES]
    return sorted(usable, key=lambda address: USES.index(address.get("use")))


def _zone(name: Any) -> str | None:
    try:
        return zone(name).key if isinstance(name, str) else None
    except UnknownTimeZone:
        return None


@cache
def _countries() -> Mapping[str, str]:
    names = {str(code): name for code, name in Locale("en").territories.items()}
    two = {code: code for code in names if len(code) == 2 and code.isalpha()}
    three = {alias: codes[0] for alias, codes in get_global("territory_aliases").items() if len(alias) == 3}
    known = {**{names[code]: code for code in two}, **three, **two, "United States of America": "US"}
    return {name.casefold(): code for name, code in known.items()}


@cache
def _states(country: str) -> Mapping[str, str]:
    document = read_yaml(STATES_FILE).get(country, {})
    return {name.casefold(): name_of_zone for name_of_zone, names in document.items() for name in names}
