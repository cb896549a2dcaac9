"""A small Bot API server on a loopback port: Telegram's JSON shapes, with failures that tests switch on.

Shapes: https://core.telegram.org/bots/api#making-requests.
"""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "7100200300:AAFakeFakeFakeFakeFakeFakeFakeFakeFak"
BOT = {"id": 7100200300, "is_bot": True, "first_name": "Northstar", "username": "northstar_clinic_bot"}
LONGEST_TEXT = 4096
LONGEST_CALLBACK_BYTES = 64


@dataclass(frozen=True)
class Call:
    """One request that was taken; JSON parameters are parsed."""

    method: str
    parameters: dict[str, Any]


@dataclass
class Trouble:
    """What the next call of a method meets, once: an answer, a delay, or silence before or after it is taken."""

    status: int = 0
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    hang: bool = False
    hang_after: bool = False
    delay_s: float = 0.0


class FakeBotApi:
    """Use as a context manager. `calls` are those that took effect; `base_url` is for BotRunner."""

    def __init__(self) -> None:
        self._round = 0
        self.reset()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        route = Route("/bot{token}/{method}", self._answer, methods=["GET", "POST"])
        app = Starlette(routes=[route], lifespan=self._lifespan)
        config = uvicorn.Config(app, log_config=None, log_level="critical", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self.reset()
        self._server.should_exit = True
        self._thread.join(5)
        self._socket.close()

    def reset(self) -> None:
        """Forget everything and let go of callers that hang, so that the next test starts afresh."""
        self._round += 1
        self.calls: list[Call] = []
        self.webhook: dict[str, Any] | None = None
        self.blocked_by: set[int] = set()
        self._updates: list[dict[str, Any]] = []
        self._troubles: dict[str, list[Trouble]] = {}
        self._next_message_id = 1

    def next_call_meets(self, method: str, **trouble: Any) -> None:
        """Trouble for the next call of a method; several queue up."""
        self._troubles.setdefault(method.lower(), []).append(Trouble(**trouble))

    def has_trouble(self, method: str) -> bool:
        """Whether trouble still waits for a call of the method."""
        return bool(self._troubles.get(method.lower()))

    def push(self, update: dict[str, Any]) -> None:
        self._updates.append(update)

    def waiting_updates(self) -> list[int]:
        """The ids of updates that no offset has confirmed yet."""
        return [update["update_id"] for update in self._updates]

    def calls_of(self, method: str) -> list[dict[str, Any]]:
        return [call.parameters for call in self.calls if call.method == method.lower()]

    def wait_for_calls(self, method: str, count: int = 1, within_s: float = 5.0) -> list[dict[str, Any]]:
        """The calls of a method, once there are so many."""
        deadline = time.monotonic() + within_s
        while len(self.calls_of(method)) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        calls = self.calls_of(method)
        assert len(calls) >= count, f"{method} was called {len(calls)} times"
        return calls

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        self._started.set()
        yield

    async def _answer(self, request: Request) -> Response:
        if request.path_params["token"] != TOKEN:
            return _failure(401, "Unauthorized")
        method = request.path_params["method"].lower()  # The Bot API does not mind case either.
        parameters = _parsed(dict(request.query_params) | dict(await request.form()))
        troubles = self._troubles.get(method)
        trouble = troubles.pop(0) if troubles else Trouble()
        await asyncio.sleep(trouble.delay_s)
        if trouble.hang:
            return await self._hang()
        if trouble.body is not None:
            return Response(trouble.body, status_code=trouble.status)
        if trouble.status:
            return _failure(trouble.status, trouble.description, trouble.parameters)
        response = await self._dispatch(method, parameters)
        return await self._hang() if trouble.hang_after else response

    async def _hang(self) -> Response:
        this_round = self._round
        while self._round == this_round:
            await asyncio.sleep(0.02)
        return _failure(500, "Internal Server Error: restart")

    async def _dispatch(self, method: str, parameters: dict[str, Any]) -> Response:
        match method:
            case "getme":
                result: Any = BOT | {"can_join_groups": True, "supports_inline_queries": False}
            case "sendmessage":
                return self._send_message(parameters)
            case "getupdates":
                return await self._get_updates(parameters)
            case "setwebhook":
                self.webhook, result = parameters, True
            case "deletewebhook":
                self.webhook, result = None, True
            case "answercallbackquery" | "leavechat":
                result = True
            case _:
                return _failure(404, "Not Found")
        self.calls.append(Call(method, parameters))
        return _success(result)

    def _send_message(self, parameters: dict[str, Any]) -> Response:
        chat_id, text = int(parameters["chat_id"]), str(parameters.get("text", ""))
        if chat_id in self.blocked_by:
            return _failure(403, "Forbidden: bot was blocked by the user")
        if not text.strip():
            return _failure(400, "Bad Request: message text is empty")
        if len(text) > LONGEST_TEXT:
            return _failure(400, "Bad Request: message is too long")
        rows = parameters.get("reply_markup", {}).get("inline_keyboard", [])
        if any(len(b["callback_data"].encode()) > LONGEST_CALLBACK_BYTES for row in rows for b in row):
            return _failure(400, "Bad Request: BUTTON_DATA_INVALID")
        message_id, self._next_message_id = self._next_message_id, self._next_message_id + 1
        self.calls.append(Call("sendmessage", parameters))
        chat = {"id": chat_id, "type": "private" if chat_id > 0 else "group"}
        return _success(
            {
                "message_id": message_id,
                "from": BOT,
                "chat": chat,
                "date": int(time.time()),
                "text": text,
            }
        )

    async def _get_updates(self, parameters: dict[str, Any]) -> Response:
        if self.webhook is not None:
            description = "Conflict: can't use getUpdates method while webhook is active"
            return _failure(409, description)
        self.calls.append(Call("getupdates", parameters))
        offset = int(parameters.get("offset", 0))
        self._updates = [update for update in self._updates if update["update_id"] >= offset]
        this_round, deadline = self._round, time.monotonic() + float(parameters.get("timeout", 0))
        while not self._updates and time.monotonic() < deadline and self._round == this_round:
            await asyncio.sleep(0.01)
        return _success(self._updates[: int(parameters.get("limit", 100))])


def _parsed(form: dict[str, Any]) -> dict[str, Any]:
    structured = ("reply_markup", "allowed_updates", "link_preview_options")
    return {name: json.loads(value) if name in structured else value for name, value in form.items()}


def _success(result: Any) -> Response:
    return JSONResponse({"ok": True, "result": result})


def _failure(status: int, description: str, parameters: dict[str, Any] | None = None) -> Response:
    answer = {"ok": False, "error_code": status, "description": description}
    return JSONResponse(answer | ({"parameters": parameters} if parameters else {}), status_code=status)
