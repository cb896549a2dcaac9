"""Rings for doses: all medicines of one minute in one message, then step by step while nobody answers.

A dose is on record from the moment that its reminder is due: in-progress while an answer may come, and then always
with a timer that rings next; unknown when none came or nobody could be asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from bot import timers
from bot.care.stays import in_hospital
from bot.domain.enums import QuestionKind, SkipReason, TimerKind
from bot.outbox import Say
from bot.records import Patient
from bot.reminders.asking import Reminding
from bot.reminders.dose_records import OpenDose, close_unknown, current_doses, open_doses, policy_for
from bot.reminders.escalating import Escalation
from bot.reminders.firing import Done, Outcome, Skipped
from bot.reminders.policies import Step, StepName
from bot.reminders.route import Route
from bot.timers import DueTimer

CLOSE = "close"
NO_ONE_ASKED = frozenset(
    {
        SkipReason.TOO_LATE,
        SkipReason.QUIET_HOURS,
        SkipReason.OPTED_OUT,
        SkipReason.NOT_ADDRESSABLE,
        SkipReason.DAILY_CAP,
        SkipReason.IN_HOSPITAL,
    }
)
"""Reasons that leave the dose on record as unknown; with the others there was none to take."""


@dataclass(frozen=True, kw_only=True)
class DoseReminders:
    reminding: Reminding
    escalation: Escalation

    def remind(self, session: Session, timer: DueTimer, now: datetime) -> Outcome:
        """Ask whether the doses of this minute are taken, and set what follows when nobody answers."""
        patient = session.get_one(Patient, UUID(timer.subject["patient"]))
        doses = current_doses(session, patient, _requests(timer), _dose_at(timer))
        route = self.reminding.route(session, patient, now)
        reason = self.reminding.reason_against(
            session,
            timer,
            patient,
            route,
            now,
            still_current=patient.dose_reminders and bool(doses),
            already_answered=False,
        )
        if reason in NO_ONE_ASKED:
            close_unknown(session, doses, reason.value)
        if route is None or reason is not None:
            return Skipped(reason or SkipReason.NOT_ADDRESSABLE)
        self._ask(session, timer, patient, route, doses, "reminder_dose", now)
        until = now + policy_for(self.reminding.policies, doses).answer_lasts
        self._follow(session, timer, doses, after=None, now=now, until=until, reminder=str(timer.id))
        return Done("sent")

    def follow_up(self, session: Session, timer: DueTimer, now: datetime) -> Outcome:
        """The next step for doses that nobody has answered for; the last one closes them as unknown."""
        patient = session.get_one(Patient, UUID(timer.subject["patient"]))
        doses = open_doses(session, patient, _requests(timer), _dose_at(timer))
        if not doses:
            return Skipped(SkipReason.ALREADY_ANSWERED)
        step = timer.subject["step"]
        if step == CLOSE or not patient.active or patient.deceased_at is not None:
            close_unknown(session, doses, None)
            return Done("unknown")
        if in_hospital(session, patient.id, now):
            # The ward gives the doses there: nobody is to be asked, told or counted as silent.
            close_unknown(session, doses, SkipReason.IN_HOSPITAL.value)
            return Skipped(SkipReason.IN_HOSPITAL)
        outcome = self._take_step(session, timer, StepName(step), patient, doses, now)
        until = datetime.fromisoformat(timer.subject["until"])
        self._follow(session, timer, doses, after=step, now=now, until=until, reminder=timer.subject["reminder"])
        return outcome

    def _take_step(
        self,
        session: Session,
        timer: DueTimer,
        name: StepName,
        patient: Patient,
        doses: Sequence[OpenDose],
        now: datetime,
    ) -> Outcome:
        match name:
            case StepName.NUDGE:
                return self._nudge(session, timer, patient, doses, now)
            case StepName.CAREGIVER:
                return self.escalation.alert_caregivers(session, timer, patient, doses, now)
            case StepName.COORDINATOR:
                ladder = policy_for(self.reminding.policies, doses).ladder
                step = next((each for each in ladder if each.name is name), None)
                if step is None:  # A clinic has taken the step away meanwhile.
                    return Skipped(SkipReason.RECORD_CHANGED)
                return self.escalation.tell_coordinator(session, step, patient, doses, now)

    def _nudge(
        self, session: Session, timer: DueTimer, patient: Patient, doses: Sequence[OpenDose], now: datetime
    ) -> Outcome:
        route = self.reminding.route(session, patient, now)
        reason = self.reminding.reason_against(
            session,
            timer,
            patient,
            route,
            now,
            still_current=patient.dose_reminders,
            already_answered=False,
        )
        if route is not None and reason is None and self.escalation.is_with_a_person(session, route, _dose_at(timer)):
            reason = SkipReason.WITH_A_PERSON
        if route is None or reason is not None:
            return Skipped(reason or SkipReason.NOT_ADDRESSABLE)
        self._ask(session, timer, patient, route, doses, "nudge_dose", now)
        return Done("sent")

    def _ask(
        self,
        session: Session,
        timer: DueTimer,
        patient: Patient,
        route: Route,
        doses: Sequence[OpenDose],
        key: str,
        now: datetime,
    ) -> None:
        at = {"at": _dose_at(timer).isoformat(), "time_zone": patient.time_zone}
        params: dict[str, object] = {"items": [dose.line for dose in doses]}
        if key == "nudge_dose":
            params["time"] = at
        subject = {"administrations": [str(dose.record.id) for dose in doses]}
        until = now + policy_for(self.reminding.policies, doses).answer_lasts
        self.reminding.ask(session, timer, route, QuestionKind.DOSE, subject, [Say(key, params)], now, until=until)

    def _follow(
        self,
        session: Session,
        timer: DueTimer,
        doses: Sequence[OpenDose],
        *,
        after: str | None,
        now: datetime,
        until: datetime,
        reminder: str,
    ) -> None:
        """Set the next step after this one, or the end."""
        policy = policy_for(self.reminding.policies, doses)
        step = _next_step(policy.ladder, after)
        due_at = until if step is None else min(now + step.after, until)
        name = CLOSE if step is None else step.name.value
        # A person who is asked again hours later could take the dose together with the next one.
        lasts = policy.too_late_after if name == StepName.NUDGE else until - due_at
        timers.schedule(
            session,
            TimerKind.DOSE_FOLLOW_UP,
            cause=f"dose:{timer.subject['patient']}",
            name=f"{timer.subject['due_at']}:{name}:{reminder}",
            subject={
                "patient": timer.subject["patient"],
                "due_at": timer.subject["due_at"],
                "requests": [str(dose.request.id) for dose in doses],
                "step": name,
                "until": until.isoformat(),
                "reminder": reminder,
            },
            due_at=due_at,
            expires_at=due_at + lasts,
        )


def _next_step(ladder: Sequence[Step], after: str | None) -> Step | None:
    order = list(StepName)
    passed = -1 if after is None else order.index(StepName(after))
    return next((step for step in ladder if order.index(step.name) > passed), None)


def _requests(timer: DueTimer) -> list[UUID]:
    return [UUID(text) for text in timer.subject["requests"]]


def _dose_at(timer: DueTimer) -> datetime:
    return datetime.fromisoformat(timer.subject["due_at"])
