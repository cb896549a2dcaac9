"""The carrier behind the SMS channel: Twilio's REST API through its own SDK."""

from datetime import datetime
from typing import Protocol

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bot.channels.base import ChannelError

TIMEOUT_S = 10.0
OPTED_OUT = 21610
TOO_MANY_REQUESTS = 20429


class Carrier(Protocol):
    """Creates messages and finds those that were created."""

    def create_message(self, *, to: str, body: str, status_callback: str) -> str:
        """Returns the message's sid. Raises ChannelError."""

    def find_message(self, *, to: str, body: str, since: datetime) -> str | None:
        """The sid of a message with this body to this number, made since then. Raises ChannelError."""


class TwilioCarrier:
    """A Twilio account. `sender` is an E.164 number or a messaging service sid (MG...)."""

    def __init__(self, account_sid: str, auth_token: str, sender: str) -> None:
        self._sender = sender
        self._client = Client(account_sid, auth_token, http_client=TwilioHttpClient(timeout=TIMEOUT_S))

    def create_message(self, *, to: str, body: str, status_callback: str) -> str:
        origin = "messaging_service_sid" if self._sender.startswith("MG") else "from_"
        try:
            message = self._client.messages.create(
                to=to, body=body, status_callback=status_callback, **{origin: self._sender}
            )
        except TwilioRestException as error:
            raise _as_channel_error(error) from None
        except requests.ConnectTimeout as error:
            raise ChannelError("connect_timeout") from error
        except requests.Timeout as error:
            raise ChannelError("timeout", ambiguous=True) from error
        except requests.RequestException as error:
            raise ChannelError("connection", ambiguous=True) from error
        return str(message.sid)

    def find_message(self, *, to: str, body: str, since: datetime) -> str | None:
        # An earlier message of the same words must not pass for this one. Twilio keeps whole seconds.
        since = since.replace(microsecond=0)
        try:
            recent = self._client.messages.list(to=to, limit=50)
        except TwilioRestException as error:
            raise _as_channel_error(error) from None
        except requests.RequestException as error:
            raise ChannelError("connection", ambiguous=True) from error
        made = (message for message in recent if message.body == body and message.date_created >= since)
        return next((str(message.sid) for message in made), None)


def _as_channel_error(error: TwilioRestException) -> ChannelError:
    """Twilio's error codes: https://www.twilio.com/docs/api/errors. Its message may hold the number: dropped."""
    code = str(error.code or error.status)
    if error.status == 429 or error.code == TOO_MANY_REQUESTS:
        return ChannelError(code, retry_after_s=5)
    if error.status >= 500:
        return ChannelError(code, ambiguous=True)
    return ChannelError(code, permanent=True, opted_out=error.code == OPTED_OUT)
