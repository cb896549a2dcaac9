"""The clinic's resources as the desk lists them: by topic, in which languages, until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.care.text import fold
from bot.console.auth import SignedIn
from bot.console.phrases import language_name
from bot.domain.clock import zone
from bot.domain.enums import ResourceTopic
from bot.i18n.languages import SOURCE
from bot.records import ClinicResource

SOON = timedelta(days=14)
TOPICS: Mapping[ResourceTopic, str] = {
    ResourceTopic.HOURS: "Opening hours",
    ResourceTopic.PARKING: "Parking",
    ResourceTopic.DIRECTIONS: "Getting here",
    ResourceTopic.PHONE_NUMBERS: "Phone numbers",
    ResourceTopic.FORMS: "Forms and letters",
    ResourceTopic.LATE_POLICY: "Being late or not coming",
    ResourceTopic.TELEHEALTH_HELP: "Help with video visits",
    ResourceTopic.INSURANCE: "Insurance",
    ResourceTopic.BILLING: "Bills",
    ResourceTopic.TEST_RESULTS: "Test results",
    ResourceTopic.PORTAL: "Patient portal",
    ResourceTopic.TRANSPORT: "Rides",
    ResourceTopic.FOOD: "Food",
    ResourceTopic.MEDICATION_ASSISTANCE: "Paying for medicines",
    ResourceTopic.RESPITE: "Rest for caregivers",
    ResourceTopic.INTERPRETER: "Interpreters",
    ResourceTopic.MENTAL_HEALTH: "Mental health",
    ResourceTopic.OTHER: "Other",
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the list. `language_code` is that of `name` and `summary`; `lacks` names the missing languages."""

    id: UUID
    topic: str
    name: str
    summary: str
    language_code: str
    coverage: str
    lacks: str
    until: str
    colour: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """`gone` is not offered any more: expired first, then retired. `topics` are labels with what is offered."""

    gone: Sequence[Entry]
    topics: Sequence[tuple[str, Sequence[Entry]]]
    total: int


def desk_day(coordinator: SignedIn, now: datetime) -> date:
    """Today at the desk."""
    return now.astimezone(zone(coordinator.time_zone)).date()


def read_resources(session: Session, languages: Sequence[str], today: date, query: str) -> Listing:
    """What holds the query's words, in any language. `languages` are those in which the clinic writes."""
    rows = session.scalars(select(ClinicResource).order_by(ClinicResource.expires_on, ClinicResource.id)).all()
    found = [row for row in rows if _matches(row, query)]
    gone = sorted((row for row in found if not is_offered(row, today)), key=lambda row: row.retired_at is not None)
    offered = [row for row in found if is_offered(row, today)]
    topics = [
        (label, [_entry(row, languages, today) for row in offered if row.topic is topic])
        for topic, label in TOPICS.items()
    ]
    return Listing(
        gone=[_entry(row, languages, today) for row in gone],
        topics=[(label, entries) for label, entries in topics if entries],
        total=len(rows),
    )


def is_offered(row: ClinicResource, today: date) -> bool:
    return row.retired_at is None and row.expires_on >= today


def count_ending(session: Session, today: date) -> int:
    """How many somebody has to look at: expired, or expiring within 14 days, and not retired."""
    ending = select(func.count(ClinicResource.id)).where(
        ClinicResource.retired_at.is_(None), ClinicResource.expires_on <= today + SOON
    )
    return session.scalar(ending) or 0


def _matches(row: ClinicResource, query: str) -> bool:
    keywords = (word for words in row.keywords.values() for word in words)
    texts = [TOPICS[row.topic], row.place, *row.name.values(), *row.summary.values(), *keywords]
    folded = fold(" ".join(texts))
    return all(word in folded for word in fold(query).split())


def _entry(row: ClinicResource, languages: Sequence[str], today: date) -> Entry:
    written = [code for code in row.summary if code in row.name]
    shown = SOURCE if SOURCE in written else next(iter(written), SOURCE)
    lacks = [language_name(code) for code in languages if code not in written]
    until, colour = _until(row, today)
    return Entry(
        id=row.id,
        topic=TOPICS[row.topic],
        name=row.name.get(shown, "No name yet"),
        summary=row.summary.get(shown, ""),
        language_code=shown,
        coverage=f"in {len(languages) - len(lacks)} of {len(languages)} languages",
        lacks=", ".join(lacks),
        until=until,
        colour=colour,
    )


def _until(row: ClinicResource, today: date) -> tuple[str, str]:
    """When it ends in words, and the colour of the tag."""
    left = row.expires_on - today
    if row.retired_at is not None:
        return "retired", ""
    if left < timedelta():
        return f"expired {_days(-left)} ago", "urgent"
    if left == timedelta():
        return "expires today", "warn"
    return f"expires in {_days(left)}", "warn" if left <= SOON else ""


def _days(length: timedelta) -> str:
    return "1 day" if length.days == 1 else f"{length.days} days"
