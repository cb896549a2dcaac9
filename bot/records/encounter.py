"""Encounter (FHIR R4): a patient's stay in a hospital, or a visit to its emergency room."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from bot.domain.enums import EncounterStatus
from bot.records.base import Record, references


class Encounter(Record):
    """`class_code` is of HL7 v3-ActCode, as IMP or EMER, or empty where the source came to use codes of its own.

    `starts_at` and `ends_at` are None where nobody knows them, or not yet. `version` grows with each change of the
    status, the class or the times, so that what was set for an older one is void.
    """

    __tablename__ = "encounter"

    patient_id: Mapped[UUID] = mapped_column(references("patient.id"), index=True)
    status: Mapped[EncounterStatus]
    class_code: Mapped[str]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
