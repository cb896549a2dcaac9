"""ClinicResource (FHIR HealthcareService): an answer or a place of help that the desk keeps; public, so not sealed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.enums import ResourceTopic
from bot.records.base import Record, references
from bot.records.coordinator import Coordinator


class ClinicResource(Record):
    """`name`, `summary` (the answer itself), `hours` and `eligibility` are by BCP 47 language, so are `keywords`,
    the further words by which people ask for it.

    `location_id` is the clinic's Location that it is about, null for all. It is offered through `expires_on`, a
    local date of the clinic, unless it was retired. `version` grows with each change, so that two coordinators
    cannot both save theirs. `phone` is E.164.
    """

    __tablename__ = "clinic_resource"

    topic: Mapped[ResourceTopic] = mapped_column(index=True)
    name: Mapped[dict[str, str]]
    summary: Mapped[dict[str, str]]
    hours: Mapped[dict[str, str]]
    eligibility: Mapped[dict[str, str]]
    keywords: Mapped[dict[str, list[str]]]
    place: Mapped[str] = mapped_column(default="")
    location_id: Mapped[UUID | None] = mapped_column(references("location.id"))
    phone: Mapped[str | None]
    url: Mapped[str | None]
    expires_on: Mapped[date]
    retired_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[UUID | None] = mapped_column(references("coordinator.id"))

    updated_by: Mapped[Coordinator | None] = relationship(lazy="raise")
