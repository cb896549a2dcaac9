"""The messages of a conversation as a coordinator reads them: whole, with source, delivery and what was understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.channels.twilio.segments import count_segments
from bot.console.auth import SignedIn
from bot.console.phrases import CHANNELS, DELIVERY, Moment, at_desk, intent_words, sureness
from bot.conversation.thread import ThreadMessage, english_of
from bot.domain.enums import Author, ChannelName, CommunicationStatus
from bot.i18n.languages import SOURCE
from bot.i18n.render import Words
from bot.i18n.utterances.identity import SECRET

FAULTS = frozenset({CommunicationStatus.FAILED, CommunicationStatus.EXPIRED})


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """One message. `english` is the source of what the bot said in another language; `kind` person, bot or staff."""

    id: UUID
    kind: str
    by: str
    language_code: str
    text: str
    english: str | None
    options: str
    media: str
    understood: str
    channel: str
    sent: Moment
    delivery: str
    failed: bool


def understood_words(understood: Mapping[str, Any]) -> str:
    """ "clinical question, sure (0.94)"; empty when nothing was understood."""
    if not understood.get("intent"):
        return ""
    confidence = float(understood.get("confidence") or 0)
    return f"{intent_words(understood['intent'])}, {sureness(confidence)} ({confidence:.2f})"


def bubble(message: ThreadMessage, words: Words, coordinator: SignedIn, now: datetime) -> Bubble:
    """One message in the desk's words and time."""
    kind = {Author.PERSON: "person", Author.BOT: "bot", Author.COORDINATOR: "staff"}[message.author]
    secret = any(key in SECRET for key, _ in message.says)
    foreign = kind == "bot" and message.language.split("-")[0] != SOURCE
    return Bubble(
        id=message.id,
        kind=kind,
        by={"person": "", "bot": "Northstar", "staff": message.by or "A coordinator"}[kind],
        language_code=message.language,
        text="A one-time code was sent. It is not shown here." if secret else message.text,
        english=_english(message, words) if foreign and not secret else None,
        options=" · ".join(f"{digit} {label}" for digit, label in message.options),
        media=_media(message.media),
        understood=understood_words(message.understood),
        channel=CHANNELS[message.channel],
        sent=at_desk(message.created_at, coordinator.time_zone, now),
        delivery=_delivery(message),
        failed=message.status in FAULTS,
    )


def _english(message: ThreadMessage, words: Words) -> str:
    return english_of(words, message.says) or "The English source of this message is no longer known."


def _media(media: Sequence[str]) -> str:
    kinds = {"image": "a picture", "audio": "a voice note", "video": "a video"}
    named = (f"{kinds.get(each.split('/')[0], 'a file')} ({each})" for each in media)
    return f"Sent {', '.join(named)}; Northstar keeps no copy." if media else ""


def _delivery(message: ThreadMessage) -> str:
    """Segments and delivery of an outgoing message; of an incoming one only what is still to happen."""
    if message.status is CommunicationStatus.HANDLED:
        return ""
    words = DELIVERY[message.status]
    if message.error_code and message.status in FAULTS:
        words = f"{words} (code {message.error_code})"
    if message.author is Author.PERSON or message.channel is not ChannelName.SMS:
        return words
    # Until the outbox has counted them, what it will count.
    segments = message.segments or count_segments(message.text)
    return f"{segments} {'segment' if segments == 1 else 'segments'} · {words}"
