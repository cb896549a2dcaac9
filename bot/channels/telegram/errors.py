"""What the Bot API's failures mean for a message: try again, give up, or ask before trying again.

Descriptions and URLs never leave this module: the one may quote a person, the other holds the bot's token.
"""

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.base import ChannelError

# The request never left this machine, so a second try cannot send twice.
NEVER_SENT = {
    httpx.ConnectTimeout: "connect_timeout",
    httpx.ConnectError: "connection",
    httpx.ProxyError: "proxy",
    httpx.PoolTimeout: "busy",
}
# The Bot API tells these apart only in words (https://core.telegram.org/bots/api#making-requests).
BLOCKED = "blocked by the user"
CHAT_NOT_FOUND = "chat not found"
TOO_MANY_REQUESTS = "too many requests"

Result = TypeVar("Result")


async def translated(call: Coroutine[Any, Any, Result]) -> Result:
    """The call, with ChannelError in place of the library's own errors."""
    try:
        return await call
    except TelegramError as error:
        raise as_channel_error(error) from None


def as_channel_error(error: TelegramError) -> ChannelError:
    """The same failure in the channels' terms; raise it `from None`."""
    match error:
        case RetryAfter():
            return ChannelError("429", retry_after_s=_retry_after_s(error))
        case InvalidToken():
            return ChannelError("invalid_token", permanent=True)
        case Forbidden():
            blocked = BLOCKED in error.message.lower()
            return ChannelError("blocked" if blocked else "forbidden", permanent=True, opted_out=blocked)
        case BadRequest():
            unknown = CHAT_NOT_FOUND in error.message.lower()
            return ChannelError("chat_not_found" if unknown else "bad_request", permanent=True)
        case ChatMigrated():
            return ChannelError("chat_migrated", permanent=True)
        case Conflict():
            return ChannelError("conflict")
        case NetworkError():
            return _network_error(error)
        case _:
            return ChannelError("invalid_response", ambiguous=True)


def _network_error(error: NetworkError) -> ChannelError:
    cause = error.__cause__
    for kind, code in NEVER_SENT.items():
        if isinstance(cause, kind):
            return ChannelError(code)
    if isinstance(cause, httpx.TimeoutException):
        return ChannelError("timeout", ambiguous=True)
    if isinstance(cause, httpx.HTTPError):
        return ChannelError("connection", ambiguous=True)
    if error.message.lower().startswith(TOO_MANY_REQUESTS):  # a 429 that does not say for how long
        return ChannelError("429", retry_after_s=5)
    return ChannelError("server_error", ambiguous=True)


def _retry_after_s(error: RetryAfter) -> float:
    value = error.retry_after
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
