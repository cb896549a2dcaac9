"""Render what is to be said once, in the person's language, and store it with its cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.enums import Author, CommunicationStatus, Direction, Disclosure
from bot.i18n.render import Words
from bot.records import Communication, Conversation


@dataclass(frozen=True)
class Say:
    """One utterance: its key in `bot.i18n.utterances` and its JSON parameters."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


def enqueue(
    session: Session,
    words: Words,
    conversation: Conversation,
    says: Sequence[Say],
    *,
    now: datetime,
    level: Disclosure,
    options: Sequence[tuple[str, str]] = (),
    unique_key: str | None = None,
    expires_at: datetime | None = None,
    language: str | None = None,
    urgent: bool = False,
) -> Communication | None:
    """Queue one message that holds all of `says`, a line each. `options` are (digit, label key) pairs.

    `unique_key` names the cause; None comes back when that cause was already queued. `now` is clinic time. An
    `urgent` message does not wait for earlier ones.
    """
    if unique_key and session.scalar(select(Communication.id).where(Communication.unique_key == unique_key)):
        return None
    speaks = language or conversation.language
    offer = _interpreter_offer(words, conversation, speaks, now)
    # In danger nothing may stand before what to do.
    says = [*says, *offer] if urgent else [*offer, *says]
    rendered = [words.render(say.key, say.params, speaks, level) for say in says]
    labels = [[digit, words.render(key, {}, speaks, level).text] for digit, key in options]
    detail = {"says": [[part.key, dict(part.params)] for part in rendered], "options": labels}
    # Several may be said by the same words to a phone that may not be told more.
    text = "\n".join(dict.fromkeys(part.text for part in rendered))
    return _queue(
        session,
        conversation,
        text,
        detail,
        author=Author.BOT,
        now=now,
        language=speaks,
        unique_key=unique_key,
        expires_at=expires_at,
        urgent=urgent,
    )


def _interpreter_offer(words: Words, conversation: Conversation, speaks: str, now: datetime) -> list[Say]:
    """Said once to somebody whose language the clinic has not released, before the answer in another."""
    known = words.catalogs.known(speaks)
    if words.catalogs.written(known) == known or conversation.interpreter_offered_at is not None:
        return []
    conversation.interpreter_offered_at = now
    return [Say("interpreter_offer", {"language": words.catalogs.languages[known].native_name})]


def enqueue_text(
    session: Session, conversation: Conversation, text: str, *, coordinator_id: UUID, now: datetime
) -> Communication:
    """Queue a coordinator's own words."""
    return _queue(
        session,
        conversation,
        text,
        {"says": [], "options": []},
        author=Author.COORDINATOR,
        coordinator_id=coordinator_id,
        now=now,
        language=conversation.language,
    )


def _queue(
    session: Session,
    conversation: Conversation,
    text: str,
    detail: dict[str, Any],
    *,
    author: Author,
    now: datetime,
    language: str,
    coordinator_id: UUID | None = None,
    unique_key: str | None = None,
    expires_at: datetime | None = None,
    urgent: bool = False,
) -> Communication:
    communication = Communication(
        conversation_id=conversation.id,
        channel=conversation.channel,
        direction=Direction.OUTBOUND,
        author=author,
        coordinator_id=coordinator_id,
        status=CommunicationStatus.QUEUED,
        unique_key=unique_key,
        body=text,
        detail=detail,
        language=language,
        created_at=now,
        next_attempt_at=now,
        expires_at=expires_at,
        urgent=urgent,
    )
    session.add(communication)
    return communication
