"""Location (FHIR R4): a place of the clinic; public, so not sealed."""

from sqlalchemy.orm import Mapped

from bot.records.base import Record


class Location(Record):
    """`floor` and `directions` are the clinic's words by BCP 47 language; `phone` is E.164; IANA zone.

    `latitude` and `longitude` are degrees (WGS 84), both or neither.
    """

    __tablename__ = "location"

    name: Mapped[str]
    address: Mapped[str]
    floor: Mapped[dict[str, str]]
    directions: Mapped[dict[str, str]]
    phone: Mapped[str]
    time_zone: Mapped[str]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
