"""The dialogue contract: every intent leads somewhere, and nothing that leaves Rasa is in words."""

from pathlib import Path
from typing import Any

import pytest
import yaml

INTENTS_FOLDER = Path(__file__).resolve().parents[2] / "intents"
DOMAIN: dict[str, Any] = yaml.safe_load((INTENTS_FOLDER / "domain.yml").read_text("utf-8"))
RULES: list[dict[str, Any]] = [
    rule
    for path in sorted((INTENTS_FOLDER / "rules").glob("*.yml"))
    for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]
]
# Built into Rasa.
RASAS_OWN = {"action_deactivate_loop", "action_restart"}


def actions_of(rule: dict[str, Any]) -> list[str]:
    return [step["action"] for step in rule["steps"] if "action" in step]


@pytest.mark.parametrize("name", sorted(DOMAIN["responses"]))
def test_a_response_is_data(name: str) -> None:
    [variation] = DOMAIN["responses"][name]
    assert list(variation) == ["custom"]
    help_offered = {"effect", "topics", "reason", "always"}
    assert set(variation["custom"]) in ({"utterance", "params"}, {"effect"}, {"effect", "reason"}, help_offered)


@pytest.mark.parametrize("intent", [*DOMAIN["intents"], "nlu_fallback"])
def test_an_intent_has_one_rule_outside_forms(intent: str) -> None:
    leading = [rule for rule in RULES if rule["steps"][0].get("intent") == intent and not rule.get("condition")]
    assert len(leading) == 1
    assert actions_of(leading[0])


def test_rules_name_only_what_the_domain_knows_and_leave_nothing_unused() -> None:
    named = {action for rule in RULES for action in actions_of(rule)} - RASAS_OWN
    known = {*DOMAIN["actions"], *DOMAIN["responses"], *DOMAIN["forms"]}
    assert named <= known
    # Rasa asks for a slot, and falls back, by naming convention.
    assert known - named == {
        "utter_ask_reschedule_form_preferred_times",
        "utter_ask_book_form_preferred_times",
        "utter_default",
    }


def test_each_reason_for_a_ticket_has_one_response() -> None:
    custom = [variation[0]["custom"] for variation in DOMAIN["responses"].values()]
    reasons = [message["reason"] for message in custom if message.get("effect") in ("open_ticket", "offer_help")]
    assert len(reasons) == len(set(reasons)) + 1 == 13, "facts of the clinic and help outside it share one"
