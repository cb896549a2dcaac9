"""Rings for doses: all medicines of one minute in one message."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import AdministrationStatus, MedicationRequestStatus, QuestionKind, SkipReason
from bot.outbox import Say
from bot.records import MedicationAdministration, MedicationRequest, Patient
from bot.reminders.asking import Reminding
from bot.reminders.firing import Done, Outcome, Skipped
from bot.timers import DueTimer

DOSE_ANSWER_LASTS = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class DoseReminders:
    reminding: Reminding

    def remind(self, session: Session, timer: DueTimer, now: datetime) -> Outcome:
        """Ask whether the doses of this minute are taken."""
        patient = session.get_one(Patient, UUID(timer.subject["patient"]))
        dose_at = datetime.fromisoformat(timer.subject["due_at"])
        doses = _open_doses(session, patient, [UUID(text) for text in timer.subject["requests"]], dose_at)
        route = self.reminding.route(session, patient, now)
        current = patient.dose_reminders and bool(doses)
        reason = self.reminding.reason_against(
            timer, patient, route, now, still_current=current, already_answered=False
        )
        if route is None or reason is not None:
            return Skipped(reason or SkipReason.NOT_ADDRESSABLE)
        subject = {"administrations": [str(dose.id) for dose, _ in doses]}
        says = [Say("reminder_dose", {"items": [_item(request) for _, request in doses]})]
        until = now + DOSE_ANSWER_LASTS
        self.reminding.ask(session, timer, route, QuestionKind.DOSE, subject, says, now, until=until)
        return Done("sent")


def _item(request: MedicationRequest) -> list[object]:
    name = f"{request.medication} {request.strength}".strip()
    return ["medication_line", {"name": name, "dosage": request.dosage_instruction}]


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
