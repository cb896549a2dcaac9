"""When a person does not answer: their caregivers as far as they allowed it, then a coordinator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bot.domain.enums import ConsentScope, SkipReason, TicketReason
from bot.handoff.hours import OfficeHours
from bot.handoff.tickets import UNRESOLVED, open_ticket
from bot.outbox import Say, enqueue
from bot.records import Consent, Conversation, Patient, RelatedPerson, Ticket
from bot.reminders.asking import Reminding
from bot.reminders.dose_records import OpenDose, unanswered_in_a_row
from bot.reminders.firing import Done, Outcome, Skipped
from bot.reminders.policies import Step
from bot.reminders.route import Route, route_to_caregiver
from bot.timers import DueTimer


@dataclass(frozen=True, kw_only=True)
class Escalation:
    reminding: Reminding
    hours: OfficeHours

    def alert_caregivers(
        self, session: Session, timer: DueTimer, patient: Patient, doses: Sequence[OpenDose], now: datetime
    ) -> Outcome:
        """Tell each who may know of missed doses, as their consent stands now, outside their quiet hours."""
        found = [self._open_route(session, each.related_person, now) for each in _permitting(session, patient, now)]
        routes = [route for route in found if route is not None]
        for route in routes:
            self._alert(session, timer, route, patient, doses, now)
        return Done(f"caregivers told: {len(routes)}") if routes else Skipped(SkipReason.NO_CAREGIVER)

    def _open_route(self, session: Session, caregiver: RelatedPerson, now: datetime) -> Route | None:
        route = route_to_caregiver(session, caregiver, self.reminding.disclosure, self.reminding.default_language, now)
        if route is None or route.conversation.opted_out_at is not None:
            return None
        quiet = self.reminding.policies.quiet_hours.hold(now, caregiver.time_zone)
        return None if quiet else route

    def _alert(
        self,
        session: Session,
        timer: DueTimer,
        route: Route,
        patient: Patient,
        doses: Sequence[OpenDose],
        now: datetime,
    ) -> None:
        at = {"at": doses[0].record.due_at.isoformat(), "time_zone": patient.time_zone}
        say = Say("caregiver_no_answer", {"person": patient.given_name, "time": at})
        enqueue(
            session,
            self.reminding.words,
            route.conversation,
            [say],
            now=now,
            level=route.level,
            unique_key=f"timer:{timer.id}:{route.conversation.id}",
            expires_at=timer.expires_at,
        )

    def is_with_a_person(self, session: Session, route: Route, since: datetime) -> bool:
        """Whether they wrote something since that a coordinator has now: then asking again would be a nuisance."""
        found = select(Ticket.id).where(
            Ticket.conversation_id == route.conversation.id,
            Ticket.status.in_(UNRESOLVED),
            Ticket.last_message_at >= since,
        )
        return session.scalar(found.limit(1)) is not None

    def tell_coordinator(
        self, session: Session, step: Step, patient: Patient, doses: Sequence[OpenDose], now: datetime
    ) -> Outcome:
        """Open a ticket once as many doses in a row had no answer as the policy says, and not too often."""
        unanswered = unanswered_in_a_row(session, doses)
        if unanswered < step.missed_in_a_row or _told_since(session, patient, now, step):
            return Done("no coordinator yet")
        conversation = session.scalar(
            select(Conversation).where(Conversation.patient_id == patient.id).order_by(Conversation.id.desc()).limit(1)
        )
        if conversation is None:
            return Skipped(SkipReason.NOT_ADDRESSABLE)
        asked = {"medicine": ", ".join(dose.name for dose in doses), "unanswered doses": unanswered}
        open_ticket(
            session,
            conversation,
            TicketReason.NO_ANSWER,
            patient_id=patient.id,
            facts={"words": [], "did": ["reminder_dose"], "asked": asked},
            now=now,
            hours=self.hours,
        )
        return Done("told a coordinator")


def _permitting(session: Session, patient: Patient, now: datetime) -> list[Consent]:
    found = session.scalars(
        select(Consent)
        .where(Consent.patient_id == patient.id)
        .options(joinedload(Consent.related_person))
        .order_by(Consent.given_at, Consent.id)
    )
    return [consent for consent in found if consent.permits(ConsentScope.ADHERENCE, now)]


def _told_since(session: Session, patient: Patient, now: datetime, step: Step) -> bool:
    """Whether a ticket of this kind was opened lately."""
    since = now - step.at_most_every
    found = select(Ticket.id).where(
        Ticket.patient_id == patient.id, Ticket.reason == TicketReason.NO_ANSWER, Ticket.opened_at > since
    )
    return session.scalar(found.limit(1)) is not None
