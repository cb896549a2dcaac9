"""Telegram's webhook: updates by POST, proven by a secret header; nothing slow happens here."""

import hmac
import json
from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.base import AcceptMessage
from bot.channels.telegram.updates import Intake, UpdateUnreadable, read_update
from bot.domain.enums import ChannelName

log = structlog.get_logger(__name__)

WEBHOOK_PATH = "/channels/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
LARGEST_UPDATE = 1024 * 1024  # bytes; texts have at most 4,096 characters, the rest is about files and quotes


class TelegramWebhook:
    """`secret_token` is what `BotRunner.set_webhook` was given; the callables are those of Intake."""

    def __init__(
        self,
        secret_token: str,
        accept: AcceptMessage,
        *,
        on_group: Callable[[int], None],
        answer_callback: Callable[[str], None],
    ) -> None:
        if not secret_token:
            raise ValueError("the webhook needs a secret token")
        self._secret = secret_token.encode()
        self._intake = Intake(accept, on_group, answer_callback)

    def routes(self) -> list[Route]:
        return [Route(WEBHOOK_PATH, self.updates, methods=["POST"])]

    async def updates(self, request: Request) -> Response:
        """200 when stored or not for us, 400 for no update, 403 without the secret, 413 for too much."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret):
            log.warning("unsigned_webhook", channel=ChannelName.TELEGRAM)
            return PlainTextResponse("The secret token does not match.", status_code=403)
        body = await _read(request)
        if body is None:
            return PlainTextResponse("The update is too large.", status_code=413)
        try:
            update = read_update(json.loads(body))
        except (ValueError, RecursionError, UpdateUnreadable):
            log.warning("malformed_message", channel=ChannelName.TELEGRAM)
            return PlainTextResponse("Not an update in JSON.", status_code=400)
        await self._intake.take(update)
        return Response()


async def _read(request: Request) -> bytes | None:
    """The body, or None when it is larger than any update."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_UPDATE:
            return None
    return bytes(body)
