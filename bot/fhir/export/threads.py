"""The messages that are about one patient.

Of the patient's own conversations, all, from when the address was theirs alone. Of a caregiver's, an answer that was
copied from the record (visits and medicines) and the question before it, written while the caregiver cared for this
patient and nobody else; what caregivers write of themselves is theirs. Of a number that the patient had before, the
same answers and questions: nobody knows since when it is somebody else's. Of an address that several people share, the
reminders of this patient. Everything else is left out, and that something was left out is known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import Direction, QuestionKind, TicketReason
from bot.fhir.export.owning import alone_since, cared_for_only, conversations_of, is_former_number
from bot.i18n.utterances import appointments, booking, medications
from bot.records import Communication, Consent, Conversation, Question, Ticket

FROM_THE_RECORD = frozenset(
    each.key for each in (*appointments.UTTERANCES, *booking.UTTERANCES, *medications.UTTERANCES)
)
# Questions about doses or visits, which their subject names.
ABOUT_A_SUBJECT = (
    QuestionKind.DOSE,
    QuestionKind.DOSE_WHY,
    QuestionKind.APPOINTMENT,
    QuestionKind.VISIT,
    QuestionKind.CANCEL,
    QuestionKind.CANCEL_WHY,
    QuestionKind.TELEHEALTH,
)
REPLY_TO = "turn:"
# What a caregiver asks for the patient. With other reasons the words may be about the caregiver.
FOR_THE_PATIENT = frozenset(
    {
        TicketReason.CLINICAL,
        TicketReason.MISSED_DOSE,
        TicketReason.STOPPED_TAKING,
        TicketReason.RAN_OUT,
        TicketReason.REFILL,
        TicketReason.COST,
        TicketReason.MEDICATION_CHANGE,
        TicketReason.NOT_ON_RECORD,
        TicketReason.CANCEL,
        TicketReason.RESCHEDULE,
        TicketReason.CONFLICT,
        TicketReason.VISIT_CHANGED,
        TicketReason.TELEHEALTH,
        TicketReason.BOOK,
        TicketReason.LATE,
        TicketReason.TRANSPORT,
        TicketReason.REMINDER_SETTINGS,
        TicketReason.TEST_RESULTS,
    }
)


@dataclass(frozen=True, kw_only=True)
class SharedTicket:
    """`whole`: what was gathered is certainly about the patient, the person's words included.

    `related_person_id`: the caregiver who asked.
    """

    ticket: Ticket
    related_person_id: UUID | None
    whole: bool


@dataclass(frozen=True, kw_only=True)
class Correspondence:
    """`writers` are the caregivers by conversation. `left_out`: there is more that may be about somebody else."""

    messages: Sequence[Communication]
    tickets: Sequence[SharedTicket]
    questions: Sequence[Question]
    writers: Mapping[UUID, UUID]
    left_out: bool


def read_correspondence(
    session: Session, patient_id: UUID, consents: Sequence[Consent], subjects: frozenset[str]
) -> Correspondence:
    """`consents`: all that the patient's caregivers have, of anybody. `subjects`: ids of visits and doses."""
    reading = _Reading(session=session, patient_id=patient_id, consents=consents, subjects=subjects)
    for conversation in conversations_of(session, patient_id, {each.related_person_id for each in consents}):
        reading.read(conversation)
    return Correspondence(
        messages=sorted(reading.messages.values(), key=lambda each: (each.created_at, each.id)),
        tickets=reading.tickets,
        questions=reading.questions,
        writers=reading.writers,
        left_out=reading.left_out,
    )


@dataclass(kw_only=True)
class _Reading:
    session: Session
    patient_id: UUID
    consents: Sequence[Consent]
    subjects: frozenset[str]
    messages: dict[UUID, Communication] = field(default_factory=dict)
    tickets: list[SharedTicket] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    writers: dict[UUID, UUID] = field(default_factory=dict)
    left_out: bool = False

    def read(self, conversation: Conversation) -> None:
        since = alone_since(self.session, conversation)
        if conversation.related_person_id is not None:
            self.writers[conversation.id] = conversation.related_person_id
        own = since if conversation.patient_id == self.patient_id else None
        questions = [each for each in self._questions(conversation) if self._is_own(each, own)]
        asked = {each.communication_id for each in questions}
        there = {each.id: each for each in self._messages(conversation)}
        told = set() if own is not None else self._told(conversation, since, there)
        kept = {
            each.id: each
            for each in there.values()
            if (own is not None and each.created_at >= own) or each.id in asked | told
        }
        self.messages |= kept
        self.questions += questions
        self.left_out = self.left_out or len(kept) < len(there)
        self._read_tickets(conversation, since, own)

    def _messages(self, conversation: Conversation) -> Sequence[Communication]:
        query = select(Communication).where(Communication.conversation_id == conversation.id)
        return self.session.scalars(query).all()

    def _questions(self, conversation: Conversation) -> Sequence[Question]:
        query = select(Question).where(Question.conversation_id == conversation.id).order_by(Question.id)
        return self.session.scalars(query).all()

    def _is_own(self, question: Question, own: datetime | None) -> bool:
        """Asked in a conversation of the patient's own, or about one of their doses or visits."""
        if question.kind in ABOUT_A_SUBJECT:
            named = question.subject.get("administrations") or question.subject.get("visits")
            return self.subjects.issuperset(named or [question.subject.get("appointment")])
        return own is not None and question.asked_at >= own

    def _told(
        self, conversation: Conversation, since: datetime | None, there: Mapping[UUID, Communication]
    ) -> set[UUID]:
        """The answers from this patient's record, and the questions before them."""
        if conversation.patient_id == self.patient_id and is_former_number(self.session, conversation):
            return {each for message in there.values() for each in _exchange(message)}
        if since is None or conversation.related_person_id is None:
            return set()
        return {
            each
            for message in there.values()
            if message.created_at >= since and self._only_theirs(conversation, message.created_at)
            for each in _exchange(message)
        }

    def _only_theirs(self, conversation: Conversation, at: datetime) -> bool:
        of_person = [each for each in self.consents if each.related_person_id == conversation.related_person_id]
        return cared_for_only(of_person, self.patient_id, at)

    def _read_tickets(self, conversation: Conversation, since: datetime | None, own: datetime | None) -> None:
        query = select(Ticket).where(Ticket.conversation_id == conversation.id).order_by(Ticket.id)
        for ticket in self.session.scalars(query):
            in_own = own is not None and ticket.opened_at >= own
            if not in_own and ticket.patient_id != self.patient_id:
                continue
            whole = in_own or self._asked_for_patient(conversation, since, ticket)
            self.left_out = self.left_out or not whole
            if whole or conversation.related_person_id is None or ticket.reason in FOR_THE_PATIENT:
                person = conversation.related_person_id
                self.tickets.append(SharedTicket(ticket=ticket, related_person_id=person, whole=whole))

    def _asked_for_patient(self, conversation: Conversation, since: datetime | None, ticket: Ticket) -> bool:
        """A later text of a caregiver is added to an open ticket, whomever it is about, so both ends are looked at."""
        if since is None or conversation.related_person_id is None or ticket.reason not in FOR_THE_PATIENT:
            return False
        moments = (ticket.opened_at, ticket.last_message_at)
        return all(at >= since and self._only_theirs(conversation, at) for at in moments)


def _exchange(message: Communication) -> Iterator[UUID]:
    """An answer from the record and what it answers; nothing for another message."""
    key = message.unique_key or ""
    if message.direction is not Direction.OUTBOUND or not key.startswith(REPLY_TO):
        return
    if any(said in FROM_THE_RECORD for said, _ in message.detail.get("says", ())):
        yield message.id
        yield UUID(key.removeprefix(REPLY_TO))
