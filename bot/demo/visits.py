"""The demo clinic's times: visits, the sessions of a series, and the Slots left free between them."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bot.demo.days import RelativeDays
from bot.domain.enums import AppointmentStatus, ParticipationStatus, SlotStatus
from bot.domain.ids import new_id
from bot.records import Appointment, Slot

ANSWERED_AGO = timedelta(days=1)

Entry = dict[str, Any]
DaysAt = Callable[[str | None], RelativeDays]


def visits(clinic: Entry, ids: dict[str, UUID], now: datetime, days_at: DaysAt) -> Iterator[Appointment]:
    """Every Appointment of the clinic; `days_at` gives the relative days of a location's zone."""
    sessions: dict[str, list[date]] = {}
    for entry in clinic["series"]:
        days, series = days_at(entry["location"]), str(new_id())
        all_days = days.weekly(entry["weekdays"], entry["from"], entry["to"])
        sessions[entry["ref"]] = [day for day in all_days if day > days.today]
        for day in all_days:
            yield _visit(entry, ids, days, day, now, series=series)
    for entry in clinic["appointments"]:
        days = days_at(entry.get("location"))
        yield _visit(entry, ids, days, _day_of(entry, days, sessions), now, series=None)


def _day_of(entry: Entry, days: RelativeDays, sessions: dict[str, list[date]]) -> date:
    if "at_session" not in entry:
        return days.visit_day(entry["day"])
    series_ref, number = entry["at_session"]
    return sessions[str(series_ref)][int(number) - 1]


def _visit(
    entry: Entry, ids: dict[str, UUID], days: RelativeDays, day: date, now: datetime, *, series: str | None
) -> Appointment:
    expected = AppointmentStatus.BOOKED if day > days.today else AppointmentStatus.FULFILLED
    participation = ParticipationStatus(entry.get("participation", "needs-action"))
    answered = participation is not ParticipationStatus.NEEDS_ACTION
    starts_at = days.at(day, entry["time"])
    return Appointment(
        patient_id=ids[entry["patient"]],
        practitioner_id=ids[entry["practitioner"]],
        location_id=ids[entry["location"]] if "location" in entry else None,
        status=AppointmentStatus(entry.get("status", expected)),
        participation=participation,
        participation_at=min(now, starts_at) - ANSWERED_AGO if answered else None,
        description=entry["description"],
        preparation=entry.get("preparation", {}),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=entry["minutes"]),
        telehealth_url=entry.get("telehealth_url"),
        series=series,
    )


def free_slots(slots: Entry, ids: dict[str, UUID], days_at: DaysAt, booked: Iterable[Appointment]) -> Iterator[Slot]:
    """The free times of the weekly patterns, without those in which the practitioner has a visit."""
    # In a dialysis session the practitioner is responsible, but does not stay.
    busy = [visit for visit in booked if visit.status is AppointmentStatus.BOOKED and visit.series is None]
    for pattern in slots["patterns"]:
        days = days_at(pattern["location"])
        for day in days.weekly(pattern["weekdays"], 1, slots["days"]):
            for wall_local in pattern["times"]:
                slot = _free_slot(pattern, ids, days.at(day, wall_local))
                if not any(_collide(slot, visit) for visit in busy):
                    yield slot


def _free_slot(pattern: Entry, ids: dict[str, UUID], starts_at: datetime) -> Slot:
    return Slot(
        practitioner_id=ids[pattern["practitioner"]],
        location_id=ids[pattern["location"]],
        status=SlotStatus.FREE,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=pattern["minutes"]),
    )


def _collide(slot: Slot, visit: Appointment) -> bool:
    same_person = slot.practitioner_id == visit.practitioner_id
    return same_person and slot.starts_at < visit.ends_at and visit.starts_at < slot.ends_at
