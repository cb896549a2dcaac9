"""The last step: what the Rasa server says becomes things to say and effects to apply."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.care.medicine_names import names_a_medicine
from bot.conversation.language import LanguageChoice
from bot.conversation.plan import (
    AddFromWords,
    AnswerQuestion,
    Ask,
    AskBeforeCallingOff,
    AskWhichVisit,
    Effect,
    HearLanguage,
    LookForTimes,
    Misunderstood,
    OfferHelp,
    OpenTicket,
    Plan,
    SetLanguage,
    SuspendAddress,
)
from bot.conversation.snapshot import Snapshot
from bot.conversation.steps import Desk, change_language
from bot.conversation.understanding import Understanding
from bot.dialogue.client import DialogueReply, DialogueUnavailable, RasaClient
from bot.domain.enums import ChannelName, Disclosure, QuestionKind, TicketReason
from bot.outbox import Say
from bot.reminders.replies import INTENTS, read_word

# For the person who reads the ticket.
ABOUT_A_MEDICINE = "about a medicine; the words were not understood"


def dialogue(snapshot: Snapshot, desk: Desk, rasa: RasaClient, text: str, turn_id: str) -> Plan:
    """Ask Rasa. Raises DialogueUnavailable for silence, slowness and an answer that cannot be used."""
    suiting = snapshot.time_zone and desk.wishes.suiting(text, snapshot.language, snapshot.now, snapshot.time_zone)
    suits = suiting.as_json() if suiting else None
    reply = rasa.turn(str(snapshot.conversation_id), text, turn_id, snapshot.language, suits)
    if suits is not None and _asks_times(reply):
        # The times were in the request already: they are the answer, too.
        reply = rasa.turn(str(snapshot.conversation_id), text, f"{turn_id}:times", snapshot.language, suits)
    understood = desk.understander.with_model(reply.parse, snapshot.language, text)
    answered = _answers_question(snapshot, understood)
    if answered is not None:
        return Plan(effects=(answered,), understood=understood)
    wanted = _language_wanted(snapshot, desk, understood)
    if wanted is not None:
        return replace(change_language(wanted), understood=understood)
    return _plan(snapshot, desk, reply.messages, understood)


def _asks_times(reply: DialogueReply) -> bool:
    return [message.get("utterance") for message in reply.messages] in (["reschedule_ask_times"], ["book_ask_times"])


def in_language(plan: Plan, choice: LanguageChoice, snapshot: Snapshot, desk: Desk) -> Plan:
    """The plan, said in the chosen language, with what is remembered of the person's language."""
    if plan.language is not None and not snapshot.known:
        # Danger from somebody we do not know: in the language of the phrase that fired.
        return plan
    effects: list[Effect] = []
    if any(isinstance(effect, SetLanguage) for effect in plan.effects):
        return plan
    if choice.settled is not None and _asks_language(plan):
        # Asked for in that very language: there is nothing left to choose.
        return replace(change_language(choice.settled), understood=plan.understood)
    if choice.settled is not None:
        effects.append(SetLanguage(language=choice.settled))
    elif choice.heard != snapshot.heard_language:
        effects.append(HearLanguage(language=choice.heard))
    says: tuple[Say, ...] = ()
    if choice.ask and plan.says and not any(isinstance(effect, Ask) for effect in plan.effects):
        says, asked = ask_language(desk, choice.ask)
        effects += asked
    return replace(
        plan,
        says=(*plan.says, *says),
        effects=(*plan.effects, *effects),
        language=plan.language or choice.settled,
    )


def _asks_language(plan: Plan) -> bool:
    return any(isinstance(effect, Ask) and effect.kind is QuestionKind.LANGUAGE for effect in plan.effects)


def _answers_question(snapshot: Snapshot, understood: Understanding) -> AnswerQuestion | None:
    """A longer reply to an open question ("ya me la tomé hace rato"), as the model reads it."""
    if snapshot.question is None:
        return None
    answer = read_word(snapshot.question.kind, INTENTS.get(understood.intent or ""))
    return None if answer is None else AnswerQuestion(question_id=snapshot.question.id, answer=answer)


def _language_wanted(snapshot: Snapshot, desk: Desk, understood: Understanding) -> str | None:
    """ "Tagalog po sana", "no hablo español, English": the one language named that is not in use already."""
    if understood.intent != "change_language" or any(entity.entity == "person" for entity in understood.entities):
        return None
    named = desk.keywords.languages_named(snapshot.text) - {snapshot.language}
    return named.pop() if len(named) == 1 and named <= set(desk.languages) else None


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


def ask_language(desk: Desk, codes: Sequence[str]) -> tuple[tuple[Say, ...], tuple[Effect, ...]]:
    """Which of these languages to write in, by number."""
    says = (Say("language_which", {"choices": [desk.languages[code] for code in codes]}),)
    return says, (Ask(kind=QuestionKind.LANGUAGE, subject={"languages": list(codes)}),)


def _effect(snapshot: Snapshot, desk: Desk, message: Mapping[str, Any]) -> tuple[tuple[Say, ...], tuple[Effect, ...]]:
    match message:
        case {"effect": "look_for_times", "reason": reason, "words": words, "appointment": appointment}:
            appointment_id = None if appointment is None else UUID(appointment)
            return (), (LookForTimes(reason=TicketReason(reason), words=words, appointment_id=appointment_id),)
        case {"effect": "ask_which_visit", "reason": reason, "visits": [*visits]}:
            return (), (AskWhichVisit(reason=TicketReason(reason), visit_ids=tuple(map(UUID, visits))),)
        case {"effect": "ask_before_calling_off", "appointment": appointment}:
            return (), (AskBeforeCallingOff(appointment_id=UUID(appointment)),)
        case {"effect": "ask_telehealth", "appointment": appointment}:
            return (), (Ask(kind=QuestionKind.TELEHEALTH, subject={"appointment": appointment}),)
        case {"effect": "teach_back", "medication": medication, "right": right}:
            if snapshot.level < Disclosure.FULL:
                return (), ()  # No dose was told, so nobody is asked for one.
            return (), (Ask(kind=QuestionKind.TEACH_BACK, subject={"medication": medication, "right": right}),)
        case {"effect": "offer_help", "topics": [*topics], "reason": reason, "always": bool(always)}:
            facts = message.get("facts", {})
            return (), (OfferHelp(topics=tuple(topics), reason=TicketReason(reason), always=always, facts=facts),)
        case {"effect": "add_from_words"}:
            return (), (AddFromWords(),)
        case {"effect": "open_ticket", "reason": reason}:
            if reason not in list(TicketReason):
                raise DialogueUnavailable("the rules name a reason that is not on the list")
            ticket = OpenTicket(reason=TicketReason(reason), facts={"asked": message.get("facts", {})})
            return (), (ticket,)
        case {"effect": "clarify"} if names_a_medicine(snapshot.text):
            # Whatever it is about this medicine, a person should not have to ask it twice.
            return (), (OpenTicket(reason=TicketReason.CLINICAL, facts={"asked": {"asked": ABOUT_A_MEDICINE}}),)
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
            return ask_language(desk, [code for code in desk.languages if code in desk.released])
        case _:
            raise DialogueUnavailable("the rules name an effect that the turn does not know")
