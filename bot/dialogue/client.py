"""The app's side of the conversation with the Rasa server: one request a turn, on loopback."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from bot.domain.errors import NorthstarError

# What the model is shown of a text. The whole text is stored by the app before this is called.
MODEL_TEXT_LIMIT = 2_000
# The server gives up this share of the time-out before we do, so that what it wrote is what we know of.
SERVER_SHARE = 0.9
READY_TIMEOUT_S = 1.0


class DialogueUnavailable(NorthstarError):
    """The Rasa server is silent, too slow, failed, or answered nothing."""


class DialogueNotReached(DialogueUnavailable):
    """Nobody answered at the Rasa server's address in time: it may still be starting."""


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A piece of the text; `start` and `end` count characters of the text that was sent."""

    entity: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class LanguageGuess:
    """A language that a text may be in, BCP 47, with its probability, 0 to 1."""

    language: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class Danger:
    """What the classifiers of danger say: the likeliest category, how likely any danger is, and the outcome.

    `severity` is "emergency", "urgent" or None.
    """

    category: str
    probability: float
    severity: str | None


@dataclass(frozen=True, kw_only=True)
class Parse:
    """What a text was understood as. `intent` is None for a text of nothing; `confidence` is 0 to 1.

    `languages`: the likeliest, best first; none for a text without letters, as there is no `danger` then.
    """

    intent: str | None
    confidence: float
    entities: tuple[Entity, ...] = ()
    languages: tuple[LanguageGuess, ...] = ()
    danger: Danger | None = None


@dataclass(frozen=True, kw_only=True)
class DialogueReply:
    """At least one message, each `{"utterance": KEY, "params": {...}}` or `{"effect": NAME, ...}`."""

    messages: tuple[Mapping[str, Any], ...]
    parse: Parse


class RasaClient:
    """Talks to one Rasa server. Safe to share between threads; close() it when done."""

    def __init__(self, base_url: str, token: str, timeout_s: float = 5.0) -> None:
        """`timeout_s`: the longest that one call may take, in seconds."""
        self._timeout_s = timeout_s
        self._http = httpx.Client(
            base_url=f"{base_url.rstrip('/')}/webhooks/northstar",
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,  # a proxy from the environment must never see a patient's text
        )

    def turn(
        self, conversation_id: str, text: str, turn_id: str, language: str, suits: Mapping[str, Any] | None = None
    ) -> DialogueReply:
        """Have one text answered. The same `turn_id` again replaces the earlier try in Rasa's memory.

        `suits`: the days that the text names (Suiting.as_json), for the actions. Raises DialogueUnavailable.
        """
        answer = self._post(
            "/webhook",
            {
                "sender": conversation_id,
                "message": text[:MODEL_TEXT_LIMIT],
                "metadata": {"turn_id": turn_id, "language": language, "suits": suits},
                "wait_s": self._timeout_s * SERVER_SHARE,
            },
        )
        try:
            messages = tuple(dict(message) for message in answer["messages"])
            reply = DialogueReply(messages=messages, parse=_parse(answer["parse"]))
        except (KeyError, TypeError, ValueError) as error:
            raise DialogueUnavailable("the answer has another shape") from error
        if not reply.messages:
            raise DialogueUnavailable("the answer is empty")
        return reply

    def parse(self, text: str, language: str | None = None, within_s: float | None = None) -> Parse:
        """Understand one text, outside any conversation; `within_s` seconds at most. Raises DialogueUnavailable.

        `language`: the one that the person is known to write.
        """
        answer = self._post("/parse", {"message": text[:MODEL_TEXT_LIMIT], "language": language}, within_s)
        try:
            return _parse(answer)
        except (KeyError, TypeError, ValueError) as error:
            raise DialogueUnavailable("the answer has another shape") from error

    def ready(self) -> bool:
        """Whether the server is up with a model loaded. Never raises."""
        try:
            return self._http.get("/health", timeout=READY_TIMEOUT_S).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def close(self) -> None:
        self._http.close()

    def _post(self, path: str, body: Mapping[str, Any], within_s: float | None = None) -> Any:
        limit = within_s or self._timeout_s
        try:
            response = self._http.post(path, json=body, timeout=httpx.Timeout(limit, connect=min(limit, 1.0)))
        except httpx.TransportError as error:
            raise DialogueNotReached(type(error).__name__) from None
        except httpx.HTTPError as error:
            raise DialogueUnavailable(type(error).__name__) from None
        if response.status_code != httpx.codes.OK:
            raise DialogueUnavailable(f"status {response.status_code}")
        try:
            return response.json()
        except ValueError:
            raise DialogueUnavailable("the answer is not JSON") from None


def _parse(answer: Mapping[str, Any]) -> Parse:
    entities = tuple(
        Entity(
            entity=str(entity["entity"]),
            value=str(entity["value"]),
            start=int(entity["start"]),
            end=int(entity["end"]),
        )
        for entity in answer["entities"]
    )
    languages = tuple(
        LanguageGuess(language=str(guess["name"]), probability=float(guess["confidence"]))
        for guess in answer["languages"]
    )
    return Parse(
        intent=answer["intent"],
        confidence=float(answer["confidence"]),
        entities=entities,
        languages=languages,
        danger=_danger(answer["danger"]),
    )


def _danger(answer: Mapping[str, Any] | None) -> Danger | None:
    if answer is None:
        return None
    severity = answer["severity"]
    return Danger(
        category=str(answer["category"]),
        probability=float(answer["probability"]),
        severity=None if severity is None else str(severity),
    )
