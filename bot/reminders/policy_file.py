"""Reads `policies.yml` and a clinic's own file over it. Raises ContentInvalid with file, line and what is wrong."""

from collections.abc import Mapping
from datetime import time, timedelta
from itertools import pairwise
from pathlib import Path

from bot.care.dose_times import ClockTimes
from bot.care.drug_names import known_names
from bot.care.text import fold
from bot.marked_yaml import Entry, read_marked
from bot.reminders.policies import (
    DosePolicy,
    Policies,
    QuietHours,
    Step,
    StepName,
    VisitPolicy,
    VisitReminder,
)

DEFAULT = Path(__file__).parent / "policies.yml"
KEYS = ("quiet_hours", "daily_cap", "appointment", "dose", "expand_ahead", "clock_times")
LONGEST_WAIT = timedelta(days=1)
# Later than this after its hour, a dose must not be asked for: it would run into the next.
LONGEST_TOO_LATE = timedelta(hours=6)


def load_policies(clinic: Path | None = None, default: Path = DEFAULT) -> Policies:
    """The product's policies with the clinic's own laid over them."""
    entries = dict(read_marked(default).mapping(*KEYS))
    theirs = {} if clinic is None else dict(read_marked(clinic).mapping(*KEYS))
    single = {**entries, **theirs}
    return Policies(
        quiet_hours=_quiet_hours(single["quiet_hours"]),
        daily_cap=single["daily_cap"].whole(1, 100),
        visits=_visits(entries["appointment"], theirs.get("appointment")),
        doses=_doses(entries["dose"], theirs.get("dose")),
        expand_ahead=single["expand_ahead"].span(least=timedelta(days=1), most=timedelta(days=14)),
        clock_times=_clock_times(entries["clock_times"], theirs.get("clock_times")),
    )


def _quiet_hours(entry: Entry) -> QuietHours:
    found = _needing(entry, ("from", "to"))
    return QuietHours(from_local=found["from"].wall(), to_local=found["to"].wall())


def _visits(ours: Entry, theirs: Entry | None) -> tuple[VisitPolicy, ...]:
    kinds = {policy.kind: policy for policy in map(_visit, theirs.items() if theirs else ())}
    kinds |= {policy.kind: policy for policy in map(_visit, ours.items()) if policy.kind not in kinds}
    policies = tuple(sorted(kinds.values(), key=_fits_every_visit))
    if not any(map(_fits_every_visit, policies)):
        ours.wrong("the last kind of visit must fit every visit: leave its `when` out")
    return policies


def _fits_every_visit(policy: VisitPolicy) -> bool:
    return policy.video is None and policy.series is None and not policy.words


def _visit(entry: Entry) -> VisitPolicy:
    found = _needing(entry, ("kind", "reminders"), ("when", "jitter"))
    when = found["when"].mapping("video", "series", "words") if "when" in found else {}
    reminders = tuple(map(_reminder, found["reminders"].items()))
    if len({reminder.name for reminder in reminders}) < len(reminders):
        found["reminders"].wrong("two reminders have the same name")
    return VisitPolicy(
        kind=found["kind"].text(),
        video=when["video"].truth() if "video" in when else None,
        series=when["series"].truth() if "series" in when else None,
        words=tuple(fold(word.text()) for word in when["words"].items()) if "words" in when else (),
        jitter=_jitter(found),
        reminders=reminders,
    )


def _reminder(entry: Entry) -> VisitReminder:
    found = _needing(entry, ("name", "days_before", "at", "too_late_after"))
    return VisitReminder(
        name=found["name"].text(),
        days_before=found["days_before"].whole(0, 60),
        at_local=found["at"].wall(),
        too_late_after=found["too_late_after"].span(least=timedelta(minutes=10), most=timedelta(days=2)),
    )


def _doses(ours: Entry, theirs: Entry | None) -> tuple[DosePolicy, ...]:
    kinds = {policy.kind: policy for policy in map(_dose, theirs.items() if theirs else ())}
    kinds |= {policy.kind: policy for policy in map(_dose, ours.items()) if policy.kind not in kinds}
    policies = tuple(sorted(kinds.values(), key=lambda policy: not policy.medicines))
    if policies[-1].medicines:
        ours.wrong("the last kind of dose must fit every medicine: leave its `medicines` out")
    return policies


def _dose(entry: Entry) -> DosePolicy:
    found = _needing(entry, ("kind", "too_late_after", "answer_lasts", "ladder"), ("medicines", "jitter"))
    medicines = tuple(map(_medicine, found["medicines"].items())) if "medicines" in found else ()
    policy = DosePolicy(
        kind=found["kind"].text(),
        medicines=medicines,
        jitter=_jitter(found),
        too_late_after=found["too_late_after"].span(least=timedelta(minutes=10), most=LONGEST_TOO_LATE),
        answer_lasts=found["answer_lasts"].span(least=timedelta(hours=1), most=timedelta(days=1)),
        ladder=tuple(map(_step, found["ladder"].items())),
    )
    order = list(StepName)
    if any(order.index(one.name) >= order.index(next_one.name) for one, next_one in pairwise(policy.ladder)):
        found["ladder"].wrong(f"each step stands once, in the order {', '.join(order)}")
    if sum((step.after for step in policy.ladder), timedelta()) > policy.answer_lasts:
        found["ladder"].wrong("the steps together take longer than answer_lasts")
    return policy


def _medicine(entry: Entry) -> str:
    name = entry.text().lower()
    if name not in known_names():
        entry.wrong(f"{name} is no drug or family of bot/care/drug_names.yml; write its name as it stands there")
    return name


def _step(entry: Entry) -> Step:
    found = _needing(entry, ("step", "after"), ("missed_in_a_row", "at_most_every"))
    name = found["step"].text()
    if name not in list(StepName):
        found["step"].wrong(f"{name} is no step; known are {', '.join(StepName)}")
    if name != StepName.COORDINATOR and len(found) > 2:
        entry.wrong("missed_in_a_row and at_most_every belong to the coordinator's step")
    return Step(
        name=StepName(name),
        after=found["after"].span(least=timedelta(minutes=5), most=LONGEST_WAIT),
        missed_in_a_row=found["missed_in_a_row"].whole(1, 100) if "missed_in_a_row" in found else 1,
        at_most_every=found["at_most_every"].span() if "at_most_every" in found else timedelta(),
    )


def _jitter(found: Mapping[str, Entry]) -> timedelta:
    return found["jitter"].span(most=timedelta(hours=1)) if "jitter" in found else timedelta()


def _clock_times(ours: Entry, theirs: Entry | None) -> ClockTimes:
    when: dict[str, time] = {}
    daily: dict[int, tuple[time, ...]] = {}
    for entry in (ours, theirs):
        if entry is None:
            continue
        found = entry.mapping("when", "daily")
        when |= {code: wall.wall() for code, wall in (found["when"].mapping() if "when" in found else {}).items()}
        for count, walls in (found["daily"].mapping() if "daily" in found else {}).items():
            times = tuple(wall.wall() for wall in walls.items())
            if count != str(len(times)):
                walls.wrong(f"{count} times a day needs as many times here, not {len(times)}")
            daily[len(times)] = times
    return ClockTimes(when=when, daily=daily)


def _needing(entry: Entry, needed: tuple[str, ...], allowed: tuple[str, ...] = ()) -> Mapping[str, Entry]:
    found = entry.mapping(*needed, *allowed)
    missing = [name for name in needed if name not in found]
    if missing:
        entry.wrong(f"{', '.join(missing)} is missing here")
    return found
