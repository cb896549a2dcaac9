"""A visitor of the web chat: an unguessable token in a cookie, and the conversation that belongs to it."""

import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import Response

from bot.channels.base import InboundMessage
from bot.conversation.inbox import find_or_open
from bot.domain.clock import Clock
from bot.domain.enums import ChannelName
from bot.records import Conversation, Patient, RelatedPerson
from bot.records.engine import Database

TOKEN_BYTES = 32
REMEMBERED_S = 90 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """`token` is the address of the conversation; only its hash and a sealed copy are stored."""

    token: str
    is_new: bool

    @property
    def csrf(self) -> str:
        """Bound to the token, which no script and no other site can read."""
        return hashlib.sha256(f"csrf:{self.token}".encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Chat:
    """The visitor's conversation. `name` is the signed-in person's, None while nobody is signed in."""

    id: UUID
    name: str | None


def cookie_name(secure: bool) -> str:
    return "__Host-northstar_chat" if secure else "northstar_chat"


def visitor_of(request: Request, *, secure: bool) -> Visitor:
    token = request.cookies.get(cookie_name(secure), "")
    if len(token) == 2 * TOKEN_BYTES and all(digit in "0123456789abcdef" for digit in token):
        return Visitor(token=token, is_new=False)
    return Visitor(token=secrets.token_hex(TOKEN_BYTES), is_new=True)


def remember(response: Response, visitor: Visitor, *, secure: bool) -> None:
    response.set_cookie(
        cookie_name(secure),
        visitor.token,
        max_age=REMEMBERED_S,
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def find_chat(database: Database, visitor: Visitor) -> Chat | None:
    """The visitor's conversation, None before the first post."""
    with database.read() as session:
        conversation = session.scalar(
            select(Conversation).where(
                Conversation.channel == ChannelName.WEBCHAT, Conversation.address_index == visitor.token
            )
        )
        if conversation is None:
            return None
        person: Patient | RelatedPerson | None = None
        if conversation.patient_id is not None:
            person = session.get_one(Patient, conversation.patient_id)
        elif conversation.related_person_id is not None:
            person = session.get_one(RelatedPerson, conversation.related_person_id)
        return Chat(id=conversation.id, name=person.given_name if person else None)


def open_chat(database: Database, clock: Clock, visitor: Visitor, language: str) -> UUID:
    """The visitor's conversation, made on the first post in the language of their browser (BCP 47)."""
    origin = InboundMessage(channel=ChannelName.WEBCHAT, provider_id="", address=visitor.token, text="")
    for attempt in (1, 2):
        try:
            with database.write() as session:
                return find_or_open(session, clock.now(), language, origin).id
        except IntegrityError:
            # Two posts at once: the second try finds what the first one stored.
            if attempt == 2:
                raise
    raise AssertionError("unreachable")
