"""One turn, top to bottom: read, decide, then write everything in one transaction that the lease guards.

A turn can be tried again after a crash: it writes only at its end, its reply has a unique key, and Rasa is given
the turn's id so that it forgets what an unfinished try left behind.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import update

from bot.conversation.apply import apply
from bot.conversation.dialogue_step import dialogue, in_language
from bot.conversation.inbox import LeasedMessage
from bot.conversation.language import choose_language
from bot.conversation.plan import CloseQuestion, OpenTicket, Plan
from bot.conversation.scene import Office
from bot.conversation.snapshot import OpenQuestion, Snapshot, take_snapshot
from bot.conversation.steps import GUARDS, SHORT_REPLIES, Desk, chosen
from bot.dialogue.client import DialogueNotReached, DialogueUnavailable, Parse, RasaClient
from bot.domain.clock import Clock
from bot.domain.enums import CommunicationStatus, Disclosure, QuestionKind, TicketReason
from bot.domain.errors import LeaseLost
from bot.records import Communication, Conversation, Patient
from bot.records.engine import Database

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 3
# A text that phrase lists may already know as an emergency waits for the model at most this long, seconds.
READS_WITHIN_S = 2.0
MODEL_RETRY = timedelta(seconds=0.5)
CHOOSES_PERSON = (QuestionKind.ABOUT_WHOM, QuestionKind.WHO_IS_THIS)


@dataclass(frozen=True, kw_only=True)
class Turns:
    """Takes turns. `policy` is what an enrolled phone may be told.

    `model_starts_until` is real time, UTC: until then a silent Rasa server is one that is still starting, and a
    message that needs it waits a moment. Red flags and keywords never wait.
    """

    database: Database
    clock: Clock
    desk: Desk
    office: Office
    rasa: RasaClient
    policy: Disclosure
    model_starts_until: datetime

    def handle(self, leased: LeasedMessage) -> bool:
        """Answer one leased message. False when another worker had it by then. Faults are for the caller."""
        try:
            with self.database.read() as session:
                snapshot = take_snapshot(session, leased.communication_id, leased.fence, self.policy, self.clock.now())
            snapshot, plan = self._decide(snapshot)
            self._finish(snapshot, plan)
        except LeaseLost:
            return False
        except DialogueNotReached:
            self._wait_for_model(leased)
            return False
        return True

    def _wait_for_model(self, leased: LeasedMessage) -> None:
        """Let the lease end soon, without counting the try."""
        with self.database.write() as session:
            session.execute(
                update(Communication)
                .where(Communication.id == leased.communication_id, Communication.fence == leased.fence)
                .values(lease_until=datetime.now(UTC) + MODEL_RETRY, attempts=Communication.attempts - 1)
            )

    def _decide(self, snapshot: Snapshot) -> tuple[Snapshot, Plan]:
        """Read the text, follow its language, then take the first step that has a plan."""
        snapshot = replace(snapshot, parse=self._read(snapshot))
        choice = choose_language(
            snapshot.text,
            snapshot.parse.languages if snapshot.parse else (),
            preferred=snapshot.language,
            preference_known=snapshot.known,
            heard=snapshot.heard_language,
            languages=self.desk.languages,
        )
        snapshot, plan = self._first_plan(replace(snapshot, language=choice.language))
        return snapshot, in_language(plan, choice, snapshot, self.desk)

    def _read(self, snapshot: Snapshot) -> Parse | None:
        """What the model reads, None where it is silent or there is nothing to read. Danger waits for nobody long."""
        if not any(character.isalpha() for character in snapshot.text):
            return None
        try:
            return self.rasa.parse(snapshot.text, snapshot.language, READS_WITHIN_S)
        except DialogueUnavailable as error:
            log.warning("not_read", communication=str(snapshot.communication_id), error=type(error).__name__)
            return None

    def _first_plan(self, snapshot: Snapshot) -> tuple[Snapshot, Plan]:
        for step in GUARDS:
            plan = step(snapshot, self.desk)
            if plan is not None:
                return snapshot, plan
        question = snapshot.question
        if question is not None and question.kind in CHOOSES_PERSON:
            picked = chosen(question, snapshot.text)
            if picked is not None:
                return self._answer_about(snapshot, question, UUID(picked))
        for step in SHORT_REPLIES:
            plan = step(snapshot, self.desk)
            if plan is not None:
                return snapshot, plan
        return snapshot, self._dialogue(snapshot, snapshot.text)

    def _dialogue(self, snapshot: Snapshot, text: str) -> Plan:
        if snapshot.attempts > MOST_ATTEMPTS:
            # Whatever breaks on this message, it broke three times: a person reads it.
            return Plan(effects=(OpenTicket(reason=TicketReason.MODEL_SILENT),))
        try:
            return dialogue(snapshot, self.desk, self.rasa, text, str(snapshot.communication_id))
        except DialogueUnavailable as error:
            if isinstance(error, DialogueNotReached) and datetime.now(UTC) < self.model_starts_until:
                raise
            log.warning(
                "dialogue_unavailable", communication=str(snapshot.communication_id), error=type(error).__name__
            )
            return Plan(effects=(OpenTicket(reason=TicketReason.MODEL_SILENT),))

    def _answer_about(self, snapshot: Snapshot, question: OpenQuestion, patient_id: UUID) -> tuple[Snapshot, Plan]:
        """Remember whom it is about, then answer the message that made us ask.

        The choice is committed by itself, because the actions read it; doing so twice changes nothing.
        """
        with self.database.write() as session:
            conversation = session.get_one(Conversation, snapshot.conversation_id, with_for_update=True)
            if question.kind is QuestionKind.WHO_IS_THIS:
                conversation.patient_id = patient_id
                conversation.language = session.get_one(Patient, patient_id).language
            else:
                conversation.about_patient_id = patient_id
            asked = session.get_one(Communication, UUID(question.subject["text_of"]))
        with self.database.read() as session:
            snapshot = take_snapshot(session, snapshot.communication_id, snapshot.fence, self.policy, self.clock.now())
        close = CloseQuestion(question_id=question.id, answer=str(patient_id))
        plan = self._dialogue(snapshot, asked.body)
        return snapshot, replace(plan, effects=(close, *plan.effects))

    def _finish(self, snapshot: Snapshot, plan: Plan) -> None:
        """Write it all, unless the lease was lost. Raises LeaseLost, and then nothing is written."""
        now = self.clock.now()
        with self.database.write() as session:
            handled = session.scalar(
                update(Communication)
                .where(
                    Communication.id == snapshot.communication_id,
                    Communication.fence == snapshot.fence,
                    Communication.status == CommunicationStatus.IN_PROGRESS,
                )
                .values(status=CommunicationStatus.HANDLED, lease_until=None)
                .returning(Communication.id)
            )
            if handled is None:
                raise LeaseLost(str(snapshot.communication_id))
            reply = apply(session, self.office, snapshot, plan, now)
        route = plan.understood.route.value if plan.understood else None
        log.info(
            "turn",
            communication=str(snapshot.communication_id),
            reply=str(reply.id) if reply else None,
            route=route,
            effects=[type(effect).__name__ for effect in plan.effects],
        )
