"""Sets the timers of reminders, in the transaction of the change that causes them."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import timers
from bot.care.dose_times import expand
from bot.domain.clock import instant, zone
from bot.domain.enums import AppointmentStatus, MedicationRequestStatus, TimerKind
from bot.records import Appointment, MedicationRequest, Patient
from bot.reminders.policies import Policies

REMINDED = (AppointmentStatus.BOOKED, AppointmentStatus.PENDING)


def schedule_everything(session: Session, policies: Policies, now: datetime) -> None:
    """After a seed: the reminders of every patient."""
    for patient_id in session.scalars(select(Patient.id)).all():
        schedule_patient(session, policies, patient_id, now)


def schedule_patient(session: Session, policies: Policies, patient_id: UUID, now: datetime) -> None:
    """After a change of somebody's record: the reminders of their visits and doses."""
    coming = select(Appointment).where(Appointment.patient_id == patient_id, Appointment.starts_at > now)
    for appointment in session.scalars(coming):
        schedule_appointment(session, policies, appointment, now)
    if session.get_one(Patient, patient_id).active:
        schedule_doses(session, policies, patient_id, now)


def schedule_appointment(session: Session, policies: Policies, appointment: Appointment, now: datetime) -> None:
    """Replace the reminders of a visit by those of its present version; none for one that will not take place."""
    cause, current = f"appointment:{appointment.id}", f"v{appointment.version}:"
    takes_place = appointment.status in REMINDED and appointment.starts_at > now
    timers.cancel(session, cause, keep=current if takes_place else None)
    if not takes_place:
        return
    time_zone = session.get_one(Patient, appointment.patient_id).time_zone
    for reminder in policies.appointment:
        day = appointment.starts_at.astimezone(zone(time_zone)).date() - timedelta(days=reminder.days_before)
        due_at = instant(day, reminder.at_local, time_zone)
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

    Doing so again adds only what is missing: the wall time is part of the key.
    """
    patient = session.get_one(Patient, patient_id)
    until = now + policies.expand_ahead
    due: dict[datetime, list[str]] = {}
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
            due.setdefault(at, []).append(str(request.id))
    for at, requests in sorted(due.items()):
        timers.schedule(
            session,
            TimerKind.DOSE_REMINDER,
            cause=f"dose:{patient_id}",
            name=at.isoformat(),
            subject={"patient": str(patient_id), "due_at": at.isoformat(), "requests": requests},
            due_at=at,
            expires_at=at + policies.dose_too_late_after,
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


def _reminded_requests(session: Session, patient: Patient) -> list[MedicationRequest]:
    if not patient.active or not patient.dose_reminders:
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
