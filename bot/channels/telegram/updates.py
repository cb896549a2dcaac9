"""Telegram's updates as inbound messages, for the webhook and for polling alike.

https://core.telegram.org/bots/api#update; a text arrives as
``{"update_id": 1, "message": {"message_id": 5, "date": 1700000000,
"chat": {"id": 7, "type": "private"}, "text": "hi"}}``
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import structlog
from telegram import (
    Animation,
    Audio,
    CallbackQuery,
    Chat,
    Contact,
    Document,
    Location,
    Message,
    Sticker,
    Update,
    User,
    Venue,
    Video,
    VideoNote,
    Voice,
)
from telegram.constants import ChatType

from bot.channels.base import AcceptMessage, InboundMessage
from bot.domain.enums import ChannelName
from bot.domain.errors import NorthstarError

log = structlog.get_logger(__name__)

UNKNOWN_MEDIA = "unknown"
MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)


class UpdateUnreadable(NorthstarError):
    """Not an update, or one that lacks what every update of its kind has."""


@dataclass(frozen=True, kw_only=True)
class GroupChat:
    """Somebody wrote where others read along."""

    chat_id: int


class Intake:
    """Takes updates in: stores private messages, reports groups, answers pressed buttons.

    `on_group` gets the chat's id for each update from a group; `answer_callback` a pressed button's id. Both
    return at once.
    """

    def __init__(
        self,
        accept: AcceptMessage,
        on_group: Callable[[int], None],
        answer_callback: Callable[[str], None],
    ) -> None:
        self._accept = accept
        self._on_group = on_group
        self._answer_callback = answer_callback

    async def take(self, update: Update) -> None:
        """Raises what `accept` raises, and then has done nothing."""
        match to_inbound(update):
            case InboundMessage() as message:
                await self._accept(message)
            case GroupChat(chat_id=chat_id):
                log.info("group_refused", channel=ChannelName.TELEGRAM)
                self._on_group(chat_id)
            case None:
                log.info("update_ignored", channel=ChannelName.TELEGRAM)
        if update.callback_query is not None:
            self._answer_callback(update.callback_query.id)


def update_id_of(document: object) -> int:
    """Raises UpdateUnreadable for what no Bot API sends."""
    update_id = document.get("update_id") if isinstance(document, dict) else None
    if not isinstance(update_id, int) or isinstance(update_id, bool):
        raise UpdateUnreadable("no update_id")
    return update_id


def read_update(document: object) -> Update:
    """Raises UpdateUnreadable, which says nothing of the contents."""
    update_id = update_id_of(document)
    try:
        update = Update.de_json(document, None)  # type: ignore[arg-type]  # update_id_of saw that it is an object
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, OSError):
        raise UpdateUnreadable(str(update_id)) from None
    if not _names_its_chat(update):
        raise UpdateUnreadable(str(update_id))
    return update


def _names_its_chat(update: Update) -> bool:
    # The library leaves out what is missing instead of refusing it.
    query, message = update.callback_query, update.message or update.edited_message
    if query is None:
        return message is None or _has_id(message.chat, Chat)
    return _has_id(query.from_user, User) and (query.message is None or _has_id(query.message.chat, Chat))


def _has_id(value: Chat | User | None, kind: type[Chat | User]) -> bool:
    return isinstance(value, kind) and type(value.id) is int


def to_inbound(update: Update) -> InboundMessage | GroupChat | None:
    """What somebody sent in a private chat; None for what nobody wrote (pins, live positions, departures)."""
    if update.callback_query is not None:
        return _from_button(update.update_id, update.callback_query)
    message = update.message or update.edited_message
    if message is None or message.left_chat_member is not None:
        return None
    if message.chat.type != ChatType.PRIVATE:
        return GroupChat(chat_id=message.chat.id)
    if update.edited_message is not None and message.location is not None:
        return None  # A shared live position moves every few seconds.
    text, media = _clean(message.text or message.caption), _media(message)
    if not text and not media:
        return None
    return _inbound(update.update_id, message.chat.id, text, media)


def _from_button(update_id: int, query: CallbackQuery) -> InboundMessage | GroupChat | None:
    text, _, asked_by = _clean(query.data).partition(":")
    if query.inline_message_id is not None or not text:
        return None
    if query.message is not None and query.message.chat.type != ChatType.PRIVATE:
        return GroupChat(chat_id=query.message.chat.id)
    # The message under the button may be gone; a private chat has the id of the person.
    chat_id = query.from_user.id if query.message is None else query.message.chat.id
    return _inbound(update_id, chat_id, text, (), in_reply_to=_uuid(asked_by))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _inbound(
    update_id: int, chat_id: int, text: str, media: tuple[str, ...], in_reply_to: UUID | None = None
) -> InboundMessage:
    return InboundMessage(
        channel=ChannelName.TELEGRAM,
        provider_id=str(update_id),
        address=str(chat_id),
        text=text,
        media=media,
        in_reply_to=in_reply_to,
    )


def _media(message: Message) -> tuple[str, ...]:
    match message.effective_attachment:
        case None if message.checklist is not None or message.api_kwargs:
            # Content of a kind that is newer than the library: a person should see that something came.
            return () if message.text else (UNKNOWN_MEDIA,)
        case None:
            return ()
        case tuple() | list():  # one photo in several sizes
            return ("image/jpeg",)
        case Voice(mime_type=declared):
            return (_media_type(declared, "audio/ogg"),)
        case Audio(mime_type=declared):
            return (_media_type(declared, "audio/mpeg"),)
        case Video(mime_type=declared) | Animation(mime_type=declared):
            return (_media_type(declared, "video/mp4"),)
        case Document(mime_type=declared):
            return (_media_type(declared, "application/octet-stream"),)
        case Sticker() as sticker:
            return (_sticker_type(sticker),)
        case VideoNote():
            return ("video/mp4",)
        case Location() | Venue():
            return ("application/geo+json",)
        case Contact():
            return ("text/vcard",)
        case _:
            return (UNKNOWN_MEDIA,)


def _sticker_type(sticker: Sticker) -> str:
    if sticker.is_animated:
        return "application/x-tgsticker"
    return "video/webm" if sticker.is_video else "image/webp"


def _media_type(declared: object, otherwise: str) -> str:
    """The sender's client declares the type, so it can be anything."""
    return declared if isinstance(declared, str) and MEDIA_TYPE.fullmatch(declared) else otherwise


def _clean(text: object) -> str:
    """Without NUL, which PostgreSQL refuses, and half surrogates, which JSON can carry and UTF-8 cannot."""
    if not isinstance(text, str):
        return ""
    return text.replace("\x00", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
