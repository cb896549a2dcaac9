"""What the effects of one turn share while they are applied: the transaction, who writes, and what is said so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversation.plan import Plan
from bot.conversation.snapshot import Snapshot
from bot.domain.enums import QuestionKind
from bot.handoff.hours import OfficeHours
from bot.i18n.render import Words
from bot.i18n.wishes import Wishes
from bot.outbox import Say
from bot.records import Communication, Conversation, Question
from bot.reminders.policies import Policies
from bot.reminders.replies import OPTIONS

QUESTION_LASTS = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True)
class Office:
    """What applying needs beside the session. `has_nurse_line`: a number may be given with clinical hand-offs.

    `visit_tasks`: a person gets a task for each visit that was booked, moved or called off here.
    """

    words: Words
    hours: OfficeHours
    has_nurse_line: bool
    wishes: Wishes
    policies: Policies
    visit_tasks: bool


@dataclass(kw_only=True)
class Scene:
    """One plan on its way into the database. `says` grows while effects are applied, in their order."""

    session: Session
    office: Office
    snapshot: Snapshot
    plan: Plan
    now: datetime
    conversation: Conversation
    says: list[Say] = field(default_factory=list)
    options: Sequence[tuple[str, str]] = ()
    asked: Question | None = None
    misunderstood: bool = False

    @property
    def language(self) -> str:
        return self.plan.language or self.snapshot.language

    @property
    def time_zone(self) -> str:
        """The patient's, else the clinic's; IANA."""
        return self.snapshot.time_zone or self.office.hours.time_zone

    def say(self, key: str, **params: Any) -> None:
        self.says.append(Say(key, params))

    def ask(self, kind: QuestionKind, subject: Mapping[str, Any]) -> None:
        """The next short reply answers this; `subject` as in `bot.records.question`. The last one asked counts."""
        self.asked = Question(
            conversation_id=self.conversation.id,
            kind=kind,
            subject=dict(subject),
            asked_at=self.now,
            expires_at=self.now + QUESTION_LASTS,
        )
        self.session.add(self.asked)
        self.options = OPTIONS.get(kind, ())

    def question(self, question_id: UUID, answer: str) -> Question:
        """A question that was answered just now."""
        question = self.session.get_one(Question, question_id, with_for_update=True)
        question.answered_at, question.answer = self.now, answer
        return question

    def words(self) -> list[str]:
        """What the person wrote last; with a misunderstanding also the message before."""
        if not self.misunderstood:
            return [self.snapshot.text]
        before = self.session.scalars(
            select(Communication)
            .where(
                Communication.conversation_id == self.conversation.id,
                Communication.direction == "inbound",
                Communication.id < self.snapshot.communication_id,
            )
            .order_by(Communication.id.desc())
            .limit(1)
        ).all()
        return [*(message.body for message in before), self.snapshot.text]


def moment(at: datetime, time_zone: str) -> dict[str, str]:
    """An instant as a parameter of an utterance."""
    return {"at": at.isoformat(), "time_zone": time_zone}
