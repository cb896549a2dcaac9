"""Who is in hospital now, and when somebody came home, whatever systems forget to write down."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bot.care.stays import in_hospital, last_discharge
from bot.domain.enums import EncounterStatus
from bot.records import Encounter
from tests.support.cast import Cast, add_patient
from tests.support.clinic import Clinic
from tests.support.clock import NOW

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def add_stay(clinic: Clinic, cast: Cast, **values: Any) -> None:
    own = {
        "patient_id": cast.amina,
        "status": EncounterStatus.IN_PROGRESS,
        "class_code": "IMP",
        "starts_at": NOW - DAY,
        "ends_at": None,
    }
    with clinic.database.write() as session:
        session.add(Encounter(**{**own, **values}))


def robert(clinic: Clinic) -> UUID:
    """Another patient."""
    with clinic.database.write() as session:
        return add_patient(session, "Robert", "+12125550109", now=NOW)


def is_there(clinic: Clinic, cast: Cast) -> bool:
    with clinic.database.read() as session:
        return in_hospital(session, cast.amina, NOW)


def discharged(clinic: Clinic, cast: Cast) -> datetime | None:
    with clinic.database.read() as session:
        return last_discharge(session, cast.amina, NOW)


@pytest.mark.parametrize("status", EncounterStatus)
def test_somebody_is_there_who_has_arrived_and_not_left(clinic: Clinic, cast: Cast, status: EncounterStatus) -> None:
    add_stay(clinic, cast, status=status)
    assert is_there(clinic, cast) is (status in ("in-progress", "arrived", "triaged", "onleave"))


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "there"),
    [
        (NOW, None, True),
        (NOW + SECOND, None, False),
        (None, None, False),
        (None, NOW + DAY, False),
        (NOW - DAY, NOW + SECOND, True),
        (NOW - DAY, NOW, False),
        (NOW - 90 * DAY, NOW + DAY, True),
    ],
)
def test_a_stay_lasts_from_its_beginning_to_its_end(
    clinic: Clinic, cast: Cast, starts_at: datetime | None, ends_at: datetime | None, there: bool
) -> None:
    add_stay(clinic, cast, starts_at=starts_at, ends_at=ends_at)
    assert is_there(clinic, cast) is there


def test_a_stay_that_nobody_closed_is_believed_for_sixty_days(clinic: Clinic, cast: Cast) -> None:
    """A reminder too many is seen and can be answered; reminders that never come again are seen by nobody."""
    add_stay(clinic, cast, starts_at=NOW - 60 * DAY - SECOND)
    assert not is_there(clinic, cast)
    add_stay(clinic, cast, starts_at=NOW - 60 * DAY)
    assert is_there(clinic, cast)


def test_one_stay_is_enough_and_only_ones_own_counts(clinic: Clinic, cast: Cast) -> None:
    add_stay(clinic, cast, patient_id=robert(clinic))
    add_stay(clinic, cast, class_code="AMB")
    add_stay(clinic, cast, class_code="")
    assert not is_there(clinic, cast)
    add_stay(clinic, cast, status=EncounterStatus.FINISHED, ends_at=NOW - DAY / 2)
    add_stay(clinic, cast, class_code="EMER", status=EncounterStatus.TRIAGED)
    assert is_there(clinic, cast)


def test_the_newest_inpatient_stay_that_is_over_says_when_somebody_came_home(clinic: Clinic, cast: Cast) -> None:
    assert discharged(clinic, cast) is None
    finished = {"status": EncounterStatus.FINISHED, "starts_at": NOW - 30 * DAY}
    for number, code in enumerate(("IMP", "ACUTE", "NONAC", "EMER", "SS", "AMB")):
        add_stay(clinic, cast, class_code=code, ends_at=NOW - 20 * DAY + number * DAY, **finished)
    assert discharged(clinic, cast) == NOW - 18 * DAY
    add_stay(clinic, cast, ends_at=NOW - 19 * DAY, **finished)
    assert discharged(clinic, cast) == NOW - 18 * DAY


@pytest.mark.parametrize(
    "values",
    [
        {"status": EncounterStatus.FINISHED, "ends_at": NOW + SECOND},
        {"status": EncounterStatus.FINISHED, "ends_at": None},
        {"status": EncounterStatus.IN_PROGRESS, "ends_at": NOW - DAY},
        {"status": EncounterStatus.CANCELLED, "ends_at": NOW - DAY},
        {"status": EncounterStatus.ENTERED_IN_ERROR, "ends_at": NOW - DAY},
    ],
)
def test_who_has_not_left_for_certain_was_not_discharged(clinic: Clinic, cast: Cast, values: dict[str, Any]) -> None:
    add_stay(clinic, cast, **{"starts_at": NOW - 9 * DAY, **values})
    add_stay(clinic, cast, patient_id=robert(clinic), status=EncounterStatus.FINISHED, ends_at=NOW - DAY)
    assert discharged(clinic, cast) is None


def test_somebody_who_is_back_in_hospital_was_discharged_before(clinic: Clinic, cast: Cast) -> None:
    add_stay(clinic, cast, status=EncounterStatus.FINISHED, starts_at=NOW - 9 * DAY, ends_at=NOW - 5 * DAY)
    add_stay(clinic, cast)
    assert (is_there(clinic, cast), discharged(clinic, cast)) == (True, NOW - 5 * DAY)
