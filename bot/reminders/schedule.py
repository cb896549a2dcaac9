"""Sets the timers of reminders, in the transaction of the change that causes them."""

from collections.abc import Container
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import timers
from bot.care.dose_times import expand
from bot.care.own_medicines import drug_names_of
from bot.care.text import words_of
from bot.domain.clock import instant, zone
from bot.domain.enums import AdministrationStatus, AppointmentStatus, MedicationRequestStatus, TimerKind
from bot.records import Appointment, MedicationAdministration, MedicationRequest, Patient
from bot.reminders.policies import Policies, jittered

REMINDED = (AppointmentStatus.BOOKED, AppointmentStatus.PENDING)


def schedule_everything(session: Session, policies: Policies, now: datetime) -> None:
    """After a seed: the reminders of every patient."""
    for patient_id in session.scalars(select(Patient.id)).all():
        schedule_patient(session, policies, patient_id, now)


def schedule_patient(session: Session, policies: Policies, patient_id: UUID, now: datetime) -> None:
    """After a change of somebody's record: the reminders of their visits and doses; none for who is gone."""
    patient = session.get_one(Patient, patient_id)
    coming = select(Appointment).where(Appointment.patient_id == patient_id, Appointment.starts_at > now)
    for appointment in session.scalars(coming):
        schedule_appointment(session, policies, appointment, now)
    if is_reminded(patient):
        schedule_doses(session, policies, patient_id, now)
    else:
        _end_doses(session, patient_id)


def is_reminded(patient: Patient) -> bool:
    """Not once they have died or left the clinic."""
    return patient.active and patient.deceased_at is None


def _end_doses(session: Session, patient_id: UUID) -> None:
    """No timer is left, and no dose that waits for an answer."""
    for cause in (f"dose:{patient_id}", f"expand:{patient_id}"):
        timers.cancel(session, cause)
    waiting = update(MedicationAdministration).where(
        MedicationAdministration.patient_id == patient_id,
        MedicationAdministration.status == AdministrationStatus.IN_PROGRESS,
    )
    session.execute(waiting.values(status=AdministrationStatus.UNKNOWN))


def schedule_appointment(session: Session, policies: Policies, appointment: Appointment, now: datetime) -> None:
    """Replace the reminders of a visit by those of its present version; none for one that will not take place."""
    cause, current = f"appointment:{appointment.id}", f"v{appointment.version}:"
    patient = session.get_one(Patient, appointment.patient_id)
    takes_place = appointment.status in REMINDED and appointment.starts_at > now and is_reminded(patient)
    timers.cancel(session, cause, only=lambda name: not (takes_place and name.startswith(current)))
    if not takes_place:
        return
    policy = policies.for_visit(
        video=appointment.telehealth_url is not None,
        series=appointment.series is not None,
        words={word for text in appointment.description.values() for word in words_of(text)},
    )
    for reminder in policy.reminders:
        day = appointment.starts_at.astimezone(zone(patient.time_zone)).date() - timedelta(days=reminder.days_before)
        due_at = jittered(instant(day, reminder.at_local, patient.time_zone), policy.jitter, patient.id)
        expires_at = min(due_at + reminder.too_late_after, appointment.starts_at)
        if expires_at > now:
            timers.schedule(
                session,
                TimerKind.APPOINTMENT_REMINDER,
                cause=cause,
                name=f"{current}{reminder.name}",
                subject={"appointment": str(appointment.id), "version": appointment.version},
                due_at=due_at,
                expires_at=expires_at,
            )


def schedule_doses(session: Session, policies: Policies, patient_id: UUID, now: datetime) -> None:
    """Set the dose reminders of the next days, one for all medicines of the same minute, and the next expansion.

    Doing so again adds what is missing and cancels what is no longer due: the instant is part of the name.
    """
    patient = session.get_one(Patient, patient_id)
    until = now + policies.expand_ahead
    due: dict[datetime, list[MedicationRequest]] = {}
    for request in _reminded_requests(session, patient):
        instants = expand(
            request.dosage_instruction,
            time_zone=patient.time_zone,
            after=now,
            until=until,
            starts_at=request.authored_at,
            clock_times=policies.clock_times,
        )
        for at in instants:
            due.setdefault(at, []).append(request)
    _cancel_doses_not_in(session, patient, due, now)
    for at, requests in sorted(due.items()):
        policy = policies.for_doses([drug_names_of(request.medication, tuple(request.aliases)) for request in requests])
        timers.schedule(
            session,
            TimerKind.DOSE_REMINDER,
            cause=f"dose:{patient_id}",
            name=at.isoformat(),
            subject={
                "patient": str(patient_id),
                "due_at": at.isoformat(),
                "requests": [str(request.id) for request in requests],
            },
            due_at=jittered(at, policy.jitter, patient_id),
            expires_at=at + policy.too_late_after,
        )
    next_expansion = now + policies.expand_ahead / 2
    timers.schedule(
        session,
        TimerKind.EXPAND_DOSES,
        cause=f"expand:{patient_id}",
        name=next_expansion.date().isoformat(),
        subject={"patient": str(patient_id)},
        due_at=next_expansion,
    )


def _cancel_doses_not_in(session: Session, patient: Patient, due: Container[datetime], now: datetime) -> None:
    """A prescription was changed or stopped: the reminders of its coming doses go. What was asked already stays."""

    def is_void(name: str) -> bool:
        at = _dose_time(name)
        return at is not None and at > now and at not in due

    timers.cancel(session, f"dose:{patient.id}", only=is_void)


def _dose_time(name: str) -> datetime | None:
    """Of a first reminder, whose name is the instant; None for what follows one."""
    try:
        return datetime.fromisoformat(name)
    except ValueError:
        return None


def _reminded_requests(session: Session, patient: Patient) -> list[MedicationRequest]:
    if not is_reminded(patient) or not patient.dose_reminders:
        return []
    return list(
        session.scalars(
            select(MedicationRequest)
            .where(
                MedicationRequest.patient_id == patient.id,
                MedicationRequest.status == MedicationRequestStatus.ACTIVE,
            )
            .order_by(MedicationRequest.authored_at, MedicationRequest.id)
        )
    )
