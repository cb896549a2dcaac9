"""PatientIdentifier (FHIR R4 Patient.identifier): a number by which another system knows the person."""

from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.records.base import Record, references
from bot.records.types import BlindIndex, Sealed


class PatientIdentifier(Record):
    """`system` is the URI of who gives the numbers; no two people have one number of a system."""

    __tablename__ = "patient_identifier"
    __table_args__ = (UniqueConstraint("system", "value_index"),)

    patient_id: Mapped[UUID] = mapped_column(references("patient.id"), index=True)
    system: Mapped[str]
    value_sealed: Mapped[bytes] = mapped_column("value")
    value_index: Mapped[str] = mapped_column(BlindIndex)

    value = Sealed("value_sealed")
