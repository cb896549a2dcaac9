"""Booking, moving and calling off by text: what is offered, what a digit writes, and what is never booked silently."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.conversation import inbox
from bot.domain.enums import (
    AppointmentStatus,
    ParticipationStatus,
    SlotStatus,
    TicketReason,
    TicketStatus,
    TimerStatus,
)
from bot.records import Appointment, Location, Practitioner, Slot, Ticket, Timer
from tests.support.cast import AMINA, BRUNO, ZONE, Cast, add_patient
from tests.support.clinic import Clinic, at_once

FARAH = "+12125550107"
HALF_HOUR = timedelta(minutes=30)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A wall time in New York in late November or, from 31 on, December; UTC."""
    return datetime(2026, 11, 1, hour + 5, minute, tzinfo=UTC) + timedelta(days=day - 1)


TUESDAY_10, TUESDAY_17, WEDNESDAY_9, SATURDAY_9 = at(31, 10), at(31, 17), at(32, 9), at(28, 9)


@pytest.fixture
def slots(clinic: Clinic, cast: Cast) -> dict[datetime, UUID]:
    """Free half hours of Dr. Nguyen: Saturday 9:00, Tuesday 10:00 and 17:00, Wednesday 9:00."""

    def write(session) -> dict[datetime, UUID]:  # type: ignore[no-untyped-def]
        visit = session.get_one(Appointment, cast.visit)
        made = {
            start: Slot(
                practitioner_id=visit.practitioner_id,
                location_id=visit.location_id,
                status=SlotStatus.FREE,
                starts_at=start,
                ends_at=start + HALF_HOUR,
            )
            for start in (SATURDAY_9, TUESDAY_10, TUESDAY_17, WEDNESDAY_9)
        }
        session.add_all(made.values())
        return {start: slot.id for start, slot in made.items()}

    found: dict[datetime, UUID] = clinic.seed(write)
    return found


def wish(
    clinic: Clinic, words: str, *, reason: str = "reschedule", phone: str = AMINA, visit: UUID | None = None
) -> str:
    appointment = None if visit is None else str(visit)
    wanted = {"effect": "look_for_times", "reason": reason, "words": words, "appointment": appointment}
    clinic.rasa.understands(words, f"{reason}_appointment", wanted)
    return "\n".join(clinic.text(phone, words))


def status(clinic: Clinic, slot_id: UUID) -> SlotStatus:
    return clinic.row(Slot, slot_id).status


def pending_reminders(clinic: Clinic, appointment_id: UUID) -> list[str]:
    return [
        timer.unique_key
        for timer in clinic.rows(Timer, Timer.status == TimerStatus.PENDING)
        if timer.unique_key.startswith(f"appointment:{appointment_id}")
    ]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("evenings", ["1: Tuesday, December 1 at 5:00 PM"]),
        ("Saturdays", ["1: Saturday, November 28 at 9:00 AM"]),
        (
            "not Tuesday, I have dialysis",
            ["1: Saturday, November 28 at 9:00 AM", "2: Wednesday, December 2 at 9:00 AM"],
        ),
        (
            "as soon as you can",
            [
                "1: Saturday, November 28 at 9:00 AM",
                "2: Tuesday, December 1 at 10:00 AM",
                "3: Wednesday, December 2 at 9:00 AM",
            ],
        ),
    ],
)
def test_times_that_suit_the_words_are_offered_by_number_three_at_most(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID], words: str, offered: list[str]
) -> None:
    said = wish(clinic, words, visit=cast.visit)
    lines = [line for line in said.split("\n") if line[:1].isdigit()]
    assert lines == [f"{line}, Dr. Linh Nguyen, Riverside Clinic" for line in offered]
    assert f"reply {len(offered) + 1} or tell me other days" in said
    assert clinic.ticket().facts["asked"]["preferred_times"] == words, "a person has the wish, whatever is answered"
    assert clinic.row(Appointment, cast.visit).starts_at == at(26, 10, 30)


def test_the_chosen_time_is_taken_written_said_back_and_the_clinic_gets_a_task(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]
) -> None:
    wish(clinic, "evenings", visit=cast.visit)
    assert clinic.text(AMINA, "1") == [
        "Done. The visit is now on Tuesday, December 1 at 5:00 PM with Dr. Linh Nguyen, at Riverside Clinic. The "
        "earlier time no longer holds."
    ]
    visit = clinic.row(Appointment, cast.visit)
    assert (visit.starts_at, visit.ends_at) == (TUESDAY_17, TUESDAY_17 + HALF_HOUR)
    assert (visit.status, visit.participation) == (AppointmentStatus.BOOKED, ParticipationStatus.ACCEPTED)
    assert status(clinic, slots[TUESDAY_17]) is SlotStatus.BUSY
    reminders = pending_reminders(clinic, cast.visit)
    assert reminders
    assert all(f":v{visit.version}:" in key for key in reminders)
    task = clinic.ticket()
    assert task.reason is TicketReason.VISIT_CHANGED
    assert task.facts["asked"]["changes"] == [
        "moved: Thu 26 Nov 2026 10:30, Dr. Linh Nguyen, Riverside Clinic to "
        "Tue 01 Dec 2026 17:00, Dr. Linh Nguyen, Riverside Clinic"
    ]
    (wish_ticket,) = clinic.rows(Ticket, Ticket.reason == TicketReason.RESCHEDULE)
    assert wish_ticket.status is TicketStatus.RESOLVED


def test_a_second_move_frees_the_time_that_was_taken_first(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]
) -> None:
    wish(clinic, "evenings", visit=cast.visit)
    clinic.text(AMINA, "1")
    wish(clinic, "Saturdays", visit=cast.visit)
    clinic.text(AMINA, "1")
    assert status(clinic, slots[TUESDAY_17]) is SlotStatus.FREE
    assert status(clinic, slots[SATURDAY_9]) is SlotStatus.BUSY
    assert len(clinic.ticket().facts["asked"]["changes"]) == 2


def test_none_of_them_leaves_the_visit_and_the_wish_with_a_person(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]
) -> None:
    wish(clinic, "evenings", visit=cast.visit)
    assert clinic.text(AMINA, "2") == [
        "Thank you. Someone at Riverside Clinic will look for a new time and write to you by Monday, November 23 at "
        "5:00 PM. Until then your visit stays as it is."
    ]
    assert clinic.ticket().reason is TicketReason.RESCHEDULE
    assert clinic.row(Appointment, cast.visit).starts_at == at(26, 10, 30)


def test_other_days_may_be_named_instead_of_a_number(clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]) -> None:
    wish(clinic, "evenings", visit=cast.visit)
    assert "1: Saturday, November 28 at 9:00 AM" in "\n".join(clinic.text(AMINA, "what about saturday"))
    clinic.text(AMINA, "1")
    assert clinic.row(Appointment, cast.visit).starts_at == SATURDAY_9


def test_a_wish_that_nothing_fits_is_said_and_the_next_times_are_offered(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]
) -> None:
    said = wish(clinic, "sundays", visit=cast.visit)
    assert said.startswith("I found no free time like that. The next free times are:\n1: Saturday, November 28")


def test_a_new_visit_is_booked_with_whom_the_patient_knows(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]
) -> None:
    wish(clinic, "wednesday morning", reason="book")
    assert clinic.text(AMINA, "1") == [
        "Done. The visit is booked for Wednesday, December 2 at 9:00 AM with Dr. Linh Nguyen, at Riverside Clinic."
    ]
    (booked,) = clinic.rows(Appointment, Appointment.starts_at == WEDNESDAY_9)
    assert (booked.patient_id, booked.slot_id) == (cast.amina, slots[WEDNESDAY_9])
    assert pending_reminders(clinic, booked.id)
    assert clinic.row(Appointment, cast.visit).starts_at == at(26, 10, 30)


def test_a_visit_with_somebody_nobody_knows_is_booked_by_a_person(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]
) -> None:
    clinic.seed(lambda session: session.execute(Appointment.__table__.delete()))
    assert wish(clinic, "wednesday morning", reason="book").startswith("Thank you. Someone at Riverside Clinic will")
    assert clinic.ticket().reason is TicketReason.BOOK
    assert clinic.rows(Appointment) == []


def another_visit(clinic: Clinic, cast: Cast, start: datetime, *, far: bool = False) -> None:
    def write(session) -> None:  # type: ignore[no-untyped-def]
        place = session.scalar(select(Location))
        if far:
            place = Location(
                name="Heart Center",
                address="900 Mill Road",
                floor={},
                directions={},
                phone="+12125550177",
                time_zone=ZONE,
            )
            session.add(place)
        session.add(
            Appointment(
                patient_id=cast.amina,
                practitioner_id=session.scalar(select(Practitioner.id)),
                location_id=place.id,
                status=AppointmentStatus.BOOKED,
                description={},
                preparation={},
                starts_at=start,
                ends_at=start + HALF_HOUR,
                series="dialysis",
            )
        )

    clinic.seed(write)


@pytest.mark.parametrize(
    ("start", "far"), [(TUESDAY_17, False), (TUESDAY_17 + HALF_HOUR + timedelta(minutes=20), True)]
)
def test_a_time_that_collides_is_told_and_not_offered(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID], start: datetime, far: bool
) -> None:
    another_visit(clinic, cast, start, far=far)
    said = wish(clinic, "evenings", visit=cast.visit).split("\n")
    assert said[0].startswith("Tuesday, December 1 at 5:00 PM does not work: another visit on the record is on ")
    assert not any("5:00 PM" in line for line in said if line[:1].isdigit())


def test_a_visit_that_came_since_the_offer_is_seen_before_the_time_is_taken(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]
) -> None:
    wish(clinic, "evenings", visit=cast.visit)
    another_visit(clinic, cast, TUESDAY_17)
    assert "does not work" in clinic.text(AMINA, "1")[0]
    assert clinic.row(Appointment, cast.visit).starts_at == at(26, 10, 30)
    assert status(clinic, slots[TUESDAY_17]) is SlotStatus.FREE


def test_a_visit_that_collides_is_not_confirmed_but_told(clinic: Clinic, cast: Cast) -> None:
    another_visit(clinic, cast, at(26, 10, 45))
    clinic.rasa.understands(
        "I confirm", "confirm_appointment", {"effect": "ask_appointment", "appointment": str(cast.visit)}
    )
    clinic.text(AMINA, "I confirm")
    (said,) = clinic.text(AMINA, "1")
    assert said.startswith(
        "I have not confirmed the visit on Thursday, November 26 at 10:30 AM. It is too close to another visit"
    )
    assert clinic.row(Appointment, cast.visit).participation is ParticipationStatus.TENTATIVE
    assert clinic.ticket().reason is TicketReason.CONFLICT


def test_somebody_else_was_faster_and_other_times_are_offered(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]
) -> None:
    wish(clinic, "evenings", visit=cast.visit)
    clinic.change(Slot, slots[TUESDAY_17], status=SlotStatus.BUSY)
    said = clinic.text(AMINA, "1")[0].split("\n")
    assert said[:2] == ["Sorry, that time was just taken.", "The next free times are:"]
    assert clinic.row(Appointment, cast.visit).starts_at == at(26, 10, 30)


def test_of_two_who_choose_the_same_time_at_once_one_gets_it(
    clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]
) -> None:
    farah = clinic.seed(lambda session: add_patient(session, "Farah", FARAH))
    for phone in (AMINA, FARAH):
        offered = wish(clinic, "evenings with dr nguyen", reason="book", phone=phone)
        assert "1: Tuesday, December 1 at 5:00 PM" in offered
    for phone in (AMINA, FARAH):
        assert clinic.carrier.send_from_handset(phone, "1", ()) == 200
    with clinic.database.write() as session:
        leased = inbox.claim(session, limit=2, lease_s=clinic.parts.settings.lease_s)
    assert at_once(2, lambda number: clinic.worker._turns.handle(leased[number])) == [True, True]
    clinic.work()
    (booked,) = clinic.rows(Appointment, Appointment.starts_at == TUESDAY_17)
    winner, loser = (AMINA, FARAH) if booked.patient_id == cast.amina else (FARAH, AMINA)
    assert booked.patient_id in (cast.amina, farah)
    assert clinic.received(winner)[-1].startswith("Done. The visit is booked for Tuesday, December 1 at 5:00 PM")
    assert clinic.received(loser)[-1].startswith("Sorry, that time was just taken.\nThe next free times are:")


def cancel(clinic: Clinic, cast: Cast) -> list[str]:
    effect = {"effect": "ask_before_calling_off", "appointment": str(cast.visit)}
    clinic.rasa.understands("I can't come", "cancel_appointment", effect)
    return clinic.text(AMINA, "I can't come")


def test_a_visit_is_read_back_before_it_is_called_off_and_the_reason_is_asked(clinic: Clinic, cast: Cast) -> None:
    assert cancel(clinic, cast) == [
        "The visit is on Thursday, November 26 at 10:30 AM with Dr. Linh Nguyen. Reply 1 for another time, 2 to call "
        "it off, 3 to keep it."
    ]
    assert clinic.row(Appointment, cast.visit).status is AppointmentStatus.BOOKED
    (said,) = clinic.text(AMINA, "2")
    assert said.startswith("The visit on Thursday, November 26 at 10:30 AM is called off.\nMay I ask why?")
    visit = clinic.row(Appointment, cast.visit)
    assert (visit.status, visit.participation) == (AppointmentStatus.CANCELLED, ParticipationStatus.DECLINED)
    assert pending_reminders(clinic, cast.visit) == []
    assert clinic.text(AMINA, "4") == ["Thank you. Riverside Clinic knows now. To get a new time later, write here."]
    assert clinic.ticket().facts["asked"]["changes"] == [
        "called off: Thu 26 Nov 2026 10:30, Dr. Linh Nguyen, Riverside Clinic",
        "why: no need any more",
    ]


def test_the_reason_may_be_told_in_words(clinic: Clinic, cast: Cast) -> None:
    cancel(clinic, cast)
    clinic.text(AMINA, "2")
    assert clinic.text(AMINA, "my sister is getting married")[0].startswith("Thank you.")
    assert clinic.ticket().facts["asked"]["changes"][-1] == "why: my sister is getting married"


def test_three_keeps_it(clinic: Clinic, cast: Cast) -> None:
    cancel(clinic, cast)
    assert clinic.text(AMINA, "3") == ["All right, the visit stays on Thursday, November 26 at 10:30 AM."]
    assert clinic.row(Appointment, cast.visit).status is AppointmentStatus.BOOKED
    assert clinic.tickets() == []


def test_one_offers_another_time(clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]) -> None:
    cancel(clinic, cast)
    assert clinic.text(AMINA, "1")[0].startswith("The next free times are:\n1: Saturday, November 28 at 9:00 AM")


def test_dialysis_is_never_called_off_without_a_person(clinic: Clinic, cast: Cast) -> None:
    clinic.change(Appointment, cast.visit, series="dialysis")
    assert cancel(clinic, cast)[0].startswith("I have passed your message to a person")
    assert clinic.ticket().reason is TicketReason.CANCEL
    assert clinic.row(Appointment, cast.visit).status is AppointmentStatus.BOOKED


def test_a_caregiver_with_the_scope_may_move_a_visit(clinic: Clinic, cast: Cast, slots: dict[datetime, UUID]) -> None:
    wish(clinic, "evenings", phone=BRUNO, visit=cast.visit)
    assert clinic.text(BRUNO, "1")[0].startswith("Done. The visit is now on Tuesday, December 1")
