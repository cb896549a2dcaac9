"""Consent (FHIR R4): which caregiver may know what about which patient, until when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column, relationship

from bot.domain.enums import ConsentScope
from bot.records.base import Record, references
from bot.records.patient import Patient
from bot.records.related_person import RelatedPerson


class Consent(Record):
    """`relationship_code` is a v3-RoleCode such as SON, WIFE; `scopes` are ConsentScope values."""

    __tablename__ = "consent"

    patient_id: Mapped[UUID] = mapped_column(references("patient.id"), index=True)
    related_person_id: Mapped[UUID] = mapped_column(references("related_person.id"), index=True)
    relationship_code: Mapped[str]
    scopes: Mapped[list[str]]
    given_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    patient: Mapped[Patient] = relationship(lazy="raise")
    related_person: Mapped[RelatedPerson] = relationship(lazy="raise")

    def permits(self, scope: ConsentScope, now: datetime) -> bool:
        return self.is_effective(now) and scope.value in self.scopes

    def is_effective(self, now: datetime) -> bool:
        unrevoked = self.revoked_at is None or self.revoked_at > now
        return unrevoked and self.given_at <= now and (self.expires_at is None or self.expires_at > now)
