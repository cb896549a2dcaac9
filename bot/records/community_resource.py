"""CommunityResource (FHIR HealthcareService): help outside the clinic; public, so not sealed."""

from datetime import date

from sqlalchemy.orm import Mapped

from bot.records.base import Record


class CommunityResource(Record):
    """`topic` is one of transport, food, medication_assistance, respite, interpreter, mental_health.

    `name`, `summary` and `hours` are by BCP 47 language; `phone` is E.164.
    """

    __tablename__ = "community_resource"

    topic: Mapped[str]
    name: Mapped[dict[str, str]]
    summary: Mapped[dict[str, str]]
    hours: Mapped[dict[str, str]]
    phone: Mapped[str | None]
    url: Mapped[str | None]
    expires_on: Mapped[date]
