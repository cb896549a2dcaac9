"""`policies.yml` is read with every value checked, and a mistake is named."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.domain.errors import ContentInvalid
from bot.reminders.policies import DEFAULT, load_policies


def test_the_policies_that_ship_can_be_read() -> None:
    policies = load_policies()
    assert (policies.quiet_from_local, policies.quiet_to_local) == (time(21), time(8))
    assert policies.dose_too_late_after == timedelta(minutes=90)
    assert policies.expand_ahead == timedelta(hours=48)
    assert [(rule.name, rule.days_before, rule.at_local) for rule in policies.appointment] == [
        ("day-before", 1, time(10))
    ]
    assert set(policies.clock_times.daily) == {1, 2, 3, 4}
    assert all(len(times) == count for count, times in policies.clock_times.daily.items())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"21:00"', "21:00", "quotes around the time"),
        ('at: "10:00"', 'at: "25:00"', "hour must be in"),
        ("days_before: 1", "days_before: soon", "soon"),
        ("quiet_hours:", "silent_hours:", "quiet_hours"),
        ("dose:", "doses:", "dose"),
        ("appointment:", "appointment: [", "policies.yml"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "policies.yml"
    path.write_text(DEFAULT.read_text("utf-8").replace(old, new), "utf-8")
    with pytest.raises(ContentInvalid, match=says):
        load_policies(path)
