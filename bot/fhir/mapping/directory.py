"""The clinic itself: Practitioner, PractitionerRole, Location."""

from collections.abc import Mapping
from typing import Any

from bot.channels.phone_numbers import as_e164
from bot.fhir.mapping.places import country_of, time_zone_of
from bot.fhir.taking import Rejected, Taking, change, codes_of, whole_name, words_of
from bot.records import Location, Practitioner

# HL7 location-physical-type: a place that is only to be called.
VIRTUAL = "vi"


def take_practitioner(taking: Taking) -> None:
    """A Practitioner, named as patients know them. Raises Rejected."""
    name = whole_name(taking.name_in_use())
    practitioner = taking.row(Practitioner)
    if practitioner is None:
        taking.add(Practitioner(name=name, specialty={}))
    else:
        change(practitioner, name=name)


def take_practitioner_role(taking: Taking) -> None:
    """What a Practitioner does, and where; kept for Schedules. Raises Rejected."""
    practitioner_id = taking.local_id(taking.resource["practitioner"], "Practitioner")
    if practitioner_id is None:
        raise Rejected("PractitionerRole.practitioner", "refers to nobody on record")
    specialty = words_of(next(iter(taking.resource.get("specialty", ())), None))
    if specialty and taking.resource.get("active", True):
        practitioner = taking.session.get_one(Practitioner, practitioner_id)
        practitioner.specialty = {**practitioner.specialty, taking.language: specialty}
    taking.entry.keep(taking.resource)


def take_location(taking: Taking) -> None:
    """A place with its address, phone and time zone. Raises Rejected."""
    resource, defaults = taking.resource, taking.defaults
    if resource.get("mode") == "kind":
        raise Rejected("Location.mode", "is a kind of place, not one that somebody can go to")
    addresses = [resource["address"]] if "address" in resource else []
    country = country_of(addresses) or defaults.country
    values = {
        "name": resource["name"],
        "address": _address(addresses[0]) if addresses else "",
        "phone": _phone(taking, country) or defaults.phone,
        "time_zone": time_zone_of(resource.get("extension", ()), addresses, country) or defaults.time_zone,
        **_position(taking),
        "directions": {taking.language: resource["description"]} if "description" in resource else {},
    }
    location = taking.row(Location)
    if location is None:
        taking.add(Location(floor={}, **values))
    else:
        change(location, **values)
    if VIRTUAL in codes_of(resource.get("physicalType")):
        taking.entry.keep(taking.resource)


def video_address(location: Mapping[str, Any] | None) -> str | None:
    """The link of a virtual Location that was kept."""
    telecom = (location or {}).get("telecom", ())
    return next((str(each["value"]) for each in telecom if each.get("system") == "url" and each.get("value")), None)


def _position(taking: Taking) -> dict[str, float | None]:
    """Degrees. One without the other, or off the globe, is no place."""
    position = taking.resource.get("position", {})
    latitude, longitude = position.get("latitude"), position.get("longitude")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        if position:
            taking.remark("position", "is no place on the globe")
        return {"latitude": None, "longitude": None}
    return {"latitude": float(latitude), "longitude": float(longitude)}


def _address(address: Mapping[str, Any]) -> str:
    lines = ", ".join(address.get("line", ()))
    town = " ".join(address[part] for part in ("city", "state", "postalCode") if part in address)
    return str(address.get("text") or ", ".join(part for part in (lines, town) if part))


def _phone(taking: Taking, country: str) -> str | None:
    """Its own, else that of the organization that runs it."""
    runs_it = taking.fhir_id(taking.resource.get("managingOrganization"), "Organization")
    organization = taking.identities.document("Organization", runs_it) or {}
    entries = [*taking.resource.get("telecom", ()), *organization.get("telecom", ())]
    phones = (as_e164(each["value"], country) for each in entries if each.get("system") == "phone" and "value" in each)
    return next((phone for phone in phones if phone), None)
