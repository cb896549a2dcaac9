"""The clinic's resources: its own answers and help outside it, offered before or with a hand-off."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from bot.care.resources import Help, find_resources, search_resources
from bot.conversation.handing_over import hand_over
from bot.conversation.plan import OfferHelp
from bot.conversation.scene import Scene
from bot.domain.clock import zone
from bot.domain.enums import QuestionKind, ResourceTopic, TicketReason
from bot.records import Question

MOST_OFFERED = 2
# What helps against the reason for which a visit was called off, by its digit.
AGAINST: dict[int, ResourceTopic] = {1: ResourceTopic.TRANSPORT, 3: ResourceTopic.MEDICATION_ASSISTANCE}


def offer_help(scene: Scene, effect: OfferHelp) -> None:
    """What the clinic has on the topics, or on the words; a person where it has nothing or has to act in any case."""
    topics = [ResourceTopic(topic) for topic in effect.topics]
    found = (() if effect.always else _search(scene)) or _find(scene, topics)
    if not found:
        if not effect.always:
            scene.say("help_none")
        hand_over(scene, effect.reason, {"asked": dict(effect.facts)})
        return
    _say(scene, found)
    if effect.always:
        hand_over(scene, effect.reason, {"asked": dict(effect.facts)})
        return
    scene.say("help_ask")
    scene.ask(QuestionKind.HELP, {"reason": effect.reason.value})


def answer_from_words(scene: Scene, *, asks: bool) -> bool:
    """Whether the clinic has an answer to the words; then it is given. `asks`: and whether it helps."""
    found = _search(scene)
    _say(scene, found)
    if found and asks:
        scene.say("help_ask")
        scene.ask(QuestionKind.HELP, {"reason": TicketReason.NOT_UNDERSTOOD.value})
    return bool(found)


def hear_whether_it_helps(scene: Scene, question: Question, digit: int) -> None:
    if digit == 1:
        scene.say("help_glad")
    else:
        hand_over(scene, TicketReason(question.subject["reason"]))


def offer_for_cancelling(scene: Scene, digit: int) -> None:
    topic = AGAINST.get(digit)
    _say(scene, _find(scene, [topic]) if topic else [])


def offer_for_link(scene: Scene) -> None:
    _say(scene, _find(scene, [ResourceTopic.TELEHEALTH_HELP]))


def _find(scene: Scene, topics: Sequence[ResourceTopic]) -> Sequence[Help]:
    return find_resources(scene.session, topics, _today(scene), limit=MOST_OFFERED)


def _search(scene: Scene) -> Sequence[Help]:
    text, today = scene.snapshot.text, _today(scene)
    return search_resources(scene.session, text, scene.language, today, limit=MOST_OFFERED)


def _today(scene: Scene) -> date:
    return scene.now.astimezone(zone(scene.office.hours.time_zone)).date()


def _say(scene: Scene, found: Sequence[Help]) -> None:
    if found:
        scene.say("help_offer", items=[["help_entry", _params(each)] for each in found])


def _params(help_: Help) -> dict[str, Any]:
    return {
        "name": dict(help_.name),
        "summary": dict(help_.summary),
        "eligibility": dict(help_.eligibility),
        "hours": dict(help_.hours),
        "place": help_.place,
        "phone": help_.phone or "",
        "link": help_.url or "",
    }
