"""The route that the Rasa server calls for data: rasa-sdk's executor behind a shared secret."""

import hmac
from collections.abc import Sequence
from typing import Any

import structlog
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

log = structlog.get_logger(__name__)


def actions_route(actions: Sequence[Action], token: str) -> Route:
    """`POST /actions` with Rasa's action call and a bearer token; answers as a Rasa action server does."""
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)

    async def run(request: Request) -> Response:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return JSONResponse({"error": "the token does not match"}, status_code=403)
        try:
            call: dict[str, Any] = await request.json()
        except ValueError:
            return JSONResponse({"error": "not JSON"}, status_code=400)
        # The Rasa server leaves the domain out, since our actions do not read it; the executor insists on one.
        call["domain"] = call.get("domain") or {}
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as rejection:
            return JSONResponse({"error": "rejected", "action_name": rejection.action_name}, status_code=400)
        except ActionNotFoundException as missing:
            return JSONResponse({"error": "no such action", "action_name": missing.action_name}, status_code=404)
        return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})

    return Route("/actions", run, methods=["POST"])
