"""Applies a plan: every effect, then what is said, in the caller's one transaction."""

from datetime import datetime
from typing import assert_never
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.conversation import booking, choices, helping, why_not
from bot.conversation.handing_over import append_to_human_ticket, hand_over, hear_about_times, understood_facts
from bot.conversation.plan import (
    AddFromWords,
    AnswerQuestion,
    AppendToHumanTicket,
    Ask,
    AskBeforeCallingOff,
    AskWhichVisit,
    Choose,
    CloseQuestion,
    Effect,
    HearLanguage,
    LinkPerson,
    LookForTimes,
    Misunderstood,
    OfferHelp,
    OpenTicket,
    OptIn,
    OptOut,
    Plan,
    SetLanguage,
    SuspendAddress,
    TellDetail,
)
from bot.conversation.scene import Office, Scene
from bot.conversation.sign_in import link_telegram
from bot.conversation.snapshot import Snapshot
from bot.domain.enums import QuestionKind, TicketReason
from bot.outbox import enqueue
from bot.records import Communication, ContactPoint, Conversation, Patient, Question
from bot.reminders.replies import Answer, record_answer


def apply(session: Session, office: Office, snapshot: Snapshot, plan: Plan, now: datetime) -> Communication | None:
    """Write everything that the plan says. Returns the queued reply, None where silence is right."""
    # Its key does not change, so that what refers to it may be written meanwhile: a batch of reminders would else wait
    # for this turn, and this turn for a timer of the batch.
    conversation = session.get_one(Conversation, snapshot.conversation_id, with_for_update={"key_share": True})
    scene = Scene(
        session=session,
        office=office,
        snapshot=snapshot,
        plan=plan,
        now=now,
        conversation=conversation,
        says=list(plan.says),
    )
    for effect in plan.effects:
        _apply(scene, effect)
    if not scene.misunderstood:
        conversation.misunderstandings = 0
    _keep_understanding(scene)
    return _reply(scene)


def _reply(scene: Scene) -> Communication | None:
    if not scene.says:
        return None
    understood = scene.plan.understood
    reply = enqueue(
        scene.session,
        scene.office.words,
        scene.conversation,
        scene.says,
        now=scene.now,
        level=scene.snapshot.level,
        options=scene.options,
        unique_key=f"turn:{scene.snapshot.communication_id}",
        language=scene.plan.language,
        urgent=understood is not None and understood.red_flag is not None,
    )
    if scene.asked is not None and reply is not None:
        scene.asked.communication_id = reply.id
    return reply


def _apply(scene: Scene, effect: Effect) -> None:
    match effect:
        case OpenTicket():
            hand_over(scene, effect.reason, effect.facts, silently=effect.silently)
        case LookForTimes():
            booking.look_for_times(scene, effect.reason, effect.words, effect.appointment_id)
        case AskWhichVisit():
            booking.ask_which(scene, effect.reason, effect.visit_ids)
        case AskBeforeCallingOff():
            booking.ask_before_calling_off(scene, effect.appointment_id)
        case OfferHelp():
            helping.offer_help(scene, effect)
        case AddFromWords():
            helping.add_from_words(scene)
        case AppendToHumanTicket():
            append_to_human_ticket(scene)
        case Misunderstood():
            _count_misunderstanding(scene)
        case AnswerQuestion() | Ask() | Choose() | TellDetail() | CloseQuestion():
            _question(scene, effect)
        case LinkPerson():
            scene.says.append(link_telegram(scene.session, scene.conversation, effect.token, scene.now))
        case OptOut() | OptIn() | SuspendAddress() | SetLanguage() | HearLanguage():
            _change_conversation(scene, effect)
        case _:
            assert_never(effect)


def _question(scene: Scene, effect: AnswerQuestion | Ask | Choose | TellDetail | CloseQuestion) -> None:
    match effect:
        case Ask():
            _ask(scene, effect)
        case AnswerQuestion():
            _answer(scene, effect)
        case Choose():
            choices.choose(scene, effect.question_id, effect.digit)
        case TellDetail():
            choices.tell_detail(scene, effect.question_id)
        case CloseQuestion():
            scene.question(effect.question_id, effect.answer)
        case _:
            assert_never(effect)


def _change_conversation(scene: Scene, effect: OptOut | OptIn | SuspendAddress | SetLanguage | HearLanguage) -> None:
    conversation = scene.conversation
    match effect:
        case OptOut():
            conversation.opted_out_at = scene.now
        case OptIn():
            conversation.opted_out_at = None
        case SetLanguage(language=language):
            conversation.language = language
            conversation.heard_language = None
        case HearLanguage(language=language):
            conversation.heard_language = language
        case SuspendAddress():
            scene.session.execute(
                update(ContactPoint)
                .where(
                    ContactPoint.channel == conversation.channel,
                    ContactPoint.address_index == conversation.address_index,
                )
                .values(suspended_at=scene.now)
            )
            # Whoever reads there now is nobody we know; not even whom they asked about may be named.
            conversation.patient_id = conversation.related_person_id = None
            conversation.about_patient_id = None
        case _:
            assert_never(effect)


def _count_misunderstanding(scene: Scene) -> None:
    """The clinic may have an answer that no intent stands for; else the second time in a row a person reads it."""
    if helping.answer_from_words(scene):
        return
    scene.misunderstood = True
    scene.conversation.misunderstandings += 1
    if scene.conversation.misunderstandings < 2:
        scene.say("clarify")
        return
    hand_over(scene, TicketReason.NOT_UNDERSTOOD)
    scene.conversation.misunderstandings = 0


def _answer(scene: Scene, effect: AnswerQuestion) -> None:
    question = scene.session.get_one(Question, effect.question_id, with_for_update=True)
    if effect.answer is Answer.WILL_COME and booking.refuse_collision(scene, question):
        scene.question(question.id, effect.answer.value)
        return
    outcome = record_answer(scene.session, question, effect.answer, scene.now)
    scene.says += outcome.says
    if effect.answer is Answer.CHANGE:
        booking.look_for_times(scene, TicketReason.RESCHEDULE, None, UUID(question.subject["appointment"]))
    elif effect.answer is Answer.NOT_TODAY:
        why_not.ask_why(scene, question)
    elif outcome.ticket is not None:
        hand_over(scene, outcome.ticket, {"asked": {"answer": effect.answer.value}})
    if outcome.waiting is not None:
        hear_about_times(scene, outcome.waiting)


def _ask(scene: Scene, effect: Ask) -> None:
    scene.ask(effect.kind, effect.subject)
    if effect.kind in (QuestionKind.ABOUT_WHOM, QuestionKind.WHO_IS_THIS):
        names = [scene.session.get_one(Patient, UUID(patient)).given_name for patient in effect.subject["patients"]]
        scene.say(effect.kind.value, choices=names)


def _keep_understanding(scene: Scene) -> None:
    if scene.plan.understood is None:
        return
    message = scene.session.get_one(Communication, scene.snapshot.communication_id)
    message.detail = {**message.detail, "understood": understood_facts(scene.plan.understood)}
