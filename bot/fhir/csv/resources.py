"""FHIR R4 of what rows say: ids that stay the same from file to file, and small resources that several rows name."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from bot.fhir.identities import ID

Resource = dict[str, Any]
NAMESPACE = UUID("6f0c7d8e-51b7-4a39-9d3e-2c8a4b1f7e60")


def id_of(kind: str, text: str) -> str:
    """The clinic's own id where FHIR allows its letters, else one that always comes of it."""
    return text if ID.fullmatch(text) else derived_id(kind, text)


def derived_id(kind: str, text: str) -> str:
    return str(uuid5(NAMESPACE, f"{kind}|{text}"))


def resource(kind: str, fhir_id: str, **elements: Any) -> Resource:
    """Elements without anything in them are left out, as FHIR wants it."""
    said = {name: value for name, value in elements.items() if value not in (None, "", [], {})}
    return {"resourceType": kind, "id": fhir_id, **said}


def to(found: Mapping[str, Any]) -> Resource:
    """A Reference."""
    return {"reference": f"{found['resourceType']}/{found['id']}"}


def to_patient(text: str) -> Resource:
    return {"reference": f"Patient/{id_of('Patient', text)}"}


def practitioner(name: str) -> Resource:
    """The same name is the same person."""
    return resource("Practitioner", derived_id("Practitioner", _key(name)), name=[{"text": name}])


def location(name: str, address: str, phone: str | None, language: str | None) -> Resource:
    """The same name is the same place."""
    return resource(
        "Location",
        derived_id("Location", _key(name)),
        language=language,
        name=name,
        address={"text": address} if address else None,
        telecom=[{"system": "phone", "value": phone}] if phone else None,
    )


def video(link: str) -> Resource:
    """A virtual place, whose address is the link of the visit."""
    return resource(
        "Location",
        derived_id("Location", f"video|{link}"),
        name="Video visit",
        physicalType={"coding": [{"code": "vi"}]},
        telecom=[{"system": "url", "value": link}],
    )


def _key(name: str) -> str:
    return " ".join(name.casefold().split())
