"""Acts on timers that are due: reminders, expansions, deadlines. One transaction for each timer and its effect."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot import timers
from bot.domain.clock import Clock
from bot.domain.enums import (
    AdministrationStatus,
    Disclosure,
    MedicationRequestStatus,
    ParticipationStatus,
    QuestionKind,
    TimerKind,
    TimerStatus,
)
from bot.domain.errors import LeaseLost, place_of
from bot.handoff.hours import OfficeHours
from bot.handoff.tickets import ring_deadline
from bot.i18n.render import Words
from bot.outbox import Say, enqueue
from bot.records import Appointment, MedicationAdministration, MedicationRequest, Patient, Question
from bot.records.engine import Database
from bot.reminders.decide import Circumstances, Send, Skip, decide
from bot.reminders.policies import Policies
from bot.reminders.replies import OPTIONS
from bot.reminders.route import Route, route_to
from bot.reminders.schedule import REMINDED, schedule_doses
from bot.timers import DueTimer

log = structlog.get_logger(__name__)

BATCH = 20
RETRY_S = 5.0
DOSE_ANSWER_LASTS = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class DueTimers:
    """`policy` is what an enrolled phone may be told."""

    database: Database
    clock: Clock
    words: Words
    policies: Policies
    hours: OfficeHours
    policy: Disclosure
    default_language: str
    lease_s: float

    def fire_batch(self) -> int:
        """Act on up to BATCH due timers. Returns how many were due."""
        with self.database.write() as session:
            due = timers.claim_due(session, now=self.clock.now(), limit=BATCH, lease_s=self.lease_s)
        for timer in due:
            self._fire(timer)
        return len(due)

    def _fire(self, timer: DueTimer) -> None:
        try:
            with self.database.write() as session:
                status, outcome = self._act(session, timer)
                timers.finish(session, timer, status, outcome)
        except LeaseLost:
            return
        except Exception as error:
            log.error(
                "timer_failed", timer=str(timer.id), kind=timer.kind, error=type(error).__name__, at=place_of(error)
            )
            with self.database.write() as session:
                timers.retry_later(session, timer, seconds=RETRY_S * timer.attempts)
            return
        log.info("timer", timer=str(timer.id), kind=timer.kind, status=status, outcome=outcome)

    def _act(self, session: Session, timer: DueTimer) -> tuple[TimerStatus, str | None]:
        now = self.clock.now()
        match timer.kind:
            case TimerKind.EXPAND_DOSES:
                schedule_doses(session, self.policies, UUID(timer.subject["patient"]), now)
                return TimerStatus.DONE, None
            case TimerKind.TICKET_DEADLINE:
                rang = ring_deadline(session, UUID(timer.subject["ticket"]), now, self.hours)
                return TimerStatus.DONE, "overdue" if rang else "answered"
            case TimerKind.APPOINTMENT_REMINDER:
                return self._remind_of_visit(session, timer, now)
            case TimerKind.DOSE_REMINDER:
                return self._remind_of_dose(session, timer, now)
            case _:
                assert_never(timer.kind)

    def _remind_of_visit(self, session: Session, timer: DueTimer, now: datetime) -> tuple[TimerStatus, str | None]:
        visit = session.scalars(
            select(Appointment)
            .where(Appointment.id == UUID(timer.subject["appointment"]))
            .options(joinedload(Appointment.practitioner), joinedload(Appointment.location))
        ).one()
        current = visit.version == timer.subject["version"] and visit.status in REMINDED
        answered = visit.participation is not ParticipationStatus.NEEDS_ACTION
        patient = session.get_one(Patient, visit.patient_id)
        route = route_to(session, patient, self.policy, self.default_language, now)
        skip = self._skip(timer, patient, route, now, still_current=current, already_answered=answered)
        if skip is not None or route is None:
            return TimerStatus.SKIPPED, skip
        subject = {"appointment": str(visit.id)}
        says = _visit_says(visit, patient)
        self._ask(session, timer, route, QuestionKind.APPOINTMENT, subject, says, now, visit.starts_at)
        return TimerStatus.DONE, "sent"

    def _remind_of_dose(self, session: Session, timer: DueTimer, now: datetime) -> tuple[TimerStatus, str | None]:
        patient = session.get_one(Patient, UUID(timer.subject["patient"]))
        dose_at = datetime.fromisoformat(timer.subject["due_at"])
        doses = _open_doses(session, patient, [UUID(text) for text in timer.subject["requests"]], dose_at)
        route = route_to(session, patient, self.policy, self.default_language, now)
        current = patient.dose_reminders and bool(doses)
        skip = self._skip(timer, patient, route, now, still_current=current, already_answered=False)
        if skip is not None or route is None:
            return TimerStatus.SKIPPED, skip
        subject = {"administrations": [str(dose.id) for dose, _ in doses]}
        items = [
            ["medication_line", {"name": _name(request), "dosage": request.dosage_instruction}] for _, request in doses
        ]
        says = [Say("reminder_dose", {"items": items})]
        expires_at = now + DOSE_ANSWER_LASTS
        self._ask(session, timer, route, QuestionKind.DOSE, subject, says, now, expires_at)
        return TimerStatus.DONE, "sent"

    def _skip(
        self,
        timer: DueTimer,
        patient: Patient,
        route: Route | None,
        now: datetime,
        *,
        still_current: bool,
        already_answered: bool,
    ) -> str | None:
        circumstances = Circumstances(
            now=now,
            expires_at=timer.expires_at,
            time_zone=patient.time_zone,
            patient_active=patient.active,
            reachable=route is not None,
            opted_out=route is not None and route.conversation.opted_out_at is not None,
            still_current=still_current,
            already_answered=already_answered,
            asked_for=timer.subject.get("asked_for", False),
        )
        match decide(circumstances, self.policies):
            case Skip(reason):
                return reason.value
            case Send():
                return None

    def _ask(
        self,
        session: Session,
        timer: DueTimer,
        route: Route,
        kind: QuestionKind,
        subject: Mapping[str, object],
        says: list[Say],
        now: datetime,
        expires_at: datetime,
    ) -> None:
        sent = enqueue(
            session,
            self.words,
            route.conversation,
            says,
            now=now,
            level=route.level,
            options=OPTIONS[kind],
            unique_key=f"timer:{timer.id}",
            expires_at=timer.expires_at,
        )
        session.add(
            Question(
                conversation_id=route.conversation.id,
                communication_id=sent.id if sent else None,
                kind=kind,
                subject=dict(subject),
                asked_at=now,
                expires_at=expires_at,
            )
        )


def _open_doses(
    session: Session, patient: Patient, request_ids: list[UUID], dose_at: datetime
) -> list[tuple[MedicationAdministration, MedicationRequest]]:
    """The doses that are still to be taken, each with its row on the record; stopped medicines are left out."""
    doses = []
    for request_id in request_ids:
        request = session.get_one(MedicationRequest, request_id)
        if request.status is not MedicationRequestStatus.ACTIVE:
            continue
        dose = session.scalar(
            select(MedicationAdministration).where(
                MedicationAdministration.medication_request_id == request_id,
                MedicationAdministration.due_at == dose_at,
            )
        )
        if dose is None:
            dose = MedicationAdministration(
                patient_id=patient.id,
                medication_request_id=request_id,
                due_at=dose_at,
                status=AdministrationStatus.IN_PROGRESS,
            )
            session.add(dose)
        if dose.status is AdministrationStatus.IN_PROGRESS:
            doses.append((dose, request))
    return doses


def _name(request: MedicationRequest) -> str:
    return f"{request.medication} {request.strength}".strip()


def _visit_says(visit: Appointment, patient: Patient) -> list[Say]:
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
