"""Patient (FHIR R4): whose record this is."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from bot.records.base import Record
from bot.records.types import Sealed, SealedOptional


class Patient(Record):
    """`given_name` is how we address the person; `language` is BCP 47; `country` ISO 3166-1 alpha-2.

    `deceased_at` is None for the living. It is when the person died where that is `deceased_dated` by the source,
    else when we learnt of it; then no day may be told.
    """

    __tablename__ = "patient"

    name_sealed: Mapped[bytes] = mapped_column("name")
    given_name_sealed: Mapped[bytes] = mapped_column("given_name")
    birth_date_sealed: Mapped[bytes | None] = mapped_column("birth_date")
    language: Mapped[str]
    time_zone: Mapped[str]
    country: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    dose_reminders: Mapped[bool] = mapped_column(default=True)
    deceased_at: Mapped[datetime | None]
    deceased_dated: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    name = Sealed("name_sealed")
    given_name = Sealed("given_name_sealed")
    birth_date_text = SealedOptional("birth_date_sealed")

    @property
    def birth_date(self) -> date | None:
        text = self.birth_date_text
        return None if text is None else date.fromisoformat(text)
