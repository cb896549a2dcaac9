"""Two hundred calendars, built so that it is known which visits cannot both be kept: each is flagged, no other."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from bot.care.conflicts import find_conflicts
from bot.care.travel import UNKNOWN_WAY, travel_time
from bot.domain.clock import instant

CALENDARS = 200
# Weeks around the end of daylight saving time in New York.
FIRST_DAY, DAYS = date(2026, 10, 19), 28
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Place:
    id: UUID
    address: str
    latitude: float | None = None
    longitude: float | None = None


# A town: the clinic, a kidney centre 4.5 km north of it, a hospital 22 km east, and one of which nobody knows where.
CLINIC = Place(id=UUID(int=1), address="48 Harbor Street", latitude=42.3601, longitude=-71.0589)
KIDNEY = Place(id=UUID(int=2), address="9 Mill Road", latitude=42.4006, longitude=-71.0589)
HOSPITAL = Place(id=UUID(int=3), address="1 Hill Avenue", latitude=42.3601, longitude=-70.7912)
SOMEWHERE = Place(id=UUID(int=4), address="Old Mill")
NEXT_DOOR = Place(id=UUID(int=5), address="48 Harbor Street")
PLACES = (CLINIC, KIDNEY, HOSPITAL, SOMEWHERE, NEXT_DOOR, None)
# Minutes from the first to the second, worked out by hand: 10 on foot, 1.417 times the line at 25 km an hour.
WAYS = {
    frozenset({CLINIC, KIDNEY}): 25.3,
    frozenset({CLINIC, HOSPITAL}): 84.8,
    frozenset({KIDNEY, HOSPITAL}): 86.3,
    frozenset({CLINIC, NEXT_DOOR}): 0.0,
}


@dataclass(frozen=True, kw_only=True)
class Visit:
    name: str
    starts_at: datetime
    ends_at: datetime
    spot: Place | None


def minutes_between(first: Place | None, second: Place | None) -> float:
    if first is None or second is None or first == second:
        return 0.0
    return WAYS.get(frozenset({first, second}), UNKNOWN_WAY / MINUTE)


@pytest.mark.parametrize("first", PLACES)
@pytest.mark.parametrize("second", PLACES)
def test_the_way_between_two_places_is_what_was_worked_out_by_hand(first: Place | None, second: Place | None) -> None:
    assert travel_time(first, second) / MINUTE == pytest.approx(minutes_between(first, second), abs=0.1)


def test_who_has_to_be_far_away_at_the_same_time_as_at_home_only_needs_the_time_itself() -> None:
    video = Visit(name="video", starts_at=at(9), ends_at=at(10), spot=None)
    after = Visit(name="after", starts_at=at(10), ends_at=at(11), spot=HOSPITAL)
    assert find_conflicts([after, video]) == []


def at(hour: int) -> datetime:
    return datetime(2026, 11, 20, hour, tzinfo=UTC)


def local(day: int, minute: int) -> datetime:
    """That minute of that day in New York, UTC."""
    return instant(FIRST_DAY + timedelta(days=day), time(*divmod(minute, 60)), "America/New_York")


def sessions(rng: random.Random) -> Iterator[Visit]:
    """Dialysis three times a week, from seven to eleven of the wall clock."""
    for day in range(DAYS):
        if (FIRST_DAY + timedelta(days=day)).weekday() in (1, 3, 5):
            yield Visit(
                name=f"dialysis {day}", starts_at=local(day, 420), ends_at=local(day, 660), spot=rng.choice(PLACES)
            )


def visits_after(rng: random.Random, session: Visit, day: int) -> Visit:
    """A visit in the afternoon, the way after the session at the earliest, now and then to the minute."""
    spot = rng.choice(PLACES)
    way = int(minutes_between(session.spot, spot)) + 1
    start = session.ends_at + timedelta(minutes=way + rng.choice((0, 0, 5, 60)))
    return Visit(name=f"visit {day}", starts_at=start, ends_at=start + timedelta(minutes=30), spot=spot)


def clash(rng: random.Random, session: Visit, day: int) -> Visit:
    """A visit that cannot be kept beside the session: within it, around it, or too near for the way between."""
    length = timedelta(minutes=20)
    far = [place for place in PLACES if minutes_between(session.spot, place) > 2]
    kind = rng.choice(("within", "around", "late", "early")) if far else rng.choice(("within", "around"))
    spot = rng.choice(far if kind in ("late", "early") else PLACES)
    way = timedelta(minutes=minutes_between(session.spot, spot))
    too_short = rng.randrange(1, max(int(way / MINUTE), 1) + 1) * MINUTE
    start = {
        "within": session.starts_at + timedelta(minutes=rng.randrange(1, 200)),
        "around": session.starts_at - 5 * MINUTE,
        "late": session.ends_at + way - too_short,
        "early": session.starts_at - length - way + too_short,
    }[kind]
    end = session.ends_at + 5 * MINUTE if kind == "around" else start + length
    return Visit(name=f"clash {day} {kind}", starts_at=start, ends_at=end, spot=spot)


def calendar(seed: int) -> tuple[list[Visit], set[frozenset[str]]]:
    """The visits in any order, and the pairs that cannot both be kept."""
    rng = random.Random(seed)
    visits, clashing = [], set()
    for day, session in enumerate(sessions(rng)):
        visits.append(session)
        match rng.random():
            case chance if chance < 0.3:
                other = clash(rng, session, day)
                clashing.add(frozenset({session.name, other.name}))
                visits.append(other)
            case chance if chance < 0.8:
                visits.append(visits_after(rng, session, day))
    rng.shuffle(visits)
    return visits, clashing


@pytest.mark.parametrize("seed", range(CALENDARS))
def test_every_conflict_is_flagged_and_no_other(seed: int) -> None:
    visits, clashing = calendar(seed)
    assert {frozenset({pair.first.name, pair.second.name}) for pair in find_conflicts(visits)} == clashing


def test_the_calendars_hold_conflicts_of_every_kind_and_quiet_days() -> None:
    built = [calendar(seed) for seed in range(CALENDARS)]
    kinds = {visit.name.split()[-1] for visits, _ in built for visit in visits if visit.name.startswith("clash")}
    assert kinds == {"within", "around", "late", "early"}
    assert sum(len(clashing) for _, clashing in built) > CALENDARS
    assert sum(visit.name.startswith("visit") for visits, _ in built for visit in visits) > CALENDARS
