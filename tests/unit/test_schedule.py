"""When doses fall, as a property: the wall time is the truth, whatever the clocks do."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.care.dose_times import expand
from bot.domain.clock import zone
from bot.reminders.policy_file import load_policies

ZONES = ["America/New_York", "America/Los_Angeles", "America/Puerto_Rico", "Asia/Kolkata", "Europe/Lisbon"]
CLOCK_TIMES = load_policies().clock_times


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(ZONES),
    st.integers(4, 23),
    st.sampled_from([0, 15, 30, 45]),
)
def test_a_daily_dose_falls_once_on_each_local_day_at_its_wall_time(
    naive: datetime, time_zone: str, hour: int, minute: int
) -> None:
    after = naive.replace(tzinfo=UTC)
    repeat = {"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": [f"{hour:02}:{minute:02}:00"]}
    found = expand(
        [{"timing": {"repeat": repeat}}],
        time_zone=time_zone,
        after=after,
        until=after + timedelta(hours=48),
        starts_at=after - timedelta(days=30),
        clock_times=CLOCK_TIMES,
    )
    local = [at.astimezone(zone(time_zone)) for at in found]
    assert {(at.hour, at.minute) for at in local} <= {(hour, minute)}
    assert len({at.date() for at in local}) == len(local)
    assert 1 <= len(local) <= 3
    assert all(after < at <= after + timedelta(hours=48) for at in found)
