"""What a digit or a few words answer, by the kind of question."""

from uuid import UUID

from bot.care.medications import as_medicine
from bot.conversation import booking, helping, why_not
from bot.conversation.booked import note_on_task
from bot.conversation.handing_over import hand_over
from bot.conversation.scene import Scene
from bot.domain.enums import QuestionKind, ResourceTopic, TicketReason, TicketStatus
from bot.handoff.tickets import append_words
from bot.records import Communication, MedicationRequest, Question, Ticket

WHY = ("no way to get there", "the time was not good", "the cost", "no need any more", "something else")
NOT_SURE = 3


def choose(scene: Scene, question_id: UUID, digit: int) -> None:
    """A digit that is one of the question's choices."""
    question = scene.question(question_id, str(digit))
    match question.kind:
        case QuestionKind.OFFER:
            booking.choose_time(scene, question, digit)
        case QuestionKind.VISIT:
            _choose_visit(scene, question, digit)
        case QuestionKind.CANCEL:
            booking.settle_cancel(scene, question, digit)
        case QuestionKind.CANCEL_WHY:
            _hear_why(scene, question, digit)
        case QuestionKind.DOSE_WHY:
            why_not.hear_digit(scene, question, digit)
        case QuestionKind.TELEHEALTH:
            _hear_about_link(scene, question, digit)
        case QuestionKind.TEACH_BACK:
            _check_teach_back(scene, question, digit)
        case QuestionKind.HELP:
            helping.hear_whether_it_helps(scene, question, digit)
        case _:
            raise ValueError(f"{question.kind} has no numbered choices")


def tell_detail(scene: Scene, question_id: UUID) -> None:
    """Words that answer what was asked after a hand-off go to whoever has it; a ticket closed meanwhile opens anew."""
    question = scene.question(question_id, "words")
    if question.kind is QuestionKind.DOSE_WHY:
        why_not.hear_words(scene, question)
        return
    ticket_id = question.subject.get("ticket")
    ticket = None if ticket_id is None else scene.session.get_one(Ticket, UUID(ticket_id), with_for_update=True)
    if question.kind is QuestionKind.CANCEL_WHY:
        if ticket is not None:
            note_on_task(ticket, f"why: {scene.snapshot.text}")
        scene.say("cancel_thanks")
    elif ticket is None or ticket.status is TicketStatus.RESOLVED:
        hand_over(scene, TicketReason.PERSON if ticket is None else ticket.reason)
    else:
        append_words(ticket, [scene.snapshot.text], scene.now)
        scene.say("detail_thanks")


def _choose_visit(scene: Scene, question: Question, digit: int) -> None:
    appointment_id = UUID(question.subject["visits"][digit - 1])
    if TicketReason(question.subject["reason"]) is TicketReason.CANCEL:
        booking.ask_before_calling_off(scene, appointment_id)
        return
    words = scene.session.get_one(Communication, UUID(question.subject["text_of"])).body
    booking.look_for_times(scene, TicketReason.RESCHEDULE, words, appointment_id)


def _hear_why(scene: Scene, question: Question, digit: int) -> None:
    if question.subject["ticket"] is not None:
        ticket = scene.session.get_one(Ticket, UUID(question.subject["ticket"]), with_for_update=True)
        note_on_task(ticket, f"why: {WHY[digit - 1]}")
    scene.say("cancel_thanks")
    helping.offer_for_cancelling(scene, digit)


def _hear_about_link(scene: Scene, question: Question, digit: int) -> None:
    if digit == 1:
        scene.say("telehealth_ready")
    else:
        facts = {"asked": {"appointment": question.subject["appointment"]}}
        hand_over(
            scene, TicketReason.TELEHEALTH, facts, meanwhile=helping.help_on(scene, ResourceTopic.TELEHEALTH_HELP)
        )


def _check_teach_back(scene: Scene, question: Question, digit: int) -> None:
    """The new dose was chosen, or somebody has to go over it once more."""
    if digit == question.subject["right"]:
        scene.say("teach_back_right")
        return
    medicine = as_medicine(scene.session.get_one(MedicationRequest, UUID(question.subject["medication"])))
    scene.say("teach_back_again", name=medicine.name, dosage=[dict(dose) for dose in medicine.dosage])
    chosen = "was not sure" if digit == NOT_SURE else "chose what was prescribed before"
    facts = {"medication": str(medicine.id), "teach back": chosen}
    hand_over(scene, TicketReason.MEDICATION_CHANGE, {"asked": facts})
