"""A person takes over: the ticket with what is known, and what the person who wrote is told of it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.conversation.scene import Scene, moment
from bot.conversation.understanding import Understanding
from bot.domain.enums import QuestionKind, TicketReason
from bot.handoff.hours import URGENT_WITHIN
from bot.handoff.tickets import append_words, hear_more, human_ticket, open_ticket
from bot.i18n.utterances import UTTERANCES
from bot.outbox import Say
from bot.records import Ticket
from bot.reminders.replies import bare_digit

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
# What whoever takes the ticket would ask first.
DETAILS: Mapping[TicketReason, str] = {
    TicketReason.LATE: "detail_late",
    TicketReason.TRANSPORT: "detail_transport",
    TicketReason.INTERPRETER: "detail_interpreter",
    TicketReason.INSURANCE: "detail_insurance",
    TicketReason.TEST_RESULTS: "detail_test_results",
    TicketReason.PORTAL: "detail_portal",
    TicketReason.REFILL: "detail_supply",
    TicketReason.RAN_OUT: "detail_supply",
    TicketReason.COST: "detail_cost",
    TicketReason.STOPPED_TAKING: "detail_stopped_taking",
    TicketReason.TELEHEALTH: "detail_telehealth",
}
# Who wrote so much has told it already; letters, of which a sign of Chinese or Korean is worth three.
LONG_ENOUGH = 90
DENSE = re.compile("[\u4e00-\u9fff\uac00-\ud7a3]")


def hand_over(
    scene: Scene,
    reason: TicketReason,
    facts: Mapping[str, Any] | None = None,
    *,
    silently: bool = False,
    meanwhile: Sequence[Say] = (),
) -> Ticket:
    """Open a ticket, or add to the open one of this reason.

    `silently`: the person is told by other words. `meanwhile`: what may help until then, said once a ticket.
    """
    gathered = {"words": scene.words(), "did": [say.key for say in (*scene.says, *meanwhile)], **(facts or {})}
    if scene.plan.understood is not None and scene.plan.understood.intent is not None:
        gathered["understood"] = understood_facts(scene.plan.understood)
    ticket, is_new = open_ticket(
        scene.session,
        scene.conversation,
        reason,
        patient_id=scene.snapshot.about_id,
        facts=gathered,
        now=scene.now,
        hours=scene.office.hours,
    )
    if reason is TicketReason.EMERGENCY and not scene.office.hours.is_open(scene.now):
        scene.say("emergency_closed")
    if not silently:
        say_handed_over(scene, ticket, is_new=is_new)
        if is_new:
            scene.says.extend(meanwhile)
            _ask_for_detail(scene, ticket)
    return ticket


def say_handed_over(scene: Scene, ticket: Ticket, *, is_new: bool) -> None:
    if not is_new:
        scene.say("handoff_existing")
        return
    due = moment(_promised_at(scene, ticket.reason, ticket.due_at), scene.time_zone)
    scene.says.append(Say(_handoff_key(scene, ticket.reason), {"due": due}))


def append_to_human_ticket(scene: Scene) -> None:
    ticket = human_ticket(scene.session, scene.conversation.id)
    if ticket is None:
        # Resolved since the snapshot: a new ticket, so that nothing is lost between two people.
        hand_over(scene, TicketReason.PERSON)
    else:
        hear_more(scene.session, ticket, scene.snapshot.text, scene.now, scene.office.hours)


def hear_about_times(scene: Scene, ticket: Ticket) -> None:
    """More than a digit ("no, Thursday") is for the person who has the wish."""
    if bare_digit(scene.snapshot.text) is None:
        append_words(ticket, [scene.snapshot.text], scene.now)
    say_handed_over(scene, ticket, is_new=ticket.due_at > scene.now)


def understood_facts(understood: Understanding) -> dict[str, Any]:
    return {
        "intent": understood.intent,
        "confidence": round(understood.confidence, 3),
        "language": understood.language,
        "route": understood.route.value,
    }


def _ask_for_detail(scene: Scene, ticket: Ticket) -> None:
    key = DETAILS.get(ticket.reason)
    if key == "detail_cost" and "medicine" in ticket.facts.get("asked", {}):
        key = "detail_supply"
    text = scene.snapshot.text
    told = ticket.reason is TicketReason.LATE and any(character.isdecimal() for character in text)
    if key is None or told or len(text) + 2 * len(DENSE.findall(text)) >= LONG_ENOUGH:
        return
    scene.say(key)
    scene.ask(QuestionKind.DETAIL, {"ticket": str(ticket.id), "reason": ticket.reason.value})


def _promised_at(scene: Scene, reason: TicketReason, due_at: datetime) -> datetime:
    """By when a person answers. An urgent ticket rings at any hour, but nobody may be there to hear it."""
    if reason is not TicketReason.URGENT_SYMPTOM:
        return due_at
    return max(due_at, scene.office.hours.next_open(scene.now) + URGENT_WITHIN)


def _handoff_key(scene: Scene, reason: TicketReason) -> str:
    key = OWN_WORDS.get(reason, f"handoff_{reason}")
    if key == "urgent" and not scene.office.hours.is_open(scene.now):
        key = "urgent_closed"
    if key in NEEDS_NURSE_LINE and not scene.office.has_nurse_line:
        return f"{key}_no_line"
    return key if key in UTTERANCES else "handoff"
