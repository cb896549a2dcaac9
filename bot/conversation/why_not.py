"""Why a dose was not taken: asked once, and each reason goes its own way. Never a reproach, never a second time."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bot.conversation.handing_over import hand_over
from bot.conversation.helping import help_on
from bot.conversation.scene import Scene
from bot.domain.enums import DoseReason, QuestionKind, ResourceTopic, TicketReason
from bot.records import MedicationAdministration, MedicationRequest, Question

# In the order of the digits of `ask_why_not`.
REASONS = (
    DoseReason.COST,
    DoseReason.SIDE_EFFECT,
    DoseReason.RAN_OUT,
    DoseReason.UNSURE,
    DoseReason.FORGOT,
    DoseReason.FELT_FINE,
    DoseReason.OTHER,
)
# Who takes it over; for the others it is enough to know.
TAKEN_OVER: Mapping[DoseReason, TicketReason] = {
    DoseReason.COST: TicketReason.COST,
    DoseReason.SIDE_EFFECT: TicketReason.CLINICAL,
    DoseReason.RAN_OUT: TicketReason.RAN_OUT,
    DoseReason.UNSURE: TicketReason.CLINICAL,
    DoseReason.FELT_FINE: TicketReason.STOPPED_TAKING,
}
# What the model may read in words that answer the question.
INTENTS: Mapping[str, DoseReason] = {
    "cannot_afford": DoseReason.COST,
    "ran_out": DoseReason.RAN_OUT,
    "request_refill": DoseReason.RAN_OUT,
    "missed_dose": DoseReason.FORGOT,
    "stopped_taking": DoseReason.FELT_FINE,
}


def ask_why(scene: Scene, answered: Question) -> None:
    """After "not today"."""
    scene.say("ask_why_not")
    scene.ask(QuestionKind.DOSE_WHY, {"administrations": answered.subject["administrations"]})


def hear_digit(scene: Scene, question: Question, digit: int) -> None:
    _hear(scene, question, REASONS[digit - 1])


def hear_words(scene: Scene, question: Question) -> None:
    """Words that fit no reason are read by a person: they may be a symptom."""
    parse = scene.snapshot.parse
    reason = INTENTS.get(parse.intent or "") if parse is not None else None
    if reason is None:
        _note(scene, question, DoseReason.OTHER)
        hand_over(scene, TicketReason.CLINICAL, _facts(scene, question, DoseReason.OTHER))
        return
    _hear(scene, question, reason)


def _hear(scene: Scene, question: Question, reason: DoseReason) -> None:
    _note(scene, question, reason)
    to = TAKEN_OVER.get(reason)
    if to is None:
        scene.say("answer_skipped")
        return
    help_ = help_on(scene, ResourceTopic.MEDICATION_ASSISTANCE) if reason is DoseReason.COST else ()
    hand_over(scene, to, _facts(scene, question, reason), meanwhile=help_)


def _note(scene: Scene, question: Question, reason: DoseReason) -> None:
    for dose in _doses(scene, question):
        dose.status_reason = reason.value


def _facts(scene: Scene, question: Question, reason: DoseReason) -> dict[str, Any]:
    requests = [
        scene.session.get_one(MedicationRequest, dose.medication_request_id) for dose in _doses(scene, question)
    ]
    names = ", ".join(f"{request.medication} {request.strength}".strip() for request in requests)
    return {"asked": {"medicine": names, "why not taken": reason.value.replace("_", " ")}}


def _doses(scene: Scene, question: Question) -> list[MedicationAdministration]:
    return [scene.session.get_one(MedicationAdministration, UUID(text)) for text in question.subject["administrations"]]
