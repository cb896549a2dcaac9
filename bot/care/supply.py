"""How much of the time somebody had a medicine at hand, by what pharmacies handed over.

The proportion of days covered (PDC), as the Pharmacy Quality Alliance computes it: of the days from the first fill in
the measurement period to its end, how many have a supply. A day counts once. A fill of the same medicine that comes
before the earlier one is used up begins when that ends; what reaches beyond the period does not count, and neither
does a fill before it. It says what somebody could have taken, not what they took.

Sources: PQA's adherence measures (pqaalliance.org/adherence-measures) and the worked examples of their diabetes measure
(pqaalliance.org/assets/Measures/pdc-dr.js.txt); Technical specifications for PQA approved measures, July 2015, PDC,
in AHRQ's clearinghouse as NQMC:009246.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import MedicationDispenseStatus
from bot.records import MedicationDispense

# The local day on which it was handed over, and for how many days it is enough.
Fill = tuple[date, int]
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """`days_covered` of the `days` from the first fill on, which are at least one."""

    days_covered: int
    days: int

    @property
    def ratio(self) -> float:
        """The PDC, from 0 to 1."""
        return self.days_covered / self.days


@dataclass(frozen=True, kw_only=True)
class Supply:
    """What a pharmacy handed over at `handed_over_at`, UTC; `names` are those of the medicine, its own name first."""

    medication_request_id: UUID | None
    names: tuple[str, ...]
    handed_over_at: datetime
    days_supply: int


def coverage(
    fills: Iterable[Fill], first_day: date, last_day: date, *, prescribed_until: date | None = None
) -> Coverage | None:
    """The PDC of one medicine between two days, both included; None when there is no fill in that time.

    Where the prescription ends earlier the time ends with its last day, `prescribed_until`. Raises ValueError for a
    fill that is enough for no day.
    """
    end = last_day if prescribed_until is None else min(last_day, prescribed_until)
    counted = sorted((day, enough_for) for day, enough_for in fills if first_day <= day <= end)
    if not counted:
        return None
    if any(enough_for < 1 for _, enough_for in counted):
        raise ValueError("a fill is enough for a day at least")
    used_up = start = counted[0][0]
    covered = 0
    for day, enough_for in counted:
        begins = max(day, used_up)
        used_up = begins + enough_for * DAY
        covered += max(0, (min(used_up, end + DAY) - begins).days)
    return Coverage(days_covered=covered, days=(end - start).days + 1)


def supplies(session: Session, patient_id: UUID) -> list[Supply]:
    """All that the patient was handed, the oldest first.

    What was only prepared, was declined or called back is no supply; where the day or the number of days is not on
    record nobody can count with it.
    """
    query = select(MedicationDispense).where(
        MedicationDispense.patient_id == patient_id,
        MedicationDispense.status == MedicationDispenseStatus.COMPLETED,
    )
    found = session.scalars(query.order_by(MedicationDispense.handed_over_at, MedicationDispense.id))
    return [
        Supply(
            medication_request_id=each.medication_request_id,
            names=(each.medication, *each.aliases),
            handed_over_at=each.handed_over_at,
            days_supply=each.days_supply,
        )
        for each in found
        if each.handed_over_at is not None and each.days_supply is not None
    ]
