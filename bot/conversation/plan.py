"""What a turn decided: things to say and effects to apply, in one transaction, when the turn ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from bot.conversation.understanding import Understanding
from bot.domain.enums import QuestionKind, TicketReason
from bot.outbox import Say
from bot.reminders.replies import Answer


@dataclass(frozen=True, kw_only=True)
class OpenTicket:
    """Open a ticket, or add to the open one of this reason; `silently`: the person is told by other words."""

    reason: TicketReason
    facts: Mapping[str, Any] = field(default_factory=dict)
    silently: bool = False


@dataclass(frozen=True, kw_only=True)
class LookForTimes:
    """Offer free times for a visit; `words` are the person's own, None where they have named no days.

    `reason`: RESCHEDULE, with the visit to move where it is known, or BOOK.
    """

    reason: TicketReason
    words: str | None
    appointment_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class AskWhichVisit:
    """Several visits may be meant; `reason` is what is to be done with it: RESCHEDULE or CANCEL."""

    reason: TicketReason
    visit_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class AskBeforeCallingOff:
    appointment_id: UUID


@dataclass(frozen=True, kw_only=True)
class OfferHelp:
    """The clinic's resources on these topics, and a hand-off for `reason`: always, or only where there is no answer.

    Where there is no ticket in any case, the person's own words are looked for first.
    """

    topics: tuple[str, ...]
    reason: TicketReason
    always: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AddFromWords:
    """What the clinic says of the words beside the way to a visit, where it says something; nothing otherwise."""


@dataclass(frozen=True, kw_only=True)
class Choose:
    """The digit that answers a question with numbered choices."""

    question_id: UUID
    digit: int


@dataclass(frozen=True, kw_only=True)
class TellDetail:
    """The words that answer what was asked after a hand-off."""

    question_id: UUID


@dataclass(frozen=True)
class AppendToHumanTicket:
    """A person has the conversation: add what was written, say nothing."""


@dataclass(frozen=True)
class OptOut:
    """The person wrote STOP."""


@dataclass(frozen=True)
class OptIn:
    """The person wrote START."""


@dataclass(frozen=True)
class SuspendAddress:
    """Somebody else answers at this address: nothing personal goes there until a coordinator has looked."""


@dataclass(frozen=True, kw_only=True)
class SetLanguage:
    language: str


@dataclass(frozen=True, kw_only=True)
class HearLanguage:
    """Remember that the message was in another language than the person's; None forgets it."""

    language: str | None


@dataclass(frozen=True)
class Misunderstood:
    """Count it; the second in a row becomes a ticket."""


@dataclass(frozen=True, kw_only=True)
class AnswerQuestion:
    question_id: UUID
    answer: Answer


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Put a question whose answer is a short reply; `subject` as in `bot.records.question`."""

    kind: QuestionKind
    subject: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CloseQuestion:
    """The question was answered by a choice that the turn itself acts on."""

    question_id: UUID
    answer: str


@dataclass(frozen=True, kw_only=True)
class LinkPerson:
    """A Telegram link token was presented."""

    token: str


Effect = (
    OpenTicket
    | LookForTimes
    | AskWhichVisit
    | AskBeforeCallingOff
    | OfferHelp
    | AddFromWords
    | Choose
    | TellDetail
    | AppendToHumanTicket
    | OptOut
    | OptIn
    | SuspendAddress
    | SetLanguage
    | HearLanguage
    | Misunderstood
    | AnswerQuestion
    | Ask
    | CloseQuestion
    | LinkPerson
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`options` are (digit, label key) pairs of what is said. `understood` is kept with the message."""

    says: tuple[Say, ...] = ()
    effects: tuple[Effect, ...] = ()
    understood: Understanding | None = None
    language: str | None = None
