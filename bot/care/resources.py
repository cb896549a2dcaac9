"""Help outside the clinic, as long as somebody vouches for it."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.records import CommunityResource


def find_resources(session: Session, topic: str, today: date) -> list[CommunityResource]:
    """Entries of a topic that have not expired on `today`, the clinic's local date."""
    found = (
        select(CommunityResource)
        .where(CommunityResource.topic == topic, CommunityResource.expires_on >= today)
        .order_by(CommunityResource.expires_on.desc(), CommunityResource.id)
    )
    return list(session.scalars(found))
