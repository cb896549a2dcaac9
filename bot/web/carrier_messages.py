"""What the local carrier holds, as JSON in Twilio's field names, for scripted conversations. This machine only."""

import base64
import binascii
import hmac
import ipaddress

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.channels.twilio.local_carrier import LocalCarrier
from bot.records import CarrierMessage


class CarrierMessages:
    """HTTP basic authentication with the account sid and the auth token, as Twilio's API asks for."""

    def __init__(self, carrier: LocalCarrier, auth_token: str) -> None:
        self._carrier = carrier
        self._credentials = f"{carrier.account_sid}:{auth_token}".encode()

    async def show(self, request: Request) -> Response:
        """The messages of one handset (`?phone=`), oldest first. 401, and 403 to other machines."""
        require_this_machine(request)
        if not hmac.compare_digest(_credentials(request), self._credentials):
            raise HTTPException(401, headers={"WWW-Authenticate": 'Basic realm="carrier"'})
        number = request.query_params.get("phone", "").strip()
        if not number:
            raise HTTPException(400)
        # An unescaped + in a query is read as a space; nobody's number goes without one.
        number = number if number.startswith("+") else f"+{number}"
        found = await run_in_threadpool(self._carrier.messages, number)
        return JSONResponse([self._as_twilio(message, number) for message in found])

    def _as_twilio(self, message: CarrierMessage, number: str) -> dict[str, str]:
        return {
            "sid": message.sid,
            "from": number if message.from_handset else self._carrier.number,
            "to": self._carrier.number if message.from_handset else number,
            "body": message.body,
            "direction": "inbound" if message.from_handset else "outbound-api",
            "status": message.status,
            "num_segments": str(message.segments),
            "date_created": message.created_at.isoformat(),
        }


def require_this_machine(request: Request) -> None:
    """Raises HTTPException 403 for anybody who does not come over loopback."""
    try:
        is_here = ipaddress.ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        raise HTTPException(403)


def _credentials(request: Request) -> bytes:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""
