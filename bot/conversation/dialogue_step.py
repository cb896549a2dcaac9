"""The last step: what the Rasa server says becomes things to say and effects to apply."""

from collections.abc import Mapping
from typing import Any

from bot.conversation.plan import (
    AnswerQuestion,
    Ask,
    Effect,
    Misunderstood,
    OpenTicket,
    Plan,
    SuspendAddress,
)
from bot.conversation.snapshot import Snapshot
from bot.conversation.steps import Desk
from bot.conversation.understanding import Understanding
from bot.dialogue.client import DialogueUnavailable, RasaClient
from bot.domain.enums import ChannelName, QuestionKind, TicketReason
from bot.outbox import Say
from bot.reminders.replies import INTENTS, read_word


def dialogue(snapshot: Snapshot, desk: Desk, rasa: RasaClient, text: str, turn_id: str) -> Plan:
    """Ask Rasa. Raises DialogueUnavailable for silence, slowness and an answer that cannot be used."""
    reply = rasa.turn(str(snapshot.conversation_id), text, turn_id, snapshot.language)
    understood = desk.understander.with_model(reply.parse, snapshot.language)
    answered = _answers_question(snapshot, understood)
    if answered is not None:
        return Plan(effects=(answered,), understood=understood)
    return _plan(snapshot, desk, reply.messages, understood)


def _answers_question(snapshot: Snapshot, understood: Understanding) -> AnswerQuestion | None:
    """A longer reply to an open question ("ya me la tomé hace rato"), as the model reads it."""
    if snapshot.question is None:
        return None
    answer = read_word(snapshot.question.kind, INTENTS.get(understood.intent or ""))
    return None if answer is None else AnswerQuestion(question_id=snapshot.question.id, answer=answer)


def _plan(snapshot: Snapshot, desk: Desk, messages: tuple[Mapping[str, Any], ...], understood: Understanding) -> Plan:
    says: list[Say] = []
    effects: list[Effect] = []
    for message in messages:
        if "utterance" in message:
            says.append(Say(message["utterance"], message.get("params", {})))
        else:
            more_says, more_effects = _effect(snapshot, desk, message)
            says += more_says
            effects += more_effects
    return Plan(says=tuple(says), effects=tuple(effects), understood=understood)


def _effect(snapshot: Snapshot, desk: Desk, message: Mapping[str, Any]) -> tuple[tuple[Say, ...], tuple[Effect, ...]]:
    match message:
        case {"effect": "open_ticket", "reason": reason}:
            if reason not in list(TicketReason):
                raise DialogueUnavailable("the rules name a reason that is not on the list")
            ticket = OpenTicket(reason=TicketReason(reason), facts={"asked": message.get("facts", {})})
            return (), (ticket,)
        case {"effect": "clarify"}:
            return (), (Misunderstood(),)
        case {"effect": "unknown_person"} if snapshot.channel is ChannelName.WEBCHAT:
            return (Say("sign_in_first"),), ()
        case {"effect": "unknown_person"}:
            return (), (OpenTicket(reason=TicketReason.UNKNOWN_PERSON),)
        case {"effect": "not_permitted"}:
            return (Say("not_permitted"),), ()
        case {"effect": "about_whom", "patients": [*patients]}:
            subject = {"patients": patients, "text_of": str(snapshot.communication_id)}
            return (), (Ask(kind=QuestionKind.ABOUT_WHOM, subject=subject),)
        case {"effect": "ask_appointment", "appointment": appointment}:
            return (), (Ask(kind=QuestionKind.APPOINTMENT, subject={"appointment": appointment}),)
        case {"effect": "wrong_number"}:
            return (), (OpenTicket(reason=TicketReason.WRONG_NUMBER), SuspendAddress())
        case {"effect": "change_language"}:
            says = (Say("language_which", {"choices": list(desk.languages.values())}),)
            return says, (Ask(kind=QuestionKind.LANGUAGE, subject={"languages": list(desk.languages)}),)
        case _:
            raise DialogueUnavailable("the rules name an effect that the turn does not know")
