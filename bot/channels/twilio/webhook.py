"""Twilio's webhooks: incoming messages and delivery receipts. Both are signed; nothing slow happens here.

The signature covers the configured public URL with its query and every field as it was sent, blank ones and
repeated keys included (https://www.twilio.com/docs/usage/webhooks/webhooks-security).
"""

import re
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from starlette.datastructures import ImmutableMultiDict
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from twilio.request_validator import RequestValidator

from bot.channels.base import AcceptMessage, AcceptReceipt, InboundMessage, Receipt
from bot.domain.enums import ChannelName, CommunicationStatus

log = structlog.get_logger(__name__)

MESSAGES_PATH = "/channels/twilio/messages"
STATUS_PATH = "/channels/twilio/status"
LARGEST_FORM = 256 * 1024  # bytes; Twilio's own limit for a text is 1,600 characters
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
STATUSES = {
    "sent": CommunicationStatus.SENT,
    "delivered": CommunicationStatus.DELIVERED,
    "read": CommunicationStatus.DELIVERED,
    "undelivered": CommunicationStatus.FAILED,
    "failed": CommunicationStatus.FAILED,
}

# E.164, or a short code.
SENDER = re.compile(r"\+[1-9][0-9]{4,14}|[0-9]{3,6}")

Form = ImmutableMultiDict[str, str]


class TwilioWebhooks:
    """`public_url` has no trailing slash and is what Twilio was told, whatever proxies stand in between."""

    def __init__(self, auth_token: str, public_url: str, accept: AcceptMessage, accept_receipt: AcceptReceipt) -> None:
        self._validator = RequestValidator(auth_token)
        self._public_url = public_url
        self._accept = accept
        self._accept_receipt = accept_receipt

    def routes(self) -> list[Route]:
        return [
            Route(MESSAGES_PATH, self.messages, methods=["POST"]),
            Route(STATUS_PATH, self.status, methods=["POST"]),
        ]

    async def messages(self, request: Request) -> Response:
        """200 when stored (again too), 400 for a form without sender or id, 403 when unsigned."""
        form = await self._signed_form(request)
        if isinstance(form, Response):
            return form
        message = _message(form)
        if message is None:
            log.warning("malformed_message", channel=ChannelName.SMS)
            return PlainTextResponse("From and MessageSid are needed.", status_code=400)
        await self._accept(message)
        return Response(EMPTY_TWIML, media_type="application/xml")

    async def status(self, request: Request) -> Response:
        """204 for every receipt that is understood, known message or not; 400 and 403 as above."""
        form = await self._signed_form(request)
        if isinstance(form, Response):
            return form
        sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
        if not sid or not status:
            return PlainTextResponse("MessageSid and MessageStatus are needed.", status_code=400)
        if status in STATUSES:
            receipt = Receipt(
                channel=ChannelName.SMS,
                provider_id=sid,
                status=STATUSES[status],
                communication_id=_uuid(request.query_params.get("communication", "")),
                error_code=form.get("ErrorCode") or None,
            )
            await self._accept_receipt(receipt)
        return Response(status_code=204)

    async def _signed_form(self, request: Request) -> Form | Response:
        body = await _read(request)
        if body is None:
            return PlainTextResponse("The form is too large.", status_code=413)
        signature = request.headers.get("X-Twilio-Signature", "")
        try:
            form: Form = ImmutableMultiDict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=200))
        except ValueError:
            return PlainTextResponse("Not a form in UTF-8.", status_code=400)
        query = f"?{request.url.query}" if request.url.query else ""
        url = f"{self._public_url}{request.url.path}{query}"
        if not signature or not self._validator.validate(url, form, signature):
            log.warning("unsigned_webhook", channel=ChannelName.SMS)
            return PlainTextResponse("The signature does not match.", status_code=403)
        return form


def _message(form: Form) -> InboundMessage | None:
    address, sid = form.get("From", ""), form.get("MessageSid", "")
    count = form.get("NumMedia") or "0"
    if not SENDER.fullmatch(address) or not sid or not count.isdecimal():
        return None
    media = tuple(form.get(f"MediaContentType{index}", "unknown") for index in range(min(int(count), 10)))
    # PostgreSQL refuses NUL in text; it means nothing in a message.
    text = form.get("Body", "").replace("\x00", "")
    return InboundMessage(channel=ChannelName.SMS, provider_id=sid[:64], address=address, text=text, media=media)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _read(request: Request) -> bytes | None:
    """The body, or None when it is larger than any form of Twilio's."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return None
    return bytes(body)
