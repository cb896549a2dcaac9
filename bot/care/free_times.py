"""Free times that suit a patient: with the right person, as their words say, and without a clash on their calendar."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.care.appointments import Place, Visit, as_place, calendar
from bot.care.conflicts import conflicts_with
from bot.domain.clock import zone
from bot.domain.enums import SlotStatus
from bot.domain.suiting import Suiting
from bot.records import Location, Practitioner, Slot

MOST_OFFERED = 3
# Nobody is ready at once, and nobody plans further by text.
LEAD, HORIZON = timedelta(hours=2), timedelta(days=60)


@dataclass(frozen=True, kw_only=True)
class FreeTime:
    """A Slot; UTC, with the place's IANA zone."""

    slot_id: UUID
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    practitioner_id: UUID
    practitioner: str
    place: Place

    @property
    def spot(self) -> Place:
        return self.place


@dataclass(frozen=True, kw_only=True)
class Clash:
    """A time that would suit, and the visit because of which it cannot be had."""

    time: FreeTime
    visit: Visit


@dataclass(frozen=True, kw_only=True)
class Times:
    """At most three, in their order. `as_wished`: they suit the words; else they are the next there are.

    `clash`: the first time that suits the words and is not offered, where nothing that suits is left.
    """

    offered: Sequence[FreeTime]
    as_wished: bool
    clash: Clash | None = None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Whose time is looked for, with whom, how long, and which visit of the patient it is to replace."""

    patient_id: UUID
    practitioner_ids: Collection[UUID]
    suiting: Suiting
    at_least: timedelta = timedelta()
    instead_of: UUID | None = None


def find_times(session: Session, wanted: Wanted, now: datetime) -> Times:
    """What to offer, at the instant `now` (UTC)."""
    times = [each for each in _free(session, wanted, now) if each.ends_at - each.starts_at >= wanted.at_least]
    kept = [visit for visit in calendar(session, wanted.patient_id, now) if visit.id != wanted.instead_of]
    clashes = {each.slot_id: clash for each in times if (clash := _clash(each, kept))}
    open_times = [each for each in times if each.slot_id not in clashes]
    suiting = [each for each in times if _suits(each, wanted.suiting)]
    wished = [each for each in suiting if each.slot_id not in clashes]
    if wished:
        return Times(offered=_spread(wished), as_wished=True)
    clash = next((clashes[each.slot_id] for each in suiting), None)
    return Times(offered=_spread(open_times), as_wished=False, clash=clash)


def find_clash(
    session: Session, time: FreeTime, patient_id: UUID, instead_of: UUID | None, now: datetime
) -> Visit | None:
    """The visit because of which this time cannot be had now."""
    kept = [visit for visit in calendar(session, patient_id, now) if visit.id != instead_of]
    clash = _clash(time, kept)
    return None if clash is None else clash.visit


def read_time(session: Session, slot_id: UUID) -> FreeTime | None:
    row = session.execute(_query().where(Slot.id == slot_id)).one_or_none()
    return None if row is None else _as_time(*row)


def _query() -> Select[Slot, Practitioner, Location]:
    return (
        select(Slot, Practitioner, Location)
        .join(Practitioner, Practitioner.id == Slot.practitioner_id)
        .join(Location, Location.id == Slot.location_id)
    )


def _free(session: Session, wanted: Wanted, now: datetime) -> list[FreeTime]:
    query = (
        _query()
        .where(
            Slot.practitioner_id.in_(wanted.practitioner_ids),
            Slot.status == SlotStatus.FREE,
            Slot.starts_at >= now + LEAD,
            Slot.starts_at < now + HORIZON,
        )
        .order_by(Slot.starts_at, Slot.id)
    )
    return [_as_time(*row) for row in session.execute(query)]


def _as_time(slot: Slot, practitioner: Practitioner, location: Location) -> FreeTime:
    return FreeTime(
        slot_id=slot.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        time_zone=location.time_zone,
        practitioner_id=practitioner.id,
        practitioner=practitioner.name,
        place=as_place(location),
    )


def _clash(time: FreeTime, kept: Sequence[Visit]) -> Clash | None:
    visit = next(iter(conflicts_with(time, kept)), None)
    return None if visit is None else Clash(time=time, visit=visit)


def _suits(time: FreeTime, suiting: Suiting) -> bool:
    local = zone(time.time_zone)
    return suiting.fits(time.starts_at.astimezone(local), time.ends_at.astimezone(local))


def _spread(times: Sequence[FreeTime]) -> list[FreeTime]:
    """The soonest of each day first, then what else is soon."""
    days: dict[object, FreeTime] = {}
    for each in times:
        days.setdefault(each.starts_at.astimezone(zone(each.time_zone)).date(), each)
    first = list(days.values())[:MOST_OFFERED]
    rest = [each for each in times if each not in first]
    return sorted([*first, *rest][:MOST_OFFERED], key=lambda each: (each.starts_at, each.slot_id))
