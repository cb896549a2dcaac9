"""ContactPoint (FHIR R4 Patient.telecom, RelatedPerson.telecom): an address of a person on a channel."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import ChannelName
from bot.records.base import Record, references
from bot.records.types import BlindIndex, Sealed


class ContactPoint(Record):
    """`address` is E.164 for SMS, the chat id for Telegram, an opaque session id for web chat.

    Several people may share one address: then nobody is named until one of them is chosen. `fhir_resource_id` is the
    imported resource that names the address; when it does so no longer the row goes.
    """

    __tablename__ = "contact_point"
    __table_args__ = (
        CheckConstraint("(patient_id IS NULL) <> (related_person_id IS NULL)", name="one_owner"),
        Index("ix_contact_point_address", "channel", "address_index"),
    )

    channel: Mapped[ChannelName]
    address_sealed: Mapped[bytes] = mapped_column("address")
    address_index: Mapped[str] = mapped_column(BlindIndex)
    patient_id: Mapped[UUID | None] = mapped_column(references("patient.id"), index=True)
    related_person_id: Mapped[UUID | None] = mapped_column(references("related_person.id"), index=True)
    fhir_resource_id: Mapped[UUID | None] = mapped_column(references("fhir_resource.id"))
    verified_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]

    address = Sealed("address_sealed")
