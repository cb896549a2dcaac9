"""The local carrier: a mobile network in the database, for the demo and for tests.

It takes and gives what Twilio would: signed form posts to the webhook, status callbacks, the carrier's own answer
to STOP, and error 21610 for a number that sent it. Only this module and the handset page know that it is not real.
"""

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator

from bot.channels.base import ChannelError
from bot.channels.twilio.carrier import OPTED_OUT
from bot.channels.twilio.keywords import HELP_WORDS, START_WORDS, STOP_WORDS, carrier_word
from bot.channels.twilio.segments import count_segments
from bot.domain.clock import Clock
from bot.records import CarrierMessage
from bot.records.engine import Database

log = structlog.get_logger(__name__)

STOP_REPLY = "You have successfully been unsubscribed. Reply START to resubscribe."
START_REPLY = "You have successfully been re-subscribed. Reply STOP to unsubscribe."
HELP_REPLY = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
CALLBACK_TIMEOUT_S = 5.0


class LocalCarrier:
    """`number` is the clinic's; `webhook_url` is where texts are posted to, as in Twilio's console."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        account_sid: str,
        auth_token: str,
        number: str,
        webhook_url: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._validator = RequestValidator(auth_token)
        self._callbacks = ThreadPoolExecutor(max_workers=2, thread_name_prefix="carrier-callback")
        self._http = httpx.Client(timeout=CALLBACK_TIMEOUT_S, trust_env=False)
        self.account_sid = account_sid
        self.number = number
        self.webhook_url = webhook_url

    def create_message(self, *, to: str, body: str, status_callback: str) -> str:
        """Put a message on a handset, then report it delivered as a network would."""
        sid = f"SM{secrets.token_hex(16)}"
        with self._database.write() as session:
            if _is_blocked(session, to):
                raise ChannelError(str(OPTED_OUT), permanent=True, opted_out=True)
            self._store(session, sid, to, body, from_handset=False, status="delivered")
        form = {"MessageSid": sid, "MessageStatus": "delivered", "To": to, "From": self.number}
        self._callbacks.submit(self._post_callback, status_callback, form)
        return sid

    def find_message(self, *, to: str, body: str, since: datetime) -> str | None:
        return next(
            (
                message.sid
                for message in reversed(self.messages(to))
                if not message.from_handset and message.body == body and message.created_at >= since
            ),
            None,
        )

    def messages(self, number: str) -> Sequence[CarrierMessage]:
        """What the handset of this number shows, oldest first."""
        with self._database.read() as session:
            return session.scalars(
                select(CarrierMessage).where(CarrierMessage.handset_index == number).order_by(CarrierMessage.id)
            ).all()

    def send_from_handset(self, number: str, text: str, media: Sequence[str] = ()) -> int:
        """Somebody types on a handset: posts the signed form to the webhook. Returns its HTTP status.

        `media` are content types. Raises httpx.HTTPError when the webhook cannot be reached.
        """
        sid = f"SM{secrets.token_hex(16)}"
        with self._database.write() as session:
            self._store(session, sid, number, text, from_handset=True, status="received")
            self._answer_keyword(session, number, text)
        form = self.inbound_form(sid, number, text, media)
        response = self._http.post(
            self.webhook_url, data=form, headers={"X-Twilio-Signature": self.sign(self.webhook_url, form)}
        )
        return response.status_code

    def inbound_form(self, sid: str, number: str, text: str, media: Sequence[str] = ()) -> dict[str, str]:
        """The fields of Twilio's incoming message webhook."""
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "AccountSid": self.account_sid,
            "From": number,
            "To": self.number,
            "Body": text,
            "NumMedia": str(len(media)),
            "NumSegments": str(count_segments(text)),
            "ApiVersion": "2010-04-01",
        }
        for index, content_type in enumerate(media):
            form[f"MediaContentType{index}"] = content_type
            form[f"MediaUrl{index}"] = f"{self.webhook_url}/media/{sid}/{index}"
        return form

    def sign(self, url: str, form: dict[str, str]) -> str:
        return str(self._validator.compute_signature(url, form))

    def close(self) -> None:
        self._callbacks.shutdown(wait=True, cancel_futures=True)
        self._http.close()

    def _answer_keyword(self, session: Session, number: str, text: str) -> None:
        word = carrier_word(text)
        answers = ((STOP_WORDS, STOP_REPLY), (START_WORDS, START_REPLY), (HELP_WORDS, HELP_REPLY))
        for words, answer in answers:
            resubscribes_nobody = words is START_WORDS and not _is_blocked(session, number, before=1)
            if word in words and not resubscribes_nobody:
                self._store(session, f"SM{secrets.token_hex(16)}", number, answer, False, "delivered")

    def _store(self, session: Session, sid: str, number: str, body: str, from_handset: bool, status: str) -> None:
        session.add(
            CarrierMessage(
                sid=sid,
                handset_index=number,
                from_handset=from_handset,
                body=body,
                segments=count_segments(body),
                status=status,
                created_at=self._clock.now(),
            )
        )
        session.flush()

    def _post_callback(self, url: str, form: dict[str, str]) -> None:
        try:
            self._http.post(url, data=form, headers={"X-Twilio-Signature": self.sign(url, form)})
        except httpx.HTTPError as error:
            # As with a real network, a lost receipt leaves the message "sent".
            log.warning("callback_lost", error=type(error).__name__)


def _is_blocked(session: Session, number: str, before: int = 0) -> bool:
    """Whether the last STOP or START from this handset was a STOP; `before` skips that many newest texts."""
    texts = session.scalars(
        select(CarrierMessage)
        .where(CarrierMessage.handset_index == number, CarrierMessage.from_handset)
        .order_by(CarrierMessage.id.desc())
        .offset(before)
    )
    for message in texts:
        word = carrier_word(message.body)
        if word in STOP_WORDS or word in START_WORDS:
            return word in STOP_WORDS
    return False
