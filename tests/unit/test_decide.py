"""Whether a reminder goes out: pure, and the first reason against it counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.enums import SkipReason
from bot.reminders.decide import Circumstances, Send, Skip, decide
from bot.reminders.policy_file import load_policies

POLICIES = load_policies()
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
GOOD = Circumstances(
    now=NOW,
    expires_at=NOW + timedelta(minutes=1),
    time_zone="America/New_York",
    patient_active=True,
    deceased=False,
    in_hospital=False,
    reachable=True,
    opted_out=False,
    still_current=True,
    already_answered=False,
    asked_for=False,
    sent_today=0,
)


def test_nothing_against_it_means_send() -> None:
    assert decide(GOOD, POLICIES) == Send()
    assert decide(replace(GOOD, expires_at=None), POLICIES) == Send()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"patient_active": False}, SkipReason.PATIENT_INACTIVE),
        ({"deceased": True, "patient_active": False}, SkipReason.DECEASED),
        ({"in_hospital": True}, SkipReason.IN_HOSPITAL),
        ({"still_current": False}, SkipReason.RECORD_CHANGED),
        ({"already_answered": True}, SkipReason.ALREADY_ANSWERED),
        ({"opted_out": True}, SkipReason.OPTED_OUT),
        ({"reachable": False}, SkipReason.NOT_ADDRESSABLE),
        ({"expires_at": NOW}, SkipReason.TOO_LATE),
        ({"sent_today": 12}, SkipReason.DAILY_CAP),
        ({"patient_active": False, "opted_out": True}, SkipReason.PATIENT_INACTIVE),
    ],
)
def test_each_reason_against_it_is_named(change: dict[str, Any], reason: SkipReason) -> None:
    assert decide(replace(GOOD, **change), POLICIES) == Skip(reason)


@pytest.mark.parametrize(
    ("hour_utc", "time_zone", "quiet"),
    [
        (1, "America/New_York", False),  # 20:00
        (2, "America/New_York", True),  # 21:00
        (12, "America/New_York", True),  # 07:00
        (13, "America/New_York", False),  # 08:00
        (15, "America/Los_Angeles", True),  # 07:00
        (15, "Asia/Kolkata", False),  # 20:30
        (16, "Asia/Kolkata", True),  # 21:30
    ],
)
def test_quiet_hours_are_the_persons_own(hour_utc: int, time_zone: str, quiet: bool) -> None:
    now = NOW.replace(hour=hour_utc)
    decision = decide(replace(GOOD, now=now, expires_at=None, time_zone=time_zone), POLICIES)
    assert decision == (Skip(SkipReason.QUIET_HOURS) if quiet else Send())


def test_a_reminder_that_the_person_asked_for_comes_in_quiet_hours_too() -> None:
    late = replace(GOOD, now=datetime(2026, 11, 24, 2, 15, tzinfo=UTC), expires_at=None)
    assert decide(late, POLICIES) == Skip(SkipReason.QUIET_HOURS)
    assert decide(replace(late, asked_for=True), POLICIES) == Send()
    assert decide(replace(GOOD, sent_today=12, asked_for=True), POLICIES) == Send()
