"""Reads `policies.yml`. Raises ContentInvalid with the key that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.care.dose_times import ClockTimes
from bot.domain.errors import ContentInvalid
from bot.yaml_file import read_yaml

DEFAULT = Path(__file__).parent / "policies.yml"


@dataclass(frozen=True, kw_only=True)
class AppointmentReminder:
    """`at_local` on the day that is `days_before` the visit, in the patient's zone."""

    name: str
    days_before: int
    at_local: time
    too_late_after: timedelta


@dataclass(frozen=True, kw_only=True)
class Policies:
    """`quiet_from_local` to `quiet_to_local` crosses midnight."""

    quiet_from_local: time
    quiet_to_local: time
    appointment: tuple[AppointmentReminder, ...]
    dose_too_late_after: timedelta
    expand_ahead: timedelta
    clock_times: ClockTimes


def load_policies(path: Path = DEFAULT) -> Policies:
    try:
        return _policies(read_yaml(path))
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise ContentInvalid(f"{path}: {type(error).__name__}: {error}") from error


def _policies(document: Mapping[str, Any]) -> Policies:
    clock_times = document["clock_times"]
    return Policies(
        quiet_from_local=_wall(document["quiet_hours"]["from"]),
        quiet_to_local=_wall(document["quiet_hours"]["to"]),
        appointment=tuple(
            AppointmentReminder(
                name=str(entry["name"]),
                days_before=int(entry["days_before"]),
                at_local=_wall(entry["at"]),
                too_late_after=timedelta(minutes=entry["too_late_after_minutes"]),
            )
            for entry in document["appointment"]
        ),
        dose_too_late_after=timedelta(minutes=document["dose"]["too_late_after_minutes"]),
        expand_ahead=timedelta(hours=document["dose"]["expand_hours_ahead"]),
        clock_times=ClockTimes(
            when={code: _wall(text) for code, text in clock_times["when"].items()},
            daily={count: tuple(map(_wall, texts)) for count, texts in clock_times["daily"].items()},
        ),
    )


def _wall(text: object) -> time:
    if not isinstance(text, str):
        raise ValueError(f"put quotes around the time {text!r}")  # YAML reads 21:00 as a number
    return time.fromisoformat(text)
