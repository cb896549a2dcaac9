"""Applies a plan: every effect, then what is said, in the caller's one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.conversation.plan import (
    AnswerQuestion,
    AppendToHumanTicket,
    Ask,
    CloseQuestion,
    Effect,
    HandOverTimes,
    HearLanguage,
    LinkPerson,
    Misunderstood,
    OpenTicket,
    OptIn,
    OptOut,
    Plan,
    SetLanguage,
    SuspendAddress,
)
from bot.conversation.sign_in import link_telegram
from bot.conversation.snapshot import Snapshot
from bot.conversation.understanding import Understanding
from bot.domain.enums import QuestionKind, TicketReason
from bot.handoff.hours import URGENT_WITHIN, OfficeHours
from bot.handoff.tickets import append_words, hear_more, human_ticket, open_ticket
from bot.handoff.wished_days import note_days
from bot.i18n.render import Words
from bot.i18n.utterances import UTTERANCES
from bot.i18n.wishes import Wishes
from bot.outbox import Say, enqueue
from bot.records import Communication, ContactPoint, Conversation, Patient, Question, Ticket
from bot.reminders.replies import OPTIONS, bare_digit, record_answer

QUESTION_LASTS = timedelta(hours=12)
# Reasons whose words are not `handoff_REASON`.
OWN_WORDS: Mapping[TicketReason, str] = {
    TicketReason.CLINICAL: "handoff_clinical",
    TicketReason.MISSED_DOSE: "handoff_clinical",
    TicketReason.STOPPED_TAKING: "handoff_clinical",
    TicketReason.RAN_OUT: "handoff_refill",
    TicketReason.URGENT_SYMPTOM: "urgent",
    TicketReason.NOT_UNDERSTOOD: "not_understood",
    TicketReason.MODEL_SILENT: "model_silent",
    TicketReason.ATTACHMENT: "attachment",
    TicketReason.UNKNOWN_PERSON: "unknown_person",
}


NEEDS_NURSE_LINE = frozenset({"handoff_clinical", "urgent_closed"})


@dataclass(frozen=True, kw_only=True)
class Office:
    """What applying needs beside the session. `has_nurse_line`: a number may be given with clinical hand-offs."""

    words: Words
    hours: OfficeHours
    has_nurse_line: bool
    wishes: Wishes


class Application:
    """One plan on its way into the database. `says` grows while effects are applied, in their order."""

    def __init__(self, session: Session, office: Office, snapshot: Snapshot, plan: Plan, now: datetime) -> None:
        self._session = session
        self._office = office
        self._snapshot = snapshot
        self._plan = plan
        self._now = now
        self._conversation = session.get_one(Conversation, snapshot.conversation_id, with_for_update=True)
        self._says = list(plan.says)
        self._options: Sequence[tuple[str, str]] = ()
        self._asked: Question | None = None
        self._misunderstood = False

    def run(self) -> Communication | None:
        """Returns the queued reply, None where silence is right."""
        for effect in self._plan.effects:
            self._apply(effect)
        if not self._misunderstood:
            self._conversation.misunderstandings = 0
        self._keep_understanding()
        if not self._says:
            return None
        reply = enqueue(
            self._session,
            self._office.words,
            self._conversation,
            self._says,
            now=self._now,
            level=self._snapshot.level,
            options=self._options,
            unique_key=f"turn:{self._snapshot.communication_id}",
            language=self._plan.language,
            urgent=self._plan.understood is not None and self._plan.understood.red_flag is not None,
        )
        if self._asked is not None and reply is not None:
            self._asked.communication_id = reply.id
        return reply

    def _apply(self, effect: Effect) -> None:
        match effect:
            case OpenTicket():
                self._open_ticket(effect.reason, effect.facts, silently=effect.silently)
            case HandOverTimes():
                self._hand_over_times(effect.facts)
            case AppendToHumanTicket():
                self._append_to_human_ticket()
            case Misunderstood():
                self._count_misunderstanding()
            case AnswerQuestion():
                self._answer(effect)
            case Ask():
                self._ask(effect)
            case CloseQuestion():
                question = self._session.get_one(Question, effect.question_id)
                question.answered_at, question.answer = self._now, effect.answer
            case LinkPerson():
                self._says.append(link_telegram(self._session, self._conversation, effect.token, self._now))
            case OptOut() | OptIn() | SuspendAddress() | SetLanguage() | HearLanguage():
                self._change_conversation(effect)
            case _:
                assert_never(effect)

    def _change_conversation(self, effect: OptOut | OptIn | SuspendAddress | SetLanguage | HearLanguage) -> None:
        match effect:
            case OptOut():
                self._conversation.opted_out_at = self._now
            case OptIn():
                self._conversation.opted_out_at = None
            case SetLanguage(language=language):
                self._conversation.language = language
                self._conversation.heard_language = None
            case HearLanguage(language=language):
                self._conversation.heard_language = language
            case SuspendAddress():
                self._session.execute(
                    update(ContactPoint)
                    .where(
                        ContactPoint.channel == self._conversation.channel,
                        ContactPoint.address_index == self._conversation.address_index,
                    )
                    .values(suspended_at=self._now)
                )
                # Whoever reads there now is nobody we know; not even whom they asked about may be named.
                self._conversation.patient_id = self._conversation.related_person_id = None
                self._conversation.about_patient_id = None
            case _:
                assert_never(effect)

    def _open_ticket(self, reason: TicketReason, facts: Mapping[str, Any], *, silently: bool = False) -> Ticket:
        gathered = {"words": self._recent_words(), "did": [say.key for say in self._says], **facts}
        if self._plan.understood is not None and self._plan.understood.intent is not None:
            gathered["understood"] = _understood(self._plan.understood)
        ticket, is_new = open_ticket(
            self._session,
            self._conversation,
            reason,
            patient_id=self._snapshot.about_id,
            facts=gathered,
            now=self._now,
            hours=self._office.hours,
        )
        if reason is TicketReason.EMERGENCY and not self._office.hours.is_open(self._now):
            self._says.append(Say("emergency_closed"))
        if not silently:
            self._say_handed_over(ticket, is_new=is_new)
        return ticket

    def _say_handed_over(self, ticket: Ticket, *, is_new: bool) -> None:
        if not is_new:
            self._says.append(Say("handoff_existing"))
            return
        due = {"at": self._promised_at(ticket.reason, ticket.due_at).isoformat(), "time_zone": self._time_zone()}
        self._says.append(Say(self._handoff_key(ticket.reason), {"due": due}))

    def _hand_over_times(self, facts: Mapping[str, Any]) -> None:
        """Days that can be read are said back; a person has the words at once, whatever is answered, or nothing."""
        language = self._plan.language or self._snapshot.language
        wish = self._office.wishes.read(facts["preferred_times"], language, self._now, self._time_zone())
        if wish is None:
            self._open_ticket(TicketReason.RESCHEDULE, {"asked": facts})
            return
        ticket = self._open_ticket(TicketReason.RESCHEDULE, {"asked": facts}, silently=True)
        note_days(ticket, facts, wish.as_params())
        self._says.append(Say("reschedule_times_understood", {"when": wish.as_params()}))
        self._ask(Ask(kind=QuestionKind.TIMES, subject={"ticket": str(ticket.id)}))

    def _promised_at(self, reason: TicketReason, due_at: datetime) -> datetime:
        """By when a person answers. An urgent ticket rings at any hour, but nobody may be there to hear it."""
        if reason is not TicketReason.URGENT_SYMPTOM:
            return due_at
        return max(due_at, self._office.hours.next_open(self._now) + URGENT_WITHIN)

    def _handoff_key(self, reason: TicketReason) -> str:
        key = OWN_WORDS.get(reason, f"handoff_{reason}")
        if key == "urgent" and not self._office.hours.is_open(self._now):
            key = "urgent_closed"
        if key in NEEDS_NURSE_LINE and not self._office.has_nurse_line:
            return f"{key}_no_line"
        return key if key in UTTERANCES else "handoff"

    def _time_zone(self) -> str:
        if self._snapshot.about_id is not None:
            return self._session.get_one(Patient, self._snapshot.about_id).time_zone
        return self._office.hours.time_zone

    def _recent_words(self) -> list[str]:
        """What the person wrote last; with a misunderstanding also the message before."""
        if self._misunderstood:
            before = self._session.scalars(
                select(Communication)
                .where(
                    Communication.conversation_id == self._conversation.id,
                    Communication.direction == "inbound",
                    Communication.id < self._snapshot.communication_id,
                )
                .order_by(Communication.id.desc())
                .limit(1)
            ).all()
            return [*(message.body for message in before), self._snapshot.text]
        return [self._snapshot.text]

    def _append_to_human_ticket(self) -> None:
        ticket = human_ticket(self._session, self._conversation.id)
        if ticket is None:
            # Resolved since the snapshot: a new ticket, so that nothing is lost between two people.
            self._open_ticket(TicketReason.PERSON, {})
        else:
            hear_more(self._session, ticket, self._snapshot.text, self._now, self._office.hours)

    def _count_misunderstanding(self) -> None:
        self._misunderstood = True
        self._conversation.misunderstandings += 1
        if self._conversation.misunderstandings < 2:
            self._says.append(Say("clarify"))
            return
        self._open_ticket(TicketReason.NOT_UNDERSTOOD, {})
        self._conversation.misunderstandings = 0

    def _answer(self, effect: AnswerQuestion) -> None:
        question = self._session.get_one(Question, effect.question_id, with_for_update=True)
        outcome = record_answer(self._session, question, effect.answer, self._now)
        self._says += outcome.says
        if outcome.ticket is not None:
            self._open_ticket(outcome.ticket, {"asked": {"answer": effect.answer.value}})
        if outcome.waiting is not None:
            self._hear_about_times(outcome.waiting)

    def _hear_about_times(self, ticket: Ticket) -> None:
        """More than a digit ("no, Thursday") is for the person who has the wish."""
        if bare_digit(self._snapshot.text) is None:
            append_words(ticket, [self._snapshot.text], self._now)
        self._say_handed_over(ticket, is_new=ticket.due_at > self._now)

    def _ask(self, effect: Ask) -> None:
        self._asked = Question(
            conversation_id=self._conversation.id,
            kind=effect.kind,
            subject=dict(effect.subject),
            asked_at=self._now,
            expires_at=self._now + QUESTION_LASTS,
        )
        self._session.add(self._asked)
        self._options = OPTIONS.get(effect.kind, ())
        if effect.kind in (QuestionKind.ABOUT_WHOM, QuestionKind.WHO_IS_THIS):
            names = [self._session.get_one(Patient, UUID(patient)).given_name for patient in effect.subject["patients"]]
            self._says.append(Say(effect.kind.value, {"choices": names}))

    def _keep_understanding(self) -> None:
        if self._plan.understood is None:
            return
        message = self._session.get_one(Communication, self._snapshot.communication_id)
        message.detail = {**message.detail, "understood": _understood(self._plan.understood)}


def _understood(understood: Understanding) -> dict[str, Any]:
    return {
        "intent": understood.intent,
        "confidence": round(understood.confidence, 3),
        "language": understood.language,
        "route": understood.route.value,
    }
