"""Coming visits, the one that is meant, and what conflicts."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.care.appointments import clinic_phone, coming_visits, pick_visits
from bot.care.conflicts import find_conflicts
from bot.domain.enums import AppointmentStatus
from tests.unit.care_cast import NOW, Clinic, make_clinic

DAY = timedelta(days=1)


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return make_clinic(tmp_path)


def test_only_booked_visits_that_are_still_to_come_are_shown_soonest_first(clinic: Clinic) -> None:
    later = clinic.add_visit("amina", NOW + 5 * DAY)
    sooner = clinic.add_visit("amina", NOW + DAY, status=AppointmentStatus.PENDING)
    starting = clinic.add_visit("amina", NOW)
    clinic.add_visit("amina", NOW - DAY)
    clinic.add_visit("amina", NOW + DAY, status=AppointmentStatus.CANCELLED)
    clinic.add_visit("amina", NOW + DAY, status=AppointmentStatus.ENTERED_IN_ERROR)
    clinic.add_visit("robert", NOW + DAY)
    with clinic.database.read() as session:
        visits = coming_visits(session, clinic.patients["amina"], NOW)
    assert [visit.id for visit in visits] == [starting, sooner, later]
    assert visits[0].place is not None
    assert (visits[0].place.name, visits[0].practitioner) == ("Riverside Kidney Center", "Dr. Asha Nair")


@pytest.mark.parametrize(
    ("text", "practitioner"),
    [
        ("when do I see Dr. Chen?", "Dr. Helen Chen"),
        ("¿cuándo es mi cita con la doctora chen", "Dr. Helen Chen"),
        ("visit with helenn", "Dr. Helen Chen"),
        ("when is my next visit?", "Dr. Asha Nair"),
        ("when do I see the doctor", "Dr. Asha Nair"),
        ("cuando veo al dr", "Dr. Asha Nair"),
    ],
)
def test_the_named_practitioner_decides_else_the_soonest_visit(clinic: Clinic, text: str, practitioner: str) -> None:
    clinic.add_visit("amina", NOW + DAY)
    clinic.add_visit("amina", NOW + 2 * DAY, practitioner_id=clinic.practitioners["chen"])
    with clinic.database.read() as session:
        visit = pick_visits(coming_visits(session, clinic.patients["amina"], NOW), text)[0]
    assert visit.practitioner == practitioner


def test_without_a_visit_there_is_none_to_choose_but_a_phone_to_call(clinic: Clinic) -> None:
    with clinic.database.read() as session:
        assert pick_visits(coming_visits(session, clinic.patients["amina"], NOW), "when?") == []
        assert clinic_phone(session, clinic.patients["amina"]) == "+15550100302"


class Timed(NamedTuple):
    name: str
    starts_at: datetime
    ends_at: datetime
    spot: None = None


def timed(name: str, start: str, end: str) -> Timed:
    day = date(2026, 11, 20)
    times = (datetime.combine(day, datetime.strptime(text, "%H:%M").time(), UTC) for text in (start, end))
    return Timed(name, *times)


def test_visits_that_overlap_are_found_in_order_and_neighbours_are_not() -> None:
    dialysis = timed("dialysis", "09:00", "13:00")
    heart, eyes = timed("heart", "12:30", "13:00"), timed("eyes", "13:00", "14:00")
    assert find_conflicts([eyes, heart, dialysis]) == [(dialysis, heart, timedelta())]
    assert find_conflicts([]) == []
