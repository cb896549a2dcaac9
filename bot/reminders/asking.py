"""What every reminder needs beside the session: the way to the person, whether it may be sent now, and the sending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.care.stays import in_hospital
from bot.domain.clock import start_of_local_day
from bot.domain.enums import Disclosure, QuestionKind, SkipReason
from bot.i18n.render import Words
from bot.outbox import Say, enqueue
from bot.records import Communication, Patient, Question
from bot.reminders.decide import Circumstances, Send, Skip, decide
from bot.reminders.policies import Policies
from bot.reminders.replies import OPTIONS
from bot.reminders.route import Route, route_to
from bot.timers import DueTimer


@dataclass(frozen=True, kw_only=True)
class Reminding:
    """`disclosure` is what an enrolled phone may be told."""

    words: Words
    policies: Policies
    disclosure: Disclosure
    default_language: str

    def route(self, session: Session, patient: Patient, now: datetime) -> Route | None:
        return route_to(session, patient, self.disclosure, self.default_language, now)

    def reason_against(
        self,
        session: Session,
        timer: DueTimer,
        patient: Patient,
        route: Route | None,
        now: datetime,
        *,
        still_current: bool,
        already_answered: bool,
    ) -> SkipReason | None:
        """Why nothing is sent, None when it is. Without a route there is always a reason."""
        circumstances = Circumstances(
            now=now,
            expires_at=timer.expires_at,
            time_zone=patient.time_zone,
            patient_active=patient.active,
            deceased=patient.deceased_at is not None,
            in_hospital=in_hospital(session, patient.id, now),
            reachable=route is not None,
            opted_out=route is not None and route.conversation.opted_out_at is not None,
            still_current=still_current,
            already_answered=already_answered,
            asked_for=timer.subject.get("asked_for", False),
            sent_today=0 if route is None else _sent_today(session, route, patient.time_zone, now),
        )
        match decide(circumstances, self.policies):
            case Skip(reason):
                return reason
            case Send():
                return None

    def tell(
        self,
        session: Session,
        timer: DueTimer,
        route: Route,
        says: Sequence[Say],
        now: datetime,
        *,
        options: Sequence[tuple[str, str]] = (),
    ) -> Communication | None:
        """Queue one message of this timer; it is worthless after the timer's `expires_at`."""
        return enqueue(
            session,
            self.words,
            route.conversation,
            says,
            now=now,
            level=route.level,
            options=options,
            unique_key=f"timer:{timer.id}",
            expires_at=timer.expires_at,
        )

    def ask(
        self,
        session: Session,
        timer: DueTimer,
        route: Route,
        kind: QuestionKind,
        subject: Mapping[str, Any],
        says: Sequence[Say],
        now: datetime,
        *,
        until: datetime,
    ) -> None:
        """The same with a question that a short reply answers, until that instant."""
        sent = self.tell(session, timer, route, says, now, options=OPTIONS[kind])
        session.add(
            Question(
                conversation_id=route.conversation.id,
                communication_id=sent.id if sent else None,
                kind=kind,
                subject=dict(subject),
                asked_at=now,
                expires_at=until,
            )
        )


def _sent_today(session: Session, route: Route, time_zone: str, now: datetime) -> int:
    """What this person was sent on their local day without having written: whatever a timer caused."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Communication)
            .where(
                Communication.conversation_id == route.conversation.id,
                Communication.created_at >= start_of_local_day(now, time_zone),
                Communication.unique_key.startswith("timer:"),
            )
        )
        or 0
    )
