"""RelatedPerson (FHIR R4): a caregiver. What they may know is in Consent."""

from sqlalchemy.orm import Mapped, mapped_column

from bot.records.base import Record
from bot.records.types import Sealed


class RelatedPerson(Record):
    __tablename__ = "related_person"

    name_sealed: Mapped[bytes] = mapped_column("name")
    given_name_sealed: Mapped[bytes] = mapped_column("given_name")
    language: Mapped[str]
    time_zone: Mapped[str]

    name = Sealed("name_sealed")
    given_name = Sealed("given_name_sealed")
