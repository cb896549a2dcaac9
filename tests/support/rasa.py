"""A Rasa server that understands what a test tells it to. Its custom actions are the real ones, over HTTP."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.dialogue.client import (
    Danger,
    DialogueNotReached,
    DialogueReply,
    DialogueUnavailable,
    LanguageGuess,
    Parse,
)

CallAction = Callable[[dict[str, Any]], list[Mapping[str, Any]]]


@dataclass(frozen=True)
class Line:
    """What a text is understood as, and either an action of ours or fixed messages."""

    intent: str
    confidence: float
    action: str | None
    messages: tuple[Mapping[str, Any], ...]


@dataclass
class ScriptedRasa:
    """Stands in for `bot.dialogue.client.RasaClient`. A text that is not in the script is not understood."""

    call_action: CallAction | None = None
    silent: bool = False
    heard: list[tuple[str, str]] = field(default_factory=list)
    lines: dict[str, Line] = field(default_factory=dict)
    dangers: dict[str, Danger] = field(default_factory=dict)
    languages: tuple[LanguageGuess, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def understands(
        self, text: str, intent: str, *messages: Mapping[str, Any], action: str | None = None, confidence: float = 0.9
    ) -> None:
        self.lines[text] = Line(intent, confidence, action, messages)

    def hands_over(self, text: str, intent: str, reason: str) -> None:
        self.understands(text, intent, {"effect": "open_ticket", "reason": reason})

    def turn(
        self, conversation_id: str, text: str, turn_id: str, language: str, suits: Mapping[str, Any] | None = None
    ) -> DialogueReply:
        with self._lock:
            self.heard.append((text, turn_id))
        if self.silent:
            raise DialogueNotReached("silent")
        line = self.lines.get(text, Line("nlu_fallback", 0.2, None, ({"effect": "clarify"},)))
        messages = line.messages
        if line.action is not None:
            messages = tuple(self._run(line.action, conversation_id, text, suits))
        if not messages:
            raise DialogueUnavailable("the answer is empty")
        return DialogueReply(messages=messages, parse=Parse(intent=line.intent, confidence=line.confidence))

    def parse(self, text: str, language: str | None = None, within_s: float | None = None) -> Parse:
        """Finds no danger of its own, and nothing that speaks against a phrase list."""
        if self.silent:
            raise DialogueNotReached("silent")
        line = self.lines.get(text, Line("nlu_fallback", 0.0, None, ()))
        unsure = Danger(category="chest_pain", probability=0.5, severity=None)
        danger = self.dangers.get(text, unsure)
        return Parse(intent=line.intent, confidence=line.confidence, languages=self.languages, danger=danger)

    def ready(self) -> bool:
        return not self.silent

    def close(self) -> None:
        """Nothing is open."""

    def _run(
        self, action: str, conversation_id: str, text: str, suits: Mapping[str, Any] | None
    ) -> list[Mapping[str, Any]]:
        assert self.call_action is not None
        tracker = {
            "sender_id": conversation_id,
            "slots": {},
            "latest_message": {"text": text, "entities": [], "metadata": {"suits": suits}},
            "events": [],
            "latest_event_time": 0.0,
            "followup_action": None,
            "paused": False,
            "latest_input_channel": "northstar",
            "active_loop": {},
            "latest_action_name": None,
        }
        return self.call_action({"next_action": action, "sender_id": conversation_id, "tracker": tracker})
