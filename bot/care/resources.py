"""The clinic's answers and places of help, as long as somebody vouches for them: by topic, and by what people write."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.care.resource_words import FALLBACK, fold_phrase, phrases, shipped_words
from bot.domain.enums import ResourceTopic
from bot.records import ClinicResource

MOST_OFFERED = 3


@dataclass(frozen=True, kw_only=True)
class Help:
    """An entry that may be offered. Texts are by BCP 47 language; `summary` is the answer itself.

    `location_id` is the clinic's Location that it is about, None for all of them. `phone` is E.164.
    """

    id: UUID
    topic: ResourceTopic
    name: Mapping[str, str]
    summary: Mapping[str, str]
    hours: Mapping[str, str]
    eligibility: Mapping[str, str]
    place: str
    location_id: UUID | None
    phone: str | None
    url: str | None
    expires_on: date

    def language_for(self, wanted: str) -> str:
        """The language to show it in: the wanted one, else English, else the first that it is written in."""
        written = [code for code in self.summary if code in self.name]
        return next(code for code in (wanted, FALLBACK, *written) if code in written)


def find_resources(
    session: Session,
    topics: Collection[ResourceTopic],
    today: date,
    *,
    location_id: UUID | None = None,
    limit: int = MOST_OFFERED,
) -> list[Help]:
    """What may be offered on `today`, the clinic's local date, of these topics in their order.

    With a location, entries about another one are left out and its own come first. Then the longest valid.
    """
    order = list(topics)
    rows = [row for row in _offered(session, today, location_id) if row.topic in order]
    rows.sort(key=lambda row: order.index(row.topic))
    return [_help(row) for row in rows[:limit]]


def search_resources(
    session: Session,
    text: str,
    language: str,
    today: date,
    *,
    location_id: UUID | None = None,
    limit: int = MOST_OFFERED,
) -> list[Help]:
    """What somebody who wrote `text` asks for: nothing unless it names an entry or clearly a topic.

    An entry is named by its name or a keyword, in any language that it is written in, the person's own first.
    Entries that are named come before those that only have the topic.
    """
    folded = fold_phrase(text)
    topics = shipped_words().topics_in(text, language)
    ranked = []
    for row in _offered(session, today, location_id):
        rank = 0 if _names(row, folded, language) else 1 if _names_elsewhere(row, folded) else 2
        if rank < 2 or row.topic in topics:
            place = topics.index(row.topic) if row.topic in topics else len(topics)
            ranked.append(((rank, place), row))
    ranked.sort(key=lambda pair: pair[0])
    return [_help(row) for _, row in ranked[:limit]]


def _offered(session: Session, today: date, location_id: UUID | None) -> list[ClinicResource]:
    offered = select(ClinicResource).where(ClinicResource.retired_at.is_(None), ClinicResource.expires_on >= today)
    if location_id is not None:
        here = or_(ClinicResource.location_id.is_(None), ClinicResource.location_id == location_id)
        offered = offered.where(here)
    rows = session.scalars(offered.order_by(ClinicResource.expires_on.desc(), ClinicResource.id))
    written = [row for row in rows if row.name.keys() & row.summary.keys()]
    return sorted(written, key=lambda row: location_id is not None and row.location_id is None)


def _names(row: ClinicResource, folded: str, language: str) -> bool:
    terms = [*filter(None, [row.name.get(language)]), *row.keywords.get(language, [])]
    return bool(terms) and phrases(tuple(terms)).search(folded) is not None


def _names_elsewhere(row: ClinicResource, folded: str) -> bool:
    return any(_names(row, folded, language) for language in {**row.name, **row.keywords})


def _help(row: ClinicResource) -> Help:
    return Help(
        id=row.id,
        topic=row.topic,
        name=row.name,
        summary=row.summary,
        hours=row.hours,
        eligibility=row.eligibility,
        place=row.place,
        location_id=row.location_id,
        phone=row.phone,
        url=row.url,
        expires_on=row.expires_on,
    )
