"""The app's way in: one request a turn, answered in one response.

POST /webhooks/northstar/webhook with `Authorization: Bearer TOKEN`:
    {"sender": "<uuid>", "message": "text", "metadata": {"turn_id": "<id>", "language": "es"}, "wait_s": 4.5}
answers
    {"messages": [{"utterance": "greet", "params": {}}],
     "parse": {"intent": "greet", "confidence": 0.97, "entities": [{"entity", "value", "start", "end"}],
               "languages": [{"name": "es", "confidence": 0.98}],
               "danger": {"category": "chest_pain", "probability": 0.01, "severity": null}}}
POST /webhooks/northstar/parse with {"message": "text", "language": "es"} answers the `parse` part alone and stores
nothing. `language` is the one that the person is known to write, or missing.
A fault is a 500 that names its type and quotes nothing (Rasa's REST channel answers 200 with an empty list).
"""

import asyncio
import copy
import hmac
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.exceptions import InvalidUsage
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.nlu.danger_classifier import DANGER
from bot.nlu.language_identifier import LANGUAGES, WRITES
from bot.nlu.quiet_logs import name_fault
from bot.nlu.turn import Turn, current_turn

logger = logging.getLogger(__name__)

REMEMBERED_PARSES = 64
DEFAULT_WAIT_SECONDS = 4.5
MAX_WAIT_SECONDS = 60.0


class RequestInvalid(Exception):
    """The request is not a turn: a field is missing or of the wrong type."""


class AnswerInvalid(Exception):
    """Rasa answered nothing, or text of its own instead of data."""


class NorthstarInput(InputChannel):
    """The channel `northstar`. Its token comes from credentials.yml."""

    def __init__(self, token: str) -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        return "northstar"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "NorthstarInput":
        return cls((credentials or {})["token"])

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("northstar")

        @routes.route("/health", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            ready = request.app.ctx.agent.is_ready()
            return response.json({"ready": ready}, status=200 if ready else 503)

        @routes.route("/webhook", methods=["POST"])
        async def webhook(request: Request) -> HTTPResponse:
            return await self._answer(request, _handle_turn, on_new_message)

        @routes.route("/parse", methods=["POST"])
        async def parse(request: Request) -> HTTPResponse:
            return await self._answer(request, _handle_parse, on_new_message)

        return routes

    async def _answer(self, request: Request, handle: Callable[..., Any], on_new_message: Any) -> HTTPResponse:
        expected = f"Bearer {self._token}".encode()
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
            return response.json({"error": "unauthorized"}, status=401)
        try:
            return response.json(await handle(request, on_new_message))
        except RequestInvalid as error:
            return response.json({"error": str(error)}, status=400)
        except Exception as error:  # the HTTP boundary: whatever it was, the app must learn that it failed
            logger.error("a request failed: %s", name_fault(error))
            return response.json({"error": type(error).__name__}, status=500)


async def _handle_turn(request: Request, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Any:
    body = _body(request)
    sender, text = _field(body, "sender", str), _field(body, "message", str)
    metadata = _field(body, "metadata", dict)
    turn_id = _field(metadata, "turn_id", str)
    wait_seconds = min(float(body.get("wait_s") or DEFAULT_WAIT_SECONDS), MAX_WAIT_SECONDS)
    current_turn.set(Turn(turn_id=turn_id, deadline=time.monotonic() + wait_seconds))
    collector = CollectingOutputChannel()
    parse_data = await _parsed(request, text, metadata.get("language"))
    message = UserMessage(text, collector, sender, parse_data=parse_data, input_channel="northstar", metadata=metadata)
    # Cancelling also frees the conversation's lock when an action does not answer.
    await asyncio.wait_for(on_new_message(message), timeout=wait_seconds)
    return {"messages": _payloads(collector.messages), "parse": _public_parse(parse_data)}


async def _handle_parse(request: Request, _on_new_message: Any) -> Any:
    body = _body(request)
    return _public_parse(await _parsed(request, _field(body, "message", str), body.get("language")))


async def _parsed(request: Request, text: str, language: str | None) -> dict[str, Any]:
    """What the model reads in the text. A turn asks twice, for danger and language first: the second is free."""
    recent: OrderedDict[tuple[str, str | None], dict[str, Any]]
    recent = request.app.ctx.__dict__.setdefault("recent_parses", OrderedDict())
    key = (text, language)
    if key not in recent:
        message = UserMessage(text, metadata={WRITES: language})
        recent[key] = await request.app.ctx.agent.processor.parse_message(message)
        if len(recent) > REMEMBERED_PARSES:
            recent.popitem(last=False)
    # Rasa writes into what it is given.
    return copy.deepcopy(recent[key])


def _body(request: Request) -> dict[str, Any]:
    try:
        body = request.json
    except InvalidUsage:
        body = None
    if not isinstance(body, dict):
        raise RequestInvalid("the body is not a JSON object")
    return body


def _field(fields: dict[str, Any], name: str, kind: type) -> Any:
    value = fields.get(name)
    if not isinstance(value, kind):
        raise RequestInvalid(f"{name} is missing")
    return value


def _payloads(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The custom parts. Raises AnswerInvalid for none at all, and for a message in words."""
    if not messages or any(not isinstance(message.get("custom"), dict) for message in messages):
        raise AnswerInvalid
    return [message["custom"] for message in messages]


def _public_parse(parse_data: dict[str, Any]) -> dict[str, Any]:
    intent = parse_data.get("intent") or {}
    return {
        "intent": intent.get("name"),
        "confidence": float(intent.get("confidence") or 0.0),
        "entities": [
            {key: entity.get(key) for key in ("entity", "value", "start", "end")}
            for entity in parse_data.get("entities") or []
        ],
        "languages": parse_data.get(LANGUAGES) or [],
        "danger": parse_data.get(DANGER),
    }
