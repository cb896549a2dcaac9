"""In whatever order things happen: no dose without an alarm, nothing for the dead, nothing twice."""

import shutil
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot import timers
from bot.domain.enums import (
    AdministrationStatus,
    AppointmentStatus,
    CommunicationStatus,
    Direction,
    MedicationRequestStatus,
    TicketStatus,
    TimerKind,
    TimerStatus,
)
from bot.outbox.claim import claim
from bot.records import (
    Appointment,
    Communication,
    Conversation,
    MedicationAdministration,
    MedicationRequest,
    Patient,
    Ticket,
    Timer,
)
from bot.reminders.schedule import schedule_appointment, schedule_patient
from tests.support.cast import add_medicine, add_patient
from tests.support.clinic import Clinic, settings_in

WALLS = ("06:30:00", "08:00:00", "08:15:00", "12:00:00", "20:45:00", "22:00:00")
ZONES = ("America/New_York", "Europe/London", "Asia/Tokyo", "Australia/Lord_Howe")
REPLIES = ("1", "2", "3", "5", "7", "STOP", "START", "hello", "👍")
STEPS = (1, 7, 30, 44, 90, 240, 719, 1440, 4320)

patients: "Bundle[UUID]" = Bundle("patients")
medicines: "Bundle[UUID]" = Bundle("medicines")
visits: "Bundle[UUID]" = Bundle("visits")


def daily(wall: str) -> dict[str, Any]:
    return {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": [wall]}}


class Reminders(RuleBasedStateMachine):
    """One clinic on SQLite. After each step everything that is due now has rung."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="northstar-property-"))
        shutil.copy(self.template, self.folder / "clinic.db")
        self.clinic = Clinic(settings_in(self.folder, f"sqlite:///{self.folder / 'clinic.db'}"))
        self.people = 0

    def teardown(self) -> None:
        self.clinic.close()
        shutil.rmtree(self.folder)

    # What happens.

    @initialize(target=patients)
    def begin(self) -> UUID:
        patient = self.enrol()
        self.prescribe(patient, "08:00:00", "statin")
        return patient

    @rule(target=patients)
    def enrol(self) -> UUID:
        self.people += 1
        number = self.people
        patient: UUID = self.clinic.seed(
            lambda session: add_patient(session, f"Person {number}", phone(number), now=self.now)
        )
        self._schedule(patient)
        return patient

    @rule(target=medicines, patient=patients, wall=st.sampled_from(WALLS), name=st.sampled_from(("warfarin", "statin")))
    def prescribe(self, patient: UUID, wall: str, name: str) -> UUID:
        request: UUID = self.clinic.seed(
            lambda session: add_medicine(session, patient, name, "5 mg", timing=daily(wall), now=self.now)
        )
        self._schedule(patient)
        return request

    @rule(request=medicines, wall=st.sampled_from(WALLS))
    def change_its_time(self, request: UUID, wall: str) -> None:
        self.clinic.change(MedicationRequest, request, dosage_instruction=[{"text": "1 tablet", "timing": daily(wall)}])
        self._schedule(self.clinic.row(MedicationRequest, request).patient_id)

    @rule(request=consumes(medicines))
    def stop_it(self, request: UUID) -> None:
        self.clinic.change(MedicationRequest, request, status=MedicationRequestStatus.STOPPED)
        self._schedule(self.clinic.row(MedicationRequest, request).patient_id)

    @rule(target=visits, patient=patients, hours=st.integers(2, 100))
    def book(self, patient: UUID, hours: int) -> UUID:
        visit = Appointment(
            patient_id=patient,
            status=AppointmentStatus.BOOKED,
            description={"en": "check-up"},
            preparation={},
            starts_at=self.now + timedelta(hours=hours),
            ends_at=self.now + timedelta(hours=hours + 1),
        )
        self.clinic.seed(lambda session: session.add(visit))
        self._schedule(patient)
        return visit.id

    @rule(visit=visits, hours=st.integers(1, 60))
    def move(self, visit: UUID, hours: int) -> None:
        row = self.clinic.row(Appointment, visit)
        self._change_visit(visit, starts_at=row.starts_at + timedelta(hours=hours), version=row.version + 1)

    @rule(visit=consumes(visits))
    def call_off(self, visit: UUID) -> None:
        self._change_visit(visit, status=AppointmentStatus.CANCELLED)

    @rule(patient=patients, zone=st.sampled_from(ZONES))
    def travel(self, patient: UUID, zone: str) -> None:
        self.clinic.change(Patient, patient, time_zone=zone)
        self._schedule(patient)

    @rule(number=st.integers(1, 3), text=st.sampled_from(REPLIES))
    def reply(self, number: int, text: str) -> None:
        if number <= self.people:
            self.clinic.text(phone(number), text)

    @rule(patient=consumes(patients))
    def die(self, patient: UUID) -> None:
        self.clinic.change(Patient, patient, deceased_at=self.now)
        self._schedule(patient)

    @rule(minutes=st.sampled_from(STEPS))
    def wait(self, minutes: int) -> None:
        """Time passes and the worker is there, or it was away for as long."""
        self.clinic.clock.forward(minutes=minutes)
        self.clinic.work()

    @rule(times=st.integers(1, 4))
    def the_next_alarms_ring(self, times: int) -> None:
        """To the minute, as they do while the worker is there."""
        for _ in range(times):
            if coming := [timer.due_at for timer in self.pending() if timer.due_at > self.now]:
                self.clinic.clock.turn_to(min(coming))
                self.clinic.work()

    @rule(minutes=st.integers(1, 120))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self.clinic.clock.forward(minutes=-minutes)
        self.clinic.work()

    @rule(minutes=st.sampled_from(STEPS))
    def a_worker_dies_with_what_it_holds(self, minutes: int) -> None:
        self.clinic.clock.forward(minutes=minutes)
        with self.clinic.database.write() as session:
            timers.claim_due(session, now=self.now, limit=50, lease_s=-1)
        self.clinic.worker._timers.fire_batch()
        with self.clinic.database.write() as session:
            claim(session, self.now, -1, most=50, limits={})
        self.clinic.work()

    @rule(minutes=st.sampled_from(STEPS))
    def a_worker_dies_before_its_commit(self, minutes: int) -> None:
        self.clinic.clock.forward(minutes=minutes)
        firing = self.clinic.worker._timers
        with self.clinic.database.write() as session:
            due = timers.claim_due(session, now=self.now, limit=50, lease_s=-1)
        with self.clinic.database.read() as session:
            for timer in due:
                firing.handlers[timer.kind](session, timer, self.now)
            session.rollback()
        self.clinic.work()

    # What always holds.

    @invariant()
    def no_dose_waits_without_an_alarm(self) -> None:
        alarms = [timer.unique_key for timer in self.pending()]
        waiting = MedicationAdministration.status == AdministrationStatus.IN_PROGRESS
        for dose in self.clinic.rows(MedicationAdministration, waiting):
            start = f"dose:{dose.patient_id}:{dose.due_at.isoformat()}"
            assert any(key.startswith(start) for key in alarms), dose.due_at

    @invariant()
    def nothing_is_due_and_left(self) -> None:
        assert [timer.unique_key for timer in self.pending() if timer.due_at <= self.now] == []

    @invariant()
    def the_dead_have_no_timers(self) -> None:
        pending = {timer.cause for timer in self.pending()}
        for patient in self.clinic.rows(Patient, Patient.deceased_at.is_not(None)):
            visits_of = self.clinic.rows(Appointment, Appointment.patient_id == patient.id)
            causes = {f"dose:{patient.id}", f"expand:{patient.id}", *(f"appointment:{row.id}" for row in visits_of)}
            assert not causes & pending

    @invariant()
    def the_living_are_looked_at_again(self) -> None:
        pending = {timer.cause for timer in self.pending()}
        for patient in self.clinic.rows(Patient, Patient.deceased_at.is_(None)):
            assert f"expand:{patient.id}" in pending

    @invariant()
    def every_ticket_that_waits_has_an_alarm(self) -> None:
        pending = {timer.cause for timer in self.pending()}
        waits = (Ticket.status != TicketStatus.RESOLVED, Ticket.answered_at.is_(None))
        assert {f"ticket:{ticket.id}" for ticket in self.clinic.rows(Ticket, *waits)} <= pending

    @invariant()
    def nothing_is_reminded_of_that_is_not_taken(self) -> None:
        stopped = {
            str(row.id)
            for row in self.clinic.rows(MedicationRequest, MedicationRequest.status != MedicationRequestStatus.ACTIVE)
        }
        for timer in self.pending():
            if timer.kind is TimerKind.DOSE_REMINDER and ":again:" not in timer.unique_key:
                assert not set(timer.subject["requests"]) <= stopped

    @invariant()
    def each_message_reached_the_carrier_once(self) -> None:
        """The carrier's own answers to STOP and START are on the handset too, and none of ours."""
        for number in range(1, self.people + 1):
            conversations = self.clinic.rows(Conversation, Conversation.address_index == phone(number))
            ours = Communication.conversation_id.in_([row.id for row in conversations])
            rows = self.clinic.rows(Communication, Communication.direction == Direction.OUTBOUND, ours)
            assert {row.status for row in rows} <= {CommunicationStatus.SENT, CommunicationStatus.DELIVERED}
            received = Counter(self.clinic.received(phone(number)))
            assert all(received[body] == count for body, count in Counter(row.body for row in rows).items())

    @invariant()
    def one_dose_is_asked_for_once_unless_later_was_wanted(self) -> None:
        rang = [
            (timer.cause, timer.subject["due_at"])
            for timer in self.clinic.timers(kind=TimerKind.DOSE_REMINDER, status=TimerStatus.DONE)
            if ":again:" not in timer.unique_key
        ]
        assert len(rang) == len(set(rang))

    # Helpers.

    @property
    def now(self) -> datetime:
        return self.clinic.clock.now()

    def pending(self) -> list[Timer]:
        return self.clinic.timers(status=TimerStatus.PENDING)

    def _schedule(self, patient: UUID) -> None:
        with self.clinic.database.write() as session:
            schedule_patient(session, self.clinic.parts.policies, patient, self.now)
        self.clinic.work()

    def _change_visit(self, visit: UUID, **values: Any) -> None:
        self.clinic.change(Appointment, visit, **values)
        with self.clinic.database.write() as session:
            schedule_appointment(session, self.clinic.parts.policies, session.get_one(Appointment, visit), self.now)
        self.clinic.work()


def phone(number: int) -> str:
    return f"+1212555{2000 + number}"


def test_no_order_of_events_loses_or_repeats_anything(sqlite_template: Path) -> None:
    Reminders.template = sqlite_template
    case = settings(
        max_examples=15,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    run_state_machine_as_test(Reminders, settings=case)  # type: ignore[no-untyped-call]
