"""FhirResource: what was taken from another system or written there, by its id there; our row, or its text."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.records.base import Record, references
from bot.records.types import SealedJson


class FhirResource(Record):
    """`source` names the system; `local_id` is the row of our table for this type.

    `document` is the whole resource of a type that we keep without a table of its own (CareTeam, Condition, ...).
    `digest` is the keyed HMAC of the resource's canonical JSON, by which the same again is known; `run_id` is the
    import that wrote it last. One that was taken in `part` is taken again by the next import, the same or not: what it
    refers to may have come since.

    Of a Communication or Task of ours that was written there, `digest` is of what we wrote and `imported_at` when;
    in `part` says that it may still change here.
    `agreed_at` is the time of the answer (Appointment.participation_at) that the other system knows, too.
    """

    __tablename__ = "fhir_resource"
    __table_args__ = (UniqueConstraint("source", "resource_type", "fhir_id"),)

    source: Mapped[str]
    resource_type: Mapped[str]
    fhir_id: Mapped[str]
    local_id: Mapped[UUID | None] = mapped_column(index=True)
    patient_id: Mapped[UUID | None] = mapped_column(references("patient.id"), index=True)
    version: Mapped[str | None]
    last_updated_at: Mapped[datetime | None]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    part: Mapped[bool] = mapped_column(default=False)
    document_sealed: Mapped[bytes | None] = mapped_column("document")
    imported_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    run_id: Mapped[UUID]

    _document = SealedJson("document_sealed")

    @property
    def document(self) -> Any:
        """The resource as it came, or None where a table of ours holds it."""
        return None if self.document_sealed is None else self._document

    def keep(self, resource: Any) -> None:
        self._document = resource
