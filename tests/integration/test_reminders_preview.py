"""`northstar reminders preview` shows what the same handlers then send, and leaves nothing behind."""

from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from rich.console import Console

from bot.bootstrap import make_preview
from bot.care.whose import PatientNotFound
from bot.commands import reminders
from bot.domain.enums import ConsentScope, MedicationRequestStatus, TimerKind
from bot.records import Communication, Consent, MedicationAdministration, MedicationRequest, Ticket, Timer
from bot.reminders.preview import Foreseen
from bot.reminders.schedule import schedule_patient
from tests.support.cast import AMINA, BRUNO, Cast, add_patient
from tests.support.clinic import Clinic
from tests.support.clock import NOW


def foreseen(clinic: Clinic, patient: UUID, days: int = 3) -> list[Foreseen]:
    with clinic.database.rehearsal() as rehearsal, rehearsal.write() as session:
        found = list(make_preview(clinic.parts, session, patient, days=days))
        session.rollback()
    return found


def schedule(clinic: Clinic, patient: UUID) -> None:
    with clinic.database.write() as session:
        schedule_patient(session, clinic.parts.policies, patient, clinic.clock.now())


def live(clinic: Clinic, days: int) -> None:
    """Minute by minute would be the same: every timer rings at its time."""
    end = clinic.clock.now() + timedelta(days=days)
    while clinic.clock.now() < end:
        clinic.clock.forward(minutes=15)
        clinic.work()


def test_what_was_foreseen_is_what_is_sent(clinic: Clinic, cast: Cast) -> None:
    (consent,) = clinic.rows(Consent)
    clinic.change(Consent, consent.id, scopes=[ConsentScope.ADHERENCE.value])
    seen = foreseen(clinic, cast.amina)
    schedule(clinic, cast.amina)
    live(clinic, 3)
    own = [text for each in seen for to_patient, text in each.sent if to_patient]
    others = [text for each in seen for to_patient, text in each.sent if not to_patient]
    assert clinic.received(AMINA) == own
    assert clinic.received(BRUNO) == others
    assert (len(own), len(others)) == (7, 2)  # three reminders and nudges, a visit


def test_each_is_foreseen_at_its_time_and_what_is_not_sent_says_why(clinic: Clinic, cast: Cast) -> None:
    for request in (cast.metformin, cast.lisinopril):
        dosage = clinic.row(MedicationRequest, request).dosage_instruction
        dosage[0]["timing"]["repeat"]["timeOfDay"] = ["06:00:00"]
        clinic.change(MedicationRequest, request, dosage_instruction=[dict(each) for each in dosage])
    seen = foreseen(clinic, cast.amina, days=2)
    assert [(each.kind, each.at - NOW, each.skipped) for each in seen] == [
        (TimerKind.DOSE_REMINDER, timedelta(hours=20), "quiet_hours"),
        (TimerKind.DOSE_REMINDER, timedelta(hours=44), "quiet_hours"),
        (TimerKind.APPOINTMENT_REMINDER, timedelta(hours=48), None),
    ]


@pytest.mark.parametrize("scheduled", [False, True])
def test_looking_ahead_leaves_nothing_behind(clinic: Clinic, cast: Cast, scheduled: bool) -> None:
    if scheduled:
        schedule(clinic, cast.amina)

    def stored() -> list[Any]:
        timers = [(row.unique_key, row.status, row.fence, row.due_at) for row in clinic.rows(Timer)]
        return [timers, *(len(clinic.rows(kind)) for kind in (Communication, MedicationAdministration, Ticket))]

    before = stored()
    assert foreseen(clinic, cast.amina)
    assert stored() == before


def preview(clinic: Clinic, asked: str, days: int = 2) -> str:
    console = Console(file=(said := StringIO()), width=120)
    clinic.database.close()
    reminders.preview(clinic.parts.settings, console, asked, days)
    return said.getvalue()


def test_the_command_shows_both_time_zones_and_the_words(clinic: Clinic, cast: Cast) -> None:
    ivo = clinic.seed(lambda session: add_patient(session, "Ivo", "+12125550108", time_zone="Asia/Tokyo"))
    told = preview(clinic, str(ivo))
    assert "The next 2 days, if nobody answers. Times of Asia/Tokyo; in brackets America/New_York" in told
    assert "Nothing is due." in told


def test_a_stopped_medicine_is_not_foreseen(clinic: Clinic, cast: Cast) -> None:
    for request in (cast.metformin, cast.lisinopril):
        clinic.change(MedicationRequest, request, status=MedicationRequestStatus.STOPPED)
    assert {each.kind for each in foreseen(clinic, cast.amina)} == {TimerKind.APPOINTMENT_REMINDER}


def test_nobody_of_that_number_is_said(clinic: Clinic, cast: Cast) -> None:
    with pytest.raises(PatientNotFound, match="Nobody on record has this id"):
        preview(clinic, "4711")
