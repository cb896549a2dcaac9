"""The clinic's resources: its own answers and help outside it, offered before or with a hand-off."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from bot.care.resources import Help, find_resources, search_resources
from bot.conversation.handing_over import hand_over
from bot.conversation.plan import OfferHelp
from bot.conversation.scene import Scene
from bot.domain.clock import zone
from bot.domain.enums import QuestionKind, ResourceTopic, TicketReason
from bot.outbox import Say
from bot.records import Communication, Question

MOST_OFFERED = 2
# What helps against the reason for which a visit was called off, by its digit.
AGAINST: dict[int, ResourceTopic] = {1: ResourceTopic.TRANSPORT, 3: ResourceTopic.MEDICATION_ASSISTANCE}
# What a person takes over, where the answer found is of another kind than what was asked for.
REASONS: dict[ResourceTopic, TicketReason] = {ResourceTopic.TELEHEALTH_HELP: TicketReason.TELEHEALTH}


def offer_help(scene: Scene, effect: OfferHelp) -> None:
    """What the clinic has on the topics, or on the words; a person where it has nothing or has to act in any case."""
    topics = [ResourceTopic(topic) for topic in effect.topics]
    found = (() if effect.always else _search(scene)) or _find(scene, topics)
    if not found:
        if not effect.always:
            scene.say("help_none")
        hand_over(scene, effect.reason, {"asked": dict(effect.facts)})
        return
    if effect.always:
        hand_over(scene, effect.reason, {"asked": dict(effect.facts)}, meanwhile=(_offer(found),))
        return
    scene.says.append(_offer(found))
    _ask_whether_it_helps(scene, REASONS.get(found[0].topic, effect.reason))


def answer_from_words(scene: Scene) -> bool:
    """Whether the clinic has an answer to the words; then it is given, and whether it helps is asked."""
    found = _search(scene)
    if found:
        scene.says.append(_offer(found))
        _ask_whether_it_helps(scene, TicketReason.NOT_UNDERSTOOD)
    return bool(found)


def add_from_words(scene: Scene) -> None:
    """What the clinic says of parking and the like, beside the way to the place of the visit, which was just told."""
    found = [each for each in _search(scene) if each.topic is not ResourceTopic.DIRECTIONS]
    if found:
        scene.says.append(_offer(found))


def hear_whether_it_helps(scene: Scene, question: Question, digit: int) -> None:
    if digit == 1:
        scene.say("help_glad")
    else:
        asked = scene.session.get_one(Communication, UUID(question.subject["text_of"])).body
        words = [asked, scene.snapshot.text]
        hand_over(scene, TicketReason(question.subject["reason"]), {"words": words})


def offer_for_cancelling(scene: Scene, digit: int) -> None:
    scene.says.extend(help_on(scene, AGAINST[digit]) if digit in AGAINST else ())


def help_on(scene: Scene, topic: ResourceTopic) -> tuple[Say, ...]:
    """What the clinic has on a topic, to be said; nothing where it has nothing."""
    found = _find(scene, [topic])
    return (_offer(found),) if found else ()


def _ask_whether_it_helps(scene: Scene, reason: TicketReason) -> None:
    scene.say("help_ask")
    scene.ask(QuestionKind.HELP, {"reason": reason.value, "text_of": str(scene.snapshot.communication_id)})


def _find(scene: Scene, topics: Sequence[ResourceTopic]) -> Sequence[Help]:
    return find_resources(scene.session, topics, _today(scene), limit=MOST_OFFERED)


def _search(scene: Scene) -> Sequence[Help]:
    text, today = scene.snapshot.text, _today(scene)
    return search_resources(scene.session, text, scene.language, today, limit=MOST_OFFERED)


def _today(scene: Scene) -> date:
    return scene.now.astimezone(zone(scene.office.hours.time_zone)).date()


def _offer(found: Sequence[Help]) -> Say:
    return Say("help_offer", {"items": [["help_entry", _params(each)] for each in found]})


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
