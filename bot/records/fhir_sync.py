"""FhirSync: how far one resource type of a FHIR server has been taken over."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from bot.records.base import Record


class FhirSync(Record):
    """`source` is the server's address. What it last changed before `last_updated_at` (its own clock) is on record.

    `again` holds the ids of resources that are not, or not whole: each sync asks for them anew, changed or not.
    """

    __tablename__ = "fhir_sync"
    __table_args__ = (UniqueConstraint("source", "resource_type"),)

    source: Mapped[str]
    resource_type: Mapped[str]
    last_updated_at: Mapped[datetime | None]
    again: Mapped[list[str]]
