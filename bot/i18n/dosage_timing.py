"""FHIR R4 Timing.repeat as the pieces of a phrase: how often, on which days, at which times, for how long."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from bot.domain.errors import NorthstarError
from bot.i18n import dosage_words as words
from bot.i18n.formats import Formats
from bot.i18n.messages import Message

_REPEAT = "id boundsDuration frequency period periodMax periodUnit dayOfWeek timeOfDay when offset"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class UnknownShape(NorthstarError):
    """A dosage holds something that the renderer does not know."""


def fields(value: Any, known: str) -> Mapping[str, Any]:
    """The object, if every key of it is in the space-separated list. Raises UnknownShape."""
    if not isinstance(value, Mapping) or not set(value) <= set(known.split()):
        raise UnknownShape
    return value


def describe_timing(repeat: Any, formats: Formats) -> list[str]:
    """The pieces in the order in which they are said. Raises UnknownShape."""
    found = fields(repeat, _REPEAT)
    if found.get("timeOfDay") and found.get("when"):
        raise UnknownShape
    return [
        *_how_often(found, formats),
        *_days(found.get("dayOfWeek", []), formats),
        *_times(found.get("timeOfDay", []), formats),
        *_events(found, formats),
        *_lasting(found.get("boundsDuration"), formats),
    ]


def _how_often(repeat: Mapping[str, Any], formats: Formats) -> list[str]:
    if not {"frequency", "period", "periodUnit"} & set(repeat):
        return []
    frequency, period = _whole(repeat.get("frequency", 1)), _whole(repeat.get("period"))
    unit = str(repeat.get("periodUnit"))
    _check_agreement(repeat, frequency, period, unit)
    if "periodMax" in repeat:
        return [_every_few_hours(frequency, period, _whole(repeat["periodMax"]), unit, formats)]
    if (frequency, period, unit) == (1, 1, "d") and repeat.get("dayOfWeek"):
        return []  # "once a day, every Monday" would be heard as every day
    if frequency == 1 and period == 1 and unit in words.ONCE_EACH:
        return [_said(words.ONCE_EACH, unit, 1, formats)]
    if frequency == 1:
        return [_said(words.EVERY, unit, period, formats)]
    if period == 1:
        return [_said(words.TIMES_EACH, unit, frequency, formats)]
    raise UnknownShape


def _every_few_hours(frequency: int, low: int, high: int, unit: str, formats: Formats) -> str:
    if frequency != 1 or unit != "h" or low >= high:
        raise UnknownShape
    text = formats.catalogs.text(words.EVERY_FEW_HOURS, formats.language)
    return text.format(low=formats.number(low), high=formats.number(high))


def _check_agreement(repeat: Mapping[str, Any], frequency: int, period: int, unit: str) -> None:
    """Named times have to be as many as the frequency says; beside hours they mean nothing."""
    named = _list(repeat.get("timeOfDay", [])) or _list(repeat.get("when", []))
    if not named or set(named) <= words.ANY_MEAL:
        return
    daily = (period, unit) == (1, "d")
    weekly = unit == "wk" and bool(repeat.get("dayOfWeek")) and len(named) == 1
    every_few_days = frequency == 1 and unit in {"d", "wk", "mo"} and len(named) == 1
    if not ((daily and len(named) == frequency) or weekly or every_few_days):
        raise UnknownShape


def _said(table: Mapping[str, Message], unit: str, count: int, formats: Formats) -> str:
    if unit not in table:
        raise UnknownShape
    text = formats.catalogs.text(table[unit], formats.language, count)
    return text.format(count=formats.number(count))


def _days(codes: Any, formats: Formats) -> list[str]:
    if not _list(codes):
        return []
    if not set(codes) <= set(_DAYS):
        raise UnknownShape
    names = [formats.weekday(number) for number, code in enumerate(_DAYS) if code in codes]
    return [formats.catalogs.text(words.ON_DAYS, formats.language).format(days=formats.all_of(names))]


def _times(values: Any, formats: Formats) -> list[str]:
    if not _list(values):
        return []
    try:
        times = sorted(time.fromisoformat(value) for value in values)
    except (TypeError, ValueError) as error:
        raise UnknownShape from error
    return [formats.all_of([_at(wall_local, formats) for wall_local in times])]


def _at(wall_local: time, formats: Formats) -> str:
    text = formats.catalogs.text(words.AT_TIME, formats.language, formats.shown_hour(wall_local))
    return text.format(time=formats.wall_time(wall_local))


def _events(repeat: Mapping[str, Any], formats: Formats) -> list[str]:
    codes, offset = _list(repeat.get("when", [])), repeat.get("offset")
    if any(code not in words.WHEN for code in codes):
        raise UnknownShape
    events = [formats.catalogs.text(words.WHEN[code], formats.language) for code in codes]
    if offset is not None:
        # Only before and after a meal does FHIR's offset say in which direction it counts.
        if not codes or not all(code.startswith(("AC", "PC")) for code in codes):
            raise UnknownShape
        minutes = _whole(offset)
        template = formats.catalogs.text(words.OFFSET, formats.language, minutes)
        events = [template.format(count=formats.number(minutes), when=event) for event in events]
    return [formats.all_of(events)] if events else []


def _lasting(duration: Any, formats: Formats) -> list[str]:
    if duration is None:
        return []
    found = fields(duration, "id value unit code system")
    unit = str(found.get("code", found.get("unit")))
    return [_said(words.LASTING, words.TIME_UNITS.get(unit, unit), _whole(found.get("value")), formats)]


def _list(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UnknownShape
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 1:
        raise UnknownShape
    return int(value)
