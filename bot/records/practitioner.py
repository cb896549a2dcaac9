"""Practitioner (FHIR R4): staff who treat; a public directory, so not sealed."""

from sqlalchemy.orm import Mapped

from bot.records.base import Record


class Practitioner(Record):
    """`name` as patients know it ("Dr. Priya Nair"); `specialty` by BCP 47 language."""

    __tablename__ = "practitioner"

    name: Mapped[str]
    specialty: Mapped[dict[str, str]]
