"""Whether a reminder is sent now: pure, from the record as it is at this instant."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.enums import SkipReason
from bot.reminders.policies import Policies


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What matters for the decision. `still_current`: the visit or prescription is as it was when scheduled.

    `asked_for`: the person said "later" themselves, so neither quiet hours nor the cap keeps it back. `sent_today`: how
    much they were sent on their local day without asking.
    """

    now: datetime
    expires_at: datetime | None
    time_zone: str
    patient_active: bool
    deceased: bool
    in_hospital: bool
    reachable: bool
    opted_out: bool
    still_current: bool
    already_answered: bool
    asked_for: bool
    sent_today: int


@dataclass(frozen=True)
class Send:
    """Send it."""


@dataclass(frozen=True)
class Skip:
    """Do not send it, and store why."""

    reason: SkipReason


Decision = Send | Skip


def decide(circumstances: Circumstances, policies: Policies) -> Decision:
    """The first reason against it counts; too late is a skip, never a late surprise."""
    refusals = (
        (circumstances.deceased, SkipReason.DECEASED),
        (not circumstances.patient_active, SkipReason.PATIENT_INACTIVE),
        (not circumstances.still_current, SkipReason.RECORD_CHANGED),
        (circumstances.in_hospital, SkipReason.IN_HOSPITAL),
        (circumstances.already_answered, SkipReason.ALREADY_ANSWERED),
        (circumstances.opted_out, SkipReason.OPTED_OUT),
        (not circumstances.reachable, SkipReason.NOT_ADDRESSABLE),
        (_is_past(circumstances), SkipReason.TOO_LATE),
        (not circumstances.asked_for and _is_quiet(circumstances, policies), SkipReason.QUIET_HOURS),
        (not circumstances.asked_for and circumstances.sent_today >= policies.daily_cap, SkipReason.DAILY_CAP),
    )
    return next((Skip(reason) for applies, reason in refusals if applies), Send())


def _is_past(circumstances: Circumstances) -> bool:
    return circumstances.expires_at is not None and circumstances.now >= circumstances.expires_at


def _is_quiet(circumstances: Circumstances, policies: Policies) -> bool:
    return policies.quiet_hours.hold(circumstances.now, circumstances.time_zone)
