"""Where a text goes: one path for real turns and for `northstar understand`."""

import io
import json

import pytest
import yaml

from bot.commands.understand import InputInvalid, as_json, read_lines, understand_line
from bot.conversation.keywords import Keywords
from bot.conversation.red_flags import RedFlags
from bot.conversation.understanding import FALLBACK, ROUTES, Understander
from bot.dialogue.client import MODEL_TEXT_LIMIT, Danger, Entity, Parse
from bot.domain.enums import Keyword, Route, Severity
from bot.settings import CHECKOUT
from tests.support.rasa import ScriptedRasa

KNOWN = frozenset({"en", "es"})


@pytest.fixture(scope="module")
def understander() -> Understander:
    return Understander(RedFlags(CHECKOUT / "intents"), Keywords(CHECKOUT / "intents"))


def understood(understander: Understander, text: str, rasa: ScriptedRasa | None = None) -> dict[str, object]:
    (line,) = read_lines([text], "en", KNOWN)
    return as_json(line, understand_line(understander, rasa or ScriptedRasa(), line))  # type: ignore[arg-type]


def test_every_intent_of_the_domain_has_one_route() -> None:
    domain = yaml.safe_load((CHECKOUT / "intents" / "domain.yml").read_text("utf-8"))
    intents = {entry if isinstance(entry, str) else next(iter(entry)) for entry in domain["intents"]}
    routed = [intent for intents in ROUTES.values() for intent in intents]
    assert sorted(routed) == sorted(intents | {FALLBACK})


def test_danger_comes_before_keywords_and_before_the_model(understander: Understander) -> None:
    found = understander.danger("I can't breathe", "en", None)
    assert found is not None
    assert (found.route, found.severity) == (Route.EMERGENCY, Severity.EMERGENCY)
    stop = understander.keyword("STOP", "en")
    assert stop is not None
    assert (stop.route, stop.keyword) == (Route.KEYWORD, Keyword.STOP)
    assert understander.danger("when is my visit", "en", None) is None
    assert understander.keyword("when is my visit", "en") is None
    assert understander.sees_danger("me duele el pecho")
    assert not understander.sees_danger("STOP")


@pytest.mark.parametrize(
    ("intent", "route"),
    [
        ("ask_appointment_when", Route.ANSWER),
        ("reschedule_appointment", Route.TASK),
        ("confirm_appointment", Route.CONFIRM),
        ("clinical_question", Route.HANDOFF),
        ("out_of_scope", Route.CLARIFY),
        ("nlu_fallback", Route.CLARIFY),
        ("an_intent_that_nobody_routed", Route.CLARIFY),
        (None, Route.CLARIFY),
    ],
)
def test_what_the_model_read_has_a_route(understander: Understander, intent: str | None, route: Route) -> None:
    assert understander.with_model(Parse(intent=intent, confidence=0.9), "en", "words").route is route


@pytest.mark.parametrize(
    ("text", "language", "intent", "route"),
    [
        ("No, that's alright.", "en", "affirm", Route.CLARIFY),
        ("No, that's alright.", "en", "deny", Route.ANSWER),
        ("نعم... قلت لا", "ar", "deny", Route.CLARIFY),
        ("对，我说了不是", "zh-Hans", "deny", Route.CLARIFY),
        ("yes please", "en", "affirm", Route.ANSWER),
        ("not today", "en", "deny", Route.ANSWER),
    ],
)
def test_an_answer_that_begins_with_its_opposite_is_asked_back(
    understander: Understander, text: str, language: str, intent: str, route: Route
) -> None:
    assert understander.with_model(Parse(intent=intent, confidence=0.9), language, text).route is route


@pytest.mark.parametrize(
    ("intent", "confidence", "severity", "route"),
    [
        ("list_medications", 0.99, "urgent", None),
        ("list_medications", 0.9, "urgent", Route.HANDOFF),
        ("list_medications", 0.99, "emergency", Route.EMERGENCY),
        ("thanks", 0.99, "urgent", Route.HANDOFF),
    ],
)
def test_what_surely_asks_for_the_record_is_not_urgent_as_well(
    understander: Understander, intent: str, confidence: float, severity: str, route: Route | None
) -> None:
    danger = Danger(category="poisoning", probability=0.15, severity=severity)
    parse = Parse(intent=intent, confidence=confidence, danger=danger)
    found = understander.danger("what does she have", "en", parse)
    assert (found.route if found else None) == route


@pytest.mark.parametrize(
    ("before", "route"), [("", Route.HANDOFF), ("thank you for the other day " * 20, Route.EMERGENCY)]
)
def test_a_phrase_that_the_classifiers_doubt_holds_in_a_long_text(
    understander: Understander, before: str, route: Route
) -> None:
    doubted = Parse(
        intent="thanks", confidence=0.9, danger=Danger(category="breathing", probability=0.01, severity=None)
    )
    found = understander.danger(f"{before}I can't breathe", "en", doubted)
    assert found is not None
    assert found.route is route


def test_a_line_comes_out_with_every_field(understander: Understander) -> None:
    parse = Parse(
        intent="ask_medication_dose",
        confidence=0.98765,
        entities=(Entity(entity="medication", value="metformin", start=9, end=18),),
    )
    rasa = ScriptedRasa()
    rasa.parse = lambda text, _language: parse  # type: ignore[method-assign]
    text = json.dumps({"text": "how much metformin", "language": "es", "id": "a7"})
    assert understood(understander, text, rasa) == {
        "id": "a7",
        "language": "es",
        "intent": "ask_medication_dose",
        "confidence": 0.9877,
        "entities": [{"entity": "medication", "value": "metformin", "start": 9, "end": 18}],
        "red_flag": None,
        "severity": None,
        "keyword": None,
        # On nobody's list, since no record belongs to the text.
        "route": "handoff",
    }


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("my chest hurts", "emergency"),
        ("STOP", "keyword"),
        ("🎉", "clarify"),
        ("", "clarify"),
        ("x" * (MODEL_TEXT_LIMIT + 1), "handoff"),
        ("there is blood in my stool", "handoff"),
    ],
)
def test_what_needs_no_model_is_the_same_as_in_a_turn(understander: Understander, text: str, route: str) -> None:
    assert understood(understander, text)["route"] == route


def test_lines_are_texts_or_objects_and_a_brace_is_only_a_brace() -> None:
    source = io.StringIO('plain\n{"text": "a", "language": "xx"}\n{not json\n{"text": "b"}\n')
    lines = list(read_lines(source, "en", KNOWN))
    assert [(line.id, line.text, line.language) for line in lines] == [
        (1, "plain", "en"),
        (2, "a", "en"),
        (3, "{not json", "en"),
        (4, "b", "en"),
    ]


@pytest.mark.parametrize("line", ['{"id": 1}', '{"text": 5}', "{}"])
def test_an_object_without_a_text_is_named_by_its_line(line: str) -> None:
    with pytest.raises(InputInvalid, match="line 2"):
        list(read_lines(["ok", line], "en", KNOWN))
