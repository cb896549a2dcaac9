"""One conversation as people read it: every message whole, with what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.enums import Author, ChannelName, CommunicationStatus
from bot.i18n.errors import BadParameter, UnknownUtterance
from bot.i18n.render import Words
from bot.records import Communication, Coordinator


@dataclass(frozen=True, kw_only=True)
class ThreadMessage:
    """`says` are the utterances it was rendered from; `options` are (digit, label) pairs; `media` content types.

    `understood` is what was kept of the person's message, {} when nothing was. `by` is the coordinator's name.
    """

    id: UUID
    author: Author
    by: str | None
    channel: ChannelName
    language: str
    text: str
    says: tuple[tuple[str, dict[str, Any]], ...]
    options: tuple[tuple[str, str], ...]
    media: tuple[str, ...]
    understood: dict[str, Any]
    status: CommunicationStatus
    error_code: str | None
    segments: int
    created_at: datetime
    delivered_at: datetime | None


def read_thread(session: Session, conversation_id: UUID, *, limit: int) -> tuple[list[ThreadMessage], bool]:
    """The newest `limit` messages, oldest first, and whether there are earlier ones."""
    rows = session.execute(
        select(Communication, Coordinator.name)
        .outerjoin(Coordinator, Coordinator.id == Communication.coordinator_id)
        .where(Communication.conversation_id == conversation_id)
        .order_by(Communication.id.desc())
        .limit(limit + 1)
    ).all()
    newest_first = [_message(row.Communication, row.name) for row in rows[:limit]]
    return newest_first[::-1], len(rows) > limit


def thread_print(session: Session, conversation_id: UUID) -> str:
    """Changes whenever a message comes, goes or moves on; opens no sealed value."""
    rows = session.execute(
        select(Communication.status, func.count(), func.sum(Communication.fence))
        .where(Communication.conversation_id == conversation_id)
        .group_by(Communication.status)
        .order_by(Communication.status)
    )
    return " ".join(f"{status.value}:{count}:{fence}" for status, count, fence in rows)


def english_of(words: Words, says: Sequence[tuple[str, dict[str, Any]]]) -> str | None:
    """The English source of a message of the bot, None when a part of it is no longer known."""
    try:
        return "\n".join(words.plain(key, params) for key, params in says) or None
    except (UnknownUtterance, BadParameter):
        return None


def _message(row: Communication, by: str | None) -> ThreadMessage:
    detail = row.detail
    return ThreadMessage(
        id=row.id,
        author=row.author,
        by=by,
        channel=row.channel,
        language=row.language,
        text=row.body,
        says=tuple((key, params) for key, params in detail.get("says", ())),
        options=tuple((digit, label) for digit, label in detail.get("options", ())),
        media=tuple(detail.get("media", ())),
        understood=detail.get("understood") or {},
        status=row.status,
        error_code=row.error_code,
        segments=row.segments,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
    )
