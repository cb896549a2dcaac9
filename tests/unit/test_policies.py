"""`policies.yml` and a clinic's own file over it are read with every value checked, and a mistake is named by line."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from bot.domain.errors import ContentInvalid
from bot.reminders.policies import Policies, QuietHours, StepName, jittered
from bot.reminders.policy_file import DEFAULT, load_policies

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def laid_over(folder: Path, text: str) -> Policies:
    path = folder / "clinic.yml"
    path.write_text(text, "utf-8")
    return load_policies(path)


def test_the_policies_that_ship_can_be_read() -> None:
    policies = load_policies()
    assert policies.quiet_hours == QuietHours(from_local=time(21), to_local=time(8))
    assert policies.daily_cap == 12
    assert policies.expand_ahead == timedelta(hours=48)
    (visit,) = policies.visits
    assert [(rule.name, rule.days_before, rule.at_local) for rule in visit.reminders] == [("day-before", 1, time(10))]
    assert [policy.kind for policy in policies.doses] == ["cannot-wait", "every-dose"]
    assert [(step.name, step.after) for step in policies.doses[1].ladder] == [
        (StepName.NUDGE, 45 * MINUTE),
        (StepName.CAREGIVER, 90 * MINUTE),
        (StepName.COORDINATOR, 4 * HOUR),
    ]
    assert all(policy.too_late_after == 90 * MINUTE for policy in policies.doses)
    assert set(policies.clock_times.daily) == {1, 2, 3, 4}
    assert all(len(times) == count for count, times in policies.clock_times.daily.items())


def test_a_clinic_changes_what_it_names_and_keeps_the_rest(tmp_path: Path) -> None:
    ours = load_policies()
    policies = laid_over(
        tmp_path,
        'quiet_hours: {from: 22:00, to: "07:30"}\nclock_times: {when: {HS: "22:00"}, daily: {2: [9:00, 21:00]}}',
    )
    assert policies.quiet_hours == QuietHours(from_local=time(22), to_local=time(7, 30))
    assert policies.clock_times.when == {**ours.clock_times.when, "HS": time(22)}
    assert policies.clock_times.daily == {**ours.clock_times.daily, 2: (time(9), time(21))}
    assert (policies.doses, policies.visits, policies.daily_cap) == (ours.doses, ours.visits, ours.daily_cap)


CLINIC = """
appointment:
  - kind: dialysis
    when: { series: yes, words: [dialysis, Diálisis] }
    reminders: []
  - kind: by-video
    when: { video: yes }
    reminders: [{ name: hour-before, days_before: 0, at: "08:30", too_late_after: 1h }]
dose:
  - kind: hearts
    medicines: [metoprolol, statin]
    too_late_after: 2h
    answer_lasts: 10h
    ladder: [{ step: nudge, after: 20m }]
  - kind: every-dose
    too_late_after: 1h
    answer_lasts: 8h
    ladder: []
"""


def test_a_clinics_kinds_come_before_ours_and_one_of_the_same_name_replaces_it(tmp_path: Path) -> None:
    policies = laid_over(tmp_path, CLINIC)
    assert [policy.kind for policy in policies.visits] == ["dialysis", "by-video", "every-visit"]
    assert [policy.kind for policy in policies.doses] == ["hearts", "cannot-wait", "every-dose"]
    assert policies.doses[-1].ladder == ()


@pytest.mark.parametrize(
    ("video", "series", "words", "kind"),
    [
        (False, True, {"dialisis"}, "dialysis"),
        (False, False, {"dialysis"}, "every-visit"),
        (True, True, {"dialysis"}, "dialysis"),
        (True, False, set(), "by-video"),
        (False, True, {"wound"}, "every-visit"),
    ],
)
def test_the_first_kind_of_visit_that_fits_counts(
    tmp_path: Path, video: bool, series: bool, words: set[str], kind: str
) -> None:
    assert laid_over(tmp_path, CLINIC).for_visit(video=video, series=series, words=words).kind == kind


@pytest.mark.parametrize(
    ("drugs", "kind"),
    [
        ([{"atorvastatin", "statin"}], "hearts"),
        ([{"metformin"}, {"warfarin"}], "cannot-wait"),
        ([{"warfarin"}, {"metoprolol tartrate", "metoprolol"}], "hearts"),
        ([{"metformin"}], "every-dose"),
        ([set()], "every-dose"),
    ],
)
def test_the_first_kind_of_dose_that_fits_any_of_the_medicines_counts(
    tmp_path: Path, drugs: list[set[str]], kind: str
) -> None:
    assert laid_over(tmp_path, CLINIC).for_doses(drugs).kind == kind


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("daily_cap: none", "clinic.yml:1: none is no whole number from 1 to 100"),
        ("quiet_hours: {from: late, to: 8:00}", 'clinic.yml:1: late is no time of the day; write it as "08:00"'),
        ("quiet_hours: {from: 21:00}", "clinic.yml:1: to is missing here"),
        ("quiet_hours: 21:00", "clinic.yml:1: write keys with values here, as key: value"),
        ("\nsilence: 21:00", "clinic.yml:2: silence means nothing here; known are quiet_hours, daily_cap"),
        ("daily_cap: 3\ndaily_cap: 4", "clinic.yml:2: daily_cap stands here twice"),
        ("expand_ahead: 90x", "clinic.yml:1: 90x is no length of time; write 90m, 2h30m or 7d"),
        ("expand_ahead: 40d", "clinic.yml:1: 40d is not from 1 day"),
        ("clock_times: {daily: {3: [8:00]}}", "clinic.yml:1: 3 times a day needs as many times here, not 1"),
        ("appointment: [", "clinic.yml:2: is no YAML"),
        ("", "clinic.yml:1: is empty"),
        (
            "dose:\n  - kind: mine\n    medicines: [asprin]",
            "clinic.yml:2: too_late_after, answer_lasts, ladder is missing",
        ),
    ],
)
def test_a_mistake_is_named_by_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ContentInvalid) as caught:
        laid_over(tmp_path, text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[metoprolol, statin]", "[metoprolol, statine]", ":11: statine is no drug or family"),
        ("step: nudge", "step: shout", ":14: shout is no step; known are nudge, caregiver, coordinator"),
        ("after: 20m }]", "after: 20m, at_most_every: 1d }]", ":14: missed_in_a_row and at_most_every belong to the"),
        (
            "after: 20m }]",
            "after: 20m }, { step: nudge, after: 20m }]",
            ":14: each step stands once, in the order nudge",
        ),
        ("after: 20m", "after: 11h", ":14: the steps together take longer than answer_lasts"),
        ("video: yes", "video: maybe", ":7: maybe is neither yes nor no"),
        ("too_late_after: 2h", "too_late_after: 9h", ":12: 9h is not from"),
    ],
)
def test_a_mistake_in_a_kind_is_named_by_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in CLINIC
    with pytest.raises(ContentInvalid) as caught:
        laid_over(tmp_path, CLINIC.replace(old, new, 1))
    assert says in str(caught.value)


def test_the_product_itself_has_a_kind_for_everything(tmp_path: Path) -> None:
    path = tmp_path / "policies.yml"
    path.write_text(
        DEFAULT.read_text("utf-8").replace("kind: every-visit", "kind: video\n    when: {video: yes}"), "utf-8"
    )
    with pytest.raises(ContentInvalid, match="must fit every visit"):
        load_policies(default=path)


@pytest.mark.parametrize(
    ("start", "end", "wall", "quiet"),
    [
        (time(21), time(8), time(21), True),
        (time(21), time(8), time(7, 59), True),
        (time(21), time(8), time(8), False),
        (time(13), time(15), time(14), True),
        (time(13), time(15), time(15), False),
        (time(8), time(8), time(8), False),
    ],
)
def test_quiet_hours_hold_on_the_persons_own_wall_clock(start: time, end: time, wall: time, quiet: bool) -> None:
    hours = QuietHours(from_local=start, to_local=end)
    tokyo = datetime.combine(datetime(2026, 11, 23), wall, tzinfo=UTC) - 9 * HOUR
    assert hours.hold(tokyo, "Asia/Tokyo") is quiet


def test_quiet_hours_end_the_next_morning_or_the_same() -> None:
    hours = QuietHours(from_local=time(21), to_local=time(8))
    late, early = datetime(2026, 11, 23, 22, tzinfo=UTC), datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert hours.end_after(late, "UTC") == hours.end_after(early, "UTC") == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_jitter_spreads_people_and_keeps_each_persons_minute() -> None:
    at, people = datetime(2026, 11, 23, 13, tzinfo=UTC), [UUID(int=number * 2**23) for number in range(512)]
    delays = [(jittered(at, 10 * MINUTE, person) - at) for person in people]
    assert delays == [(jittered(at + 24 * HOUR, 10 * MINUTE, person) - at - 24 * HOUR) for person in people]
    assert all(timedelta() <= delay < 10 * MINUTE for delay in delays)
    per_minute = [sum(delay // MINUTE == minute for delay in delays) for minute in range(10)]
    assert max(per_minute) - min(per_minute) <= 2
    assert jittered(at, timedelta(), people[9]) == at
