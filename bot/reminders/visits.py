"""Rings for visits: the reminder of one, with how to prepare for it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.domain.enums import ParticipationStatus, QuestionKind, SkipReason
from bot.outbox import Say
from bot.records import Appointment, Patient
from bot.reminders.asking import Reminding
from bot.reminders.firing import Done, Outcome, Skipped
from bot.reminders.schedule import REMINDED
from bot.timers import DueTimer


@dataclass(frozen=True, kw_only=True)
class VisitReminders:
    reminding: Reminding

    def remind(self, session: Session, timer: DueTimer, now: datetime) -> Outcome:
        """Ask whether they will come."""
        visit = session.scalars(
            select(Appointment)
            .where(Appointment.id == UUID(timer.subject["appointment"]))
            .options(joinedload(Appointment.practitioner), joinedload(Appointment.location))
        ).one()
        patient = session.get_one(Patient, visit.patient_id)
        route = self.reminding.route(session, patient, now)
        reason = self.reminding.reason_against(
            session,
            timer,
            patient,
            route,
            now,
            still_current=visit.version == timer.subject["version"] and visit.status in REMINDED,
            already_answered=visit.participation is not ParticipationStatus.NEEDS_ACTION,
        )
        if route is None or reason is not None:
            return Skipped(reason or SkipReason.NOT_ADDRESSABLE)
        subject = {"appointment": str(visit.id)}
        says = _says(visit, patient)
        self.reminding.ask(session, timer, route, QuestionKind.APPOINTMENT, subject, says, now, until=visit.starts_at)
        return Done("sent")


def _says(visit: Appointment, patient: Patient) -> list[Say]:
    place, practitioner = visit.location, visit.practitioner
    zone = place.time_zone if place else patient.time_zone
    params: dict[str, object] = {"start": {"at": visit.starts_at.isoformat(), "time_zone": zone}}
    key = "reminder_appointment"
    if place is None or visit.telehealth_url:
        key = "reminder_appointment_video"
    else:
        params["location"] = place.name
    if practitioner is None:
        key = f"{key}_private"  # the variant that names nobody
    else:
        params["practitioner"] = practitioner.name
    says = [Say(key, params)]
    if visit.preparation:
        says.append(Say("reminder_preparation", {"preparation": visit.preparation}))
    return says
