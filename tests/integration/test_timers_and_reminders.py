"""What is due rings once, at the right wall time, from the record as it is then; what is too late does not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot import timers
from bot.domain.enums import (
    AdministrationStatus,
    AppointmentStatus,
    MedicationRequestStatus,
    ParticipationStatus,
    TicketReason,
    TimerKind,
    TimerStatus,
)
from bot.domain.errors import LeaseLost
from bot.records import Appointment, MedicationAdministration, MedicationRequest, Patient, Timer
from bot.records.demo_clock import DemoClock
from bot.reminders.firing import MAX_ATTEMPTS
from bot.reminders.schedule import schedule_appointment, schedule_doses, schedule_everything
from tests.support.cast import AMINA, VISIT_AT, Cast, add_medicine, add_patient
from tests.support.clinic import Clinic, at_once
from tests.support.clock import NOW

DAY_BEFORE = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # Wednesday, 10:00 in New York


def set_visit_reminder(clinic: Clinic, cast: Cast, **changes: Any) -> None:
    with clinic.database.write() as session:
        visit = session.get_one(Appointment, cast.visit)
        for name, value in changes.items():
            setattr(visit, name, value)
        schedule_appointment(session, clinic.parts.policies, visit, clinic.clock.now())


def set_doses(clinic: Clinic, patient: UUID) -> None:
    with clinic.database.write() as session:
        schedule_doses(session, clinic.parts.policies, patient, clinic.clock.now())


def due_times(clinic: Clinic, kind: TimerKind = TimerKind.DOSE_REMINDER) -> list[datetime]:
    return sorted(timer.due_at for timer in clinic.timers(kind=kind, status=TimerStatus.PENDING))


def ring_at(clinic: Clinic, at: datetime) -> list[str]:
    seen = len(clinic.received(AMINA))
    clinic.clock.turn_to(at)
    clinic.work()
    return clinic.received(AMINA)[seen:]


def outcome(clinic: Clinic, kind: TimerKind = TimerKind.APPOINTMENT_REMINDER) -> tuple[TimerStatus, str | None]:
    (timer,) = clinic.timers(kind=kind)
    return timer.status, timer.outcome


def test_a_visit_is_reminded_of_at_ten_the_day_before_once(clinic: Clinic, cast: Cast) -> None:
    set_visit_reminder(clinic, cast)
    set_visit_reminder(clinic, cast)
    assert due_times(clinic, TimerKind.APPOINTMENT_REMINDER) == [DAY_BEFORE]
    assert ring_at(clinic, DAY_BEFORE - timedelta(seconds=1)) == []
    assert ring_at(clinic, DAY_BEFORE) == [
        "Reminder from Riverside Clinic: a visit with Dr. Linh Nguyen on Thursday, November 26 at 10:30 AM, at "
        "Riverside Clinic. Reply 1 if you will come, 2 to change it.\nHow to prepare: Bring your medicines."
    ]
    assert outcome(clinic) == (TimerStatus.DONE, "sent")
    assert ring_at(clinic, DAY_BEFORE + timedelta(hours=1)) == []


def test_a_moved_visit_cancels_its_old_reminder(clinic: Clinic, cast: Cast) -> None:
    set_visit_reminder(clinic, cast)
    set_visit_reminder(clinic, cast, starts_at=VISIT_AT + timedelta(days=1), version=2)
    assert [timer.status for timer in clinic.timers(kind=TimerKind.APPOINTMENT_REMINDER)] == [
        TimerStatus.CANCELLED,
        TimerStatus.PENDING,
    ]
    assert due_times(clinic, TimerKind.APPOINTMENT_REMINDER) == [DAY_BEFORE + timedelta(days=1)]


def test_a_cancelled_visit_leaves_no_reminder(clinic: Clinic, cast: Cast) -> None:
    set_visit_reminder(clinic, cast)
    set_visit_reminder(clinic, cast, status=AppointmentStatus.CANCELLED, version=2)
    assert due_times(clinic, TimerKind.APPOINTMENT_REMINDER) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 2}, "record_changed"),
        ({"status": AppointmentStatus.CANCELLED}, "record_changed"),
        ({"participation": ParticipationStatus.ACCEPTED}, "already_answered"),
    ],
)
def test_the_record_at_the_moment_of_sending_decides(
    clinic: Clinic, cast: Cast, change: dict[str, Any], reason: str
) -> None:
    set_visit_reminder(clinic, cast)
    clinic.change(Appointment, cast.visit, **change)
    assert ring_at(clinic, DAY_BEFORE) == []
    assert outcome(clinic) == (TimerStatus.SKIPPED, reason)


def test_who_opted_out_is_not_reminded_and_why_is_stored(clinic: Clinic, cast: Cast) -> None:
    set_visit_reminder(clinic, cast)
    clinic.text(AMINA, "STOP")
    assert ring_at(clinic, DAY_BEFORE) == []
    assert outcome(clinic) == (TimerStatus.SKIPPED, "opted_out")


def test_who_left_the_clinic_is_not_reminded(clinic: Clinic, cast: Cast) -> None:
    set_visit_reminder(clinic, cast)
    clinic.change(Patient, cast.amina, active=False)
    assert ring_at(clinic, DAY_BEFORE) == []
    assert outcome(clinic) == (TimerStatus.SKIPPED, "patient_inactive")


def test_too_late_is_a_skip_and_never_a_late_surprise(clinic: Clinic, cast: Cast) -> None:
    set_visit_reminder(clinic, cast)
    assert ring_at(clinic, DAY_BEFORE + timedelta(hours=10)) == []
    assert outcome(clinic) == (TimerStatus.SKIPPED, "too_late")


def test_a_reminder_of_a_visit_that_was_booked_late_is_sent_while_it_helps(clinic: Clinic, cast: Cast) -> None:
    clinic.clock.turn_to(DAY_BEFORE + timedelta(hours=2))
    set_visit_reminder(clinic, cast)
    assert len(ring_at(clinic, DAY_BEFORE + timedelta(hours=2))) == 1
    clinic.clock.turn_to(VISIT_AT - timedelta(hours=1))
    set_visit_reminder(clinic, cast, version=2)
    assert due_times(clinic, TimerKind.APPOINTMENT_REMINDER) == []


@pytest.mark.parametrize("wall", ["21:00:00", "23:30:00", "07:59:00"])
def test_nobody_is_written_to_in_quiet_hours_and_the_skip_is_stored(clinic: Clinic, cast: Cast, wall: str) -> None:
    timing = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": [wall]}}
    ivo = clinic.seed(lambda session: add_patient(session, "Ivo", "+12125550108"))
    clinic.seed(lambda session: add_medicine(session, ivo, "atorvastatin", "40 mg", timing=timing))
    set_doses(clinic, ivo)
    clinic.clock.turn_to(due_times(clinic)[0])
    clinic.work()
    assert clinic.received("+12125550108") == []
    skipped = clinic.timers(kind=TimerKind.DOSE_REMINDER, status=TimerStatus.SKIPPED)
    assert [timer.outcome for timer in skipped] == ["quiet_hours"]


def test_doses_are_expanded_two_days_ahead_and_again_each_day(clinic: Clinic, cast: Cast) -> None:
    set_doses(clinic, cast.amina)
    set_doses(clinic, cast.amina)
    tuesday = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
    assert due_times(clinic) == [tuesday, tuesday + timedelta(days=1)]
    clinic.clock.turn_to(NOW + timedelta(hours=24))
    clinic.work()
    assert due_times(clinic) == [tuesday + timedelta(days=1), tuesday + timedelta(days=2)]
    assert due_times(clinic, TimerKind.EXPAND_DOSES) == [NOW + timedelta(hours=48)]


def test_a_stopped_medicine_is_left_out_and_a_batch_of_none_is_skipped(clinic: Clinic, cast: Cast) -> None:
    set_doses(clinic, cast.amina)
    clinic.change(MedicationRequest, cast.metformin, status=MedicationRequestStatus.STOPPED)
    assert ring_at(clinic, NOW + timedelta(hours=22)) == [
        "It is time for your medicine:\nlisinopril 10 mg: 1 tablet, once a day, at 8:00 AM\n"
        "Reply 1 if taken, 2 later, 3 not today."
    ]
    clinic.change(MedicationRequest, cast.lisinopril, status=MedicationRequestStatus.STOPPED)
    assert ring_at(clinic, NOW + timedelta(hours=46)) == []
    assert "record_changed" in {timer.outcome for timer in clinic.timers(kind=TimerKind.DOSE_REMINDER)}


def test_a_dose_that_was_reported_already_is_not_asked_for(clinic: Clinic, cast: Cast) -> None:
    set_doses(clinic, cast.amina)
    at = NOW + timedelta(hours=22)
    with clinic.database.write() as session:
        for request in (cast.metformin, cast.lisinopril):
            session.add(
                MedicationAdministration(
                    patient_id=cast.amina,
                    medication_request_id=request,
                    due_at=at,
                    status=AdministrationStatus.COMPLETED,
                )
            )
    assert ring_at(clinic, at) == []


def test_who_wants_no_dose_reminders_gets_none(clinic: Clinic, cast: Cast) -> None:
    set_doses(clinic, cast.amina)
    clinic.change(Patient, cast.amina, dose_reminders=False)
    assert ring_at(clinic, NOW + timedelta(hours=22)) == []
    assert outcome_of_first(clinic) == "record_changed"


def outcome_of_first(clinic: Clinic) -> str | None:
    return clinic.timers(kind=TimerKind.DOSE_REMINDER, status=TimerStatus.SKIPPED)[0].outcome


@pytest.mark.parametrize(
    ("time_zone", "due_at"),
    [
        ("America/New_York", datetime(2026, 11, 24, 13, 0, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 23, 16, 0, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 11, 24, 2, 30, tzinfo=UTC)),
    ],
)
def test_eight_in_the_morning_is_the_persons_own(clinic: Clinic, cast: Cast, time_zone: str, due_at: datetime) -> None:
    ivo = clinic.seed(lambda session: add_patient(session, "Ivo", "+12125550108", time_zone=time_zone))
    clinic.seed(lambda session: add_medicine(session, ivo, "atorvastatin", "40 mg"))
    set_doses(clinic, ivo)
    assert due_times(clinic)[0] == due_at


def test_the_wall_time_stays_when_the_clocks_go_back(clinic: Clinic, cast: Cast) -> None:
    """US clocks went back on November 1, 2026: 08:00 was 12:00 UTC on Saturday and is 13:00 UTC on Sunday."""
    clinic.clock.turn_to(datetime(2026, 10, 31, 4, 0, tzinfo=UTC))
    ivo = clinic.seed(lambda session: add_patient(session, "Ivo", "+12125550108"))
    clinic.seed(lambda session: add_medicine(session, ivo, "atorvastatin", "40 mg", now=clinic.clock.now()))
    set_doses(clinic, ivo)
    assert due_times(clinic) == [
        datetime(2026, 10, 31, 12, 0, tzinfo=UTC),
        datetime(2026, 11, 1, 13, 0, tzinfo=UTC),
    ]


def test_a_time_that_does_not_exist_moves_forward_and_one_that_comes_twice_fires_once(
    clinic: Clinic, cast: Cast
) -> None:
    night = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["02:30:00", "01:30:00"]}}
    ivo = clinic.seed(lambda session: add_patient(session, "Ivo", "+12125550108"))
    authored = datetime(2026, 3, 1, tzinfo=UTC)
    clinic.seed(lambda session: add_medicine(session, ivo, "atorvastatin", "40 mg", timing=night, now=authored))
    clinic.clock.turn_to(datetime(2026, 3, 8, 5, 0, tzinfo=UTC))
    set_doses(clinic, ivo)
    first_night = [at for at in due_times(clinic) if at < datetime(2026, 3, 8, 12, tzinfo=UTC)]
    assert first_night == [datetime(2026, 3, 8, 6, 30, tzinfo=UTC), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)]
    clinic.clock.turn_to(datetime(2026, 11, 1, 4, 0, tzinfo=UTC))
    set_doses(clinic, ivo)
    autumn = [
        at for at in due_times(clinic) if datetime(2026, 11, 1) <= at.replace(tzinfo=None) < datetime(2026, 11, 2)
    ]
    assert autumn == [datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 7, 30, tzinfo=UTC)]


def test_after_a_seed_everybody_has_reminders(clinic: Clinic, cast: Cast) -> None:
    with clinic.database.write() as session:
        schedule_everything(session, clinic.parts.policies, NOW)
    assert {timer.kind for timer in clinic.timers()} == {
        TimerKind.APPOINTMENT_REMINDER,
        TimerKind.DOSE_REMINDER,
        TimerKind.EXPAND_DOSES,
    }


def test_a_transaction_that_is_rolled_back_leaves_no_timer(clinic: Clinic, cast: Cast) -> None:
    def fail(session: Session) -> None:
        schedule_appointment(session, clinic.parts.policies, session.get_one(Appointment, cast.visit), NOW)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        clinic.seed(fail)
    assert clinic.timers() == []


def plain_timer(clinic: Clinic, cause: str = "ticket:x", name: str = "deadline", due_at: datetime = NOW) -> bool:
    with clinic.database.write() as session:
        return timers.schedule(
            session,
            TimerKind.TICKET_DEADLINE,
            cause=cause,
            name=name,
            subject={"ticket": str(UUID(int=1))},
            due_at=due_at,
        )


def cancel(clinic: Clinic, cause: str, only: Callable[[str], bool] | None = None) -> int:
    with clinic.database.write() as session:
        return timers.cancel(session, cause, only=only)


def lease(clinic: Clinic) -> list[timers.DueTimer]:
    with clinic.database.write() as session:
        return timers.claim_due(session, now=clinic.clock.now(), limit=50, lease_s=30)


def test_a_cause_has_one_timer_for_ever(clinic: Clinic, cast: Cast) -> None:
    assert plain_timer(clinic)
    assert not plain_timer(clinic)
    clinic.work()
    assert not plain_timer(clinic)
    assert len(clinic.timers()) == 1


def test_a_cause_cancels_its_own_timers_only(clinic: Clinic, cast: Cast) -> None:
    for cause, name in (("ticket:a", "1"), ("ticket:a", "v2:1"), ("ticket:a", "v2:2"), ("ticket:ab", "1")):
        plain_timer(clinic, cause, name)
    assert cancel(clinic, "ticket:a", lambda name: not name.startswith("v2:")) == 1
    assert cancel(clinic, "ticket:a") == 2
    assert [timer.unique_key for timer in clinic.timers(status=TimerStatus.PENDING)] == ["ticket:ab:1"]


def test_what_was_cancelled_can_be_set_again_and_rings_once(clinic: Clinic, cast: Cast) -> None:
    plain_timer(clinic)
    cancel(clinic, "ticket:x")
    clinic.work()
    assert [timer.status for timer in clinic.timers()] == [TimerStatus.CANCELLED]
    assert plain_timer(clinic)
    clinic.work()
    assert [timer.status for timer in clinic.timers()] == [TimerStatus.DONE]


def test_a_timer_that_is_set_for_another_time_voids_the_work_of_who_holds_it(clinic: Clinic, cast: Cast) -> None:
    plain_timer(clinic)
    (held,) = lease(clinic)
    assert plain_timer(clinic, due_at=NOW + timedelta(hours=1))
    with pytest.raises(LeaseLost), clinic.database.write() as session:
        timers.finish_all(session, [(held, TimerStatus.DONE, None)])
    (timer,) = clinic.timers()
    assert (timer.status, timer.due_at, timer.attempts) == (TimerStatus.PENDING, NOW + timedelta(hours=1), 0)


def test_four_workers_share_the_timers_and_none_rings_twice(clinic: Clinic, cast: Cast) -> None:
    for number in range(30):
        plain_timer(clinic, f"ticket:{number}")
    shares = at_once(4, lambda _: lease(clinic))
    ids = [timer.id for share in shares for timer in share]
    assert len(ids) == len(set(ids)) == 30


def test_a_timer_of_a_dead_worker_comes_back_and_the_dead_ones_write_is_refused(clinic: Clinic, cast: Cast) -> None:
    plain_timer(clinic)
    (first,) = lease(clinic)
    assert lease(clinic) == []
    with clinic.database.write() as session:
        session.execute(update(Timer).values(lease_until=datetime.now(UTC) - timedelta(seconds=1)))
    (second,) = lease(clinic)
    late: list[Callable[[Session], None]] = [
        lambda session: timers.finish_all(session, [(first, TimerStatus.DONE, None)]),
        lambda session: timers.retry_later(session, first, seconds=1),
        lambda session: timers.bury(session, first),
        lambda session: timers.postpone(session, first, NOW, None),
    ]
    for write in late:
        with pytest.raises(LeaseLost), clinic.database.write() as session:
            write(session)
    with clinic.database.write() as session:
        timers.finish_all(session, [(second, TimerStatus.DONE, None)])
    assert clinic.timers()[0].status is TimerStatus.DONE


def broken_timer(clinic: Clinic, **subject: str) -> None:
    """Its visit is on no record."""
    with clinic.database.write() as session:
        timers.schedule(
            session,
            TimerKind.APPOINTMENT_REMINDER,
            cause="appointment:9",
            name="v1:day-before",
            subject={"appointment": str(UUID(int=9)), "version": 1, **subject},
            due_at=NOW - timedelta(minutes=1),
        )


def ring_until_buried(clinic: Clinic) -> None:
    for _ in range(MAX_ATTEMPTS):
        assert clinic.worker._timers.fire_batch() == 1
        assert clinic.worker._timers.fire_batch() == 0
        with clinic.database.write() as session:
            session.execute(update(Timer).values(lease_until=datetime.now(UTC) - timedelta(seconds=1)))


def test_a_timer_that_fails_is_tried_again_and_buried_in_the_end_with_a_ticket(clinic: Clinic, cast: Cast) -> None:
    clinic.text(AMINA, "hello")
    broken_timer(clinic, patient=str(cast.amina))
    ring_until_buried(clinic)
    dead = clinic.timers(kind=TimerKind.APPOINTMENT_REMINDER)[0]
    assert (dead.status, dead.attempts) == (TimerStatus.DEAD, MAX_ATTEMPTS)
    ticket = clinic.ticket()
    assert (ticket.reason, ticket.patient_id) == (TicketReason.REMINDER_FAILED, cast.amina)
    assert ticket.facts == {"words": [], "did": [], "timer": "appointment_reminder"}
    assert clinic.timers(kind=TimerKind.TICKET_DEADLINE, status=TimerStatus.PENDING)


def test_a_failing_timer_that_nobody_could_be_told_of_goes_on_being_tried(clinic: Clinic, cast: Cast) -> None:
    broken_timer(clinic)
    ring_until_buried(clinic)
    assert [timer.status for timer in clinic.timers()] == [TimerStatus.PENDING]
    assert clinic.tickets() == []


def test_one_broken_timer_does_not_keep_the_others_of_its_batch_from_ringing(clinic: Clinic, cast: Cast) -> None:
    set_visit_reminder(clinic, cast)
    clinic.clock.turn_to(DAY_BEFORE)
    broken_timer(clinic)
    assert clinic.worker._timers.fire_batch() == 2
    clinic.work()
    assert len(clinic.received(AMINA)) == 1
    statuses = {timer.unique_key: timer.status for timer in clinic.timers(kind=TimerKind.APPOINTMENT_REMINDER)}
    assert statuses.pop("appointment:9:v1:day-before") is TimerStatus.PENDING
    assert set(statuses.values()) == {TimerStatus.DONE}


def test_a_change_while_a_reminder_is_prepared_undoes_it(clinic: Clinic, cast: Cast) -> None:
    set_visit_reminder(clinic, cast)
    clinic.clock.turn_to(DAY_BEFORE)
    with clinic.database.write() as session:
        timers.claim_due(session, now=clinic.clock.now(), limit=50, lease_s=0)
    claimed = timers.claim_due

    def claim_then_call_off(session: Session, **arguments: Any) -> list[timers.DueTimer]:
        found = claimed(session, **arguments)
        timers.cancel(session, f"appointment:{cast.visit}")
        return found

    with patch.object(timers, "claim_due", claim_then_call_off):
        assert clinic.worker._timers.fire_batch() == 1
    clinic.work()
    assert clinic.received(AMINA) == []
    assert clinic.outbound() == []
    assert outcome(clinic) == (TimerStatus.CANCELLED, None)


def test_the_demo_clock_turns_forward_for_every_process_and_never_back(clinic: Clinic, cast: Cast) -> None:
    mine, theirs = DemoClock(clinic.database), DemoClock(clinic.database)
    start = mine.now()
    assert abs((start - datetime.now(UTC)).total_seconds()) < 5
    mine.turn_to(start + timedelta(hours=20))
    assert mine.now() - start >= timedelta(hours=20)
    assert theirs.now() - start >= timedelta(hours=20)
    with pytest.raises(ValueError, match="forward"):
        mine.turn_to(start)
    with clinic.database.write() as session:
        assert timers.next_due(session, (TimerKind.DOSE_REMINDER,)) is None


def test_a_traveller_is_reminded_at_the_wall_time_of_the_new_zone_only(clinic: Clinic, cast: Cast) -> None:
    set_doses(clinic, cast.amina)
    clinic.change(Patient, cast.amina, time_zone="Asia/Tokyo")
    set_doses(clinic, cast.amina)
    tokyo = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    assert due_times(clinic) == [tokyo, tokyo + timedelta(days=1)]
    assert len(ring_at(clinic, tokyo)) == 1
    assert ring_at(clinic, datetime(2026, 11, 24, 13, 0, tzinfo=UTC)) == []


def test_who_comes_back_is_reminded_as_before_and_each_dose_once(clinic: Clinic, cast: Cast) -> None:
    set_doses(clinic, cast.amina)
    before = due_times(clinic)
    for time_zone in ("Europe/London", "America/New_York"):
        clinic.change(Patient, cast.amina, time_zone=time_zone)
        set_doses(clinic, cast.amina)
    assert due_times(clinic) == before
    assert len(ring_at(clinic, before[0])) == 1
