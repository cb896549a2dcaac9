"""Whatever is prescribed, the reply holds every number of it and no other, in every language; and each part counts.

Read independently of the renderer: by the numerals in the reply, and by changing one part of the prescription.
"""

import re
from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n.catalogs import Catalogs
from bot.i18n.dosage import describe_dosage
from bot.i18n.formats import Formats

CATALOGS = Catalogs.load()
LANGUAGES = {code: Formats(CATALOGS, code) for code in CATALOGS.languages}
WRITTEN = "as we discussed"
# Languages may write one and two as words, and a half; from three on a numeral is expected.
SAID_AS_WORDS = {Decimal(1), Decimal(2), Decimal("0.5")}

COUNTED = ("tablet", "capsule", "puff", "unit", "drop", "patch", "spray")
MEASURES = ("mL", "mg", "mcg", "g")
MEALS = ("ACM", "ACD", "ACV", "PCM", "PCD", "PCV")
EVENTS = ("MORN", "NOON", "AFT", "EVE", "NIGHT", "HS", "WAKE", "CM", "CD", "CV", *MEALS)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Spec = dict[str, Any]


@st.composite
def amounts(draw: st.DrawFn) -> tuple[str, float | int]:
    unit = draw(st.sampled_from((*COUNTED, *MEASURES)))
    if unit in MEASURES:
        digits = draw(st.integers(1, 20_000_000))
        return unit, float(Decimal(digits) / 10 ** draw(st.integers(0, 4)))
    return unit, draw(st.integers(1, 60))


def rhythms() -> st.SearchStrategy[tuple[int, int, int | None, str]]:
    """Frequency, period, periodMax and periodUnit."""
    often = st.tuples(st.integers(1, 6), st.just(1), st.none(), st.sampled_from(("d", "wk", "mo")))
    seldom = st.tuples(st.just(1), st.integers(2, 12), st.none(), st.sampled_from(("h", "d", "wk", "mo")))
    between = st.integers(2, 8).flatmap(
        lambda low: st.tuples(st.just(1), st.just(low), st.integers(low + 1, 12), st.just("h"))
    )
    return often | seldom | between


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """A prescription of shapes that the renderer knows."""
    frequency, period, period_max, unit = draw(rhythms())
    spec: Spec = {"amount": draw(amounts()), "rhythm": (frequency, period, period_max, unit)}
    if (period, unit) == (1, "d"):
        times = st.lists(st.times().map(_minute), min_size=frequency, max_size=frequency, unique=True).map(sorted)
        events = st.lists(st.sampled_from(EVENTS), min_size=frequency, max_size=frequency, unique=True)
        spec["times"] = draw(st.none() | times)
        spec["when"] = None if spec["times"] else draw(st.none() | events)
        if spec["when"] and set(spec["when"]) <= set(MEALS):
            spec["offset"] = draw(st.none() | st.integers(3, 120))
    if (frequency, period, unit) == (1, 1, "wk"):
        spec["days"] = draw(
            st.none() | st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True).map(sorted)
        )
    spec["lasting"] = draw(st.none() | st.tuples(st.integers(1, 30), st.sampled_from(("d", "wk", "mo"))))
    spec["as_needed"] = draw(st.booleans())
    spec["at_most"] = draw(st.none() | st.integers(1, 40))
    return spec


def _minute(at: time) -> str:
    return at.replace(second=0, microsecond=0).isoformat()


def dosage(spec: Spec) -> dict[str, Any]:
    unit, value = spec["amount"]
    frequency, period, period_max, period_unit = spec["rhythm"]
    repeat: dict[str, Any] = {"frequency": frequency, "period": period, "periodUnit": period_unit}
    if period_max is not None:
        repeat["periodMax"] = period_max
    for name, key in (("times", "timeOfDay"), ("when", "when"), ("offset", "offset"), ("days", "dayOfWeek")):
        if spec.get(name):
            repeat[key] = spec[name]
    if spec["lasting"]:
        repeat["boundsDuration"] = {"value": spec["lasting"][0], "code": spec["lasting"][1]}
    built = {
        "text": WRITTEN,
        "doseAndRate": [{"doseQuantity": {"value": value, "unit": unit}}],
        "timing": {"repeat": repeat},
        "asNeededBoolean": spec["as_needed"],
    }
    if spec["at_most"]:
        a_day = {"value": 1, "code": "d"}
        built["maxDosePerPeriod"] = {"numerator": {"value": spec["at_most"], "unit": unit}, "denominator": a_day}
    return built


def numbers_of(spec: Spec) -> set[Decimal]:
    """What the record says in numbers, but for the clock."""
    frequency, period, period_max, _ = spec["rhythm"]
    found = [spec["amount"][1], frequency, period, period_max, spec.get("offset"), spec["at_most"]]
    found += [spec["lasting"][0]] if spec["lasting"] else []
    return {Decimal(str(number)).normalize() for number in found if number}


def numerals_in(reply: str) -> tuple[set[Decimal], set[tuple[int, int]]]:
    """Numbers, and the times of day apart from them (as hours of twelve, since the marker is in words)."""
    clocks = re.findall(r"(\d{1,2}):(\d\d)", reply)
    rest = re.sub(r"\d{1,2}:\d\d", " ", reply)
    numbers = {Decimal(text.replace(",", ".")).normalize() for text in re.findall(r"\d+(?:[.,]\d+)?", rest)}
    return numbers, {(int(hour) % 12, int(minute)) for hour, minute in clocks}


@settings(max_examples=150, deadline=None)
@given(specs())
def test_the_reply_holds_every_number_of_the_record_and_no_other(spec: Spec) -> None:
    said = numbers_of(spec)
    allowed = said | ({Decimal(24)} if spec["at_most"] else set())
    clock = {(time.fromisoformat(text).hour % 12, time.fromisoformat(text).minute) for text in spec.get("times") or ()}
    for language, formats in LANGUAGES.items():
        reply = describe_dosage([dosage(spec)], formats, "en")
        assert WRITTEN not in reply, (language, spec)
        numbers, times = numerals_in(reply)
        assert numbers <= allowed, (language, reply)
        assert said - SAID_AS_WORDS <= numbers, (language, reply)
        assert times == clock, (language, reply)


@settings(max_examples=150, deadline=None)
@given(specs(), specs(), st.data())
def test_each_part_of_a_prescription_changes_the_reply(spec: Spec, other: Spec, data: st.DataObject) -> None:
    shared = ("amount", "lasting", "as_needed", "at_most")
    whole = ("rhythm", "times", "when", "offset", "days")  # these go together
    part = data.draw(st.sampled_from((*shared, "rhythm")))
    changed = {**spec, **{name: other.get(name) for name in (whole if part == "rhythm" else (part,))}}
    if {name: value for name, value in changed.items() if value} == {
        name: value for name, value in spec.items() if value
    }:
        return
    for language, formats in LANGUAGES.items():
        before, after = (describe_dosage([dosage(each)], formats, "en") for each in (spec, changed))
        assert before != after, (language, before)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "codes"),
    [("when", ("AC", "PC", "C", *EVENTS)), ("dayOfWeek", DAYS)],
)
def test_no_two_codes_are_said_alike(language: str, name: str, codes: tuple[str, ...]) -> None:
    said = [describe_dosage([{"timing": {"repeat": {name: [code]}}}], LANGUAGES[language], "en") for code in codes]
    assert len(set(said)) == len(codes), said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_units_are_said_alike(language: str) -> None:
    amounts = ({"doseQuantity": {"value": 5, "unit": unit}} for unit in (*COUNTED, *MEASURES))
    said = [describe_dosage([{"doseAndRate": [amount]}], LANGUAGES[language], "en") for amount in amounts]
    assert len(set(said)) == len(said), said


@settings(max_examples=60, deadline=None)
@given(specs(), st.sampled_from(("rateQuantity", "method", "site", "count", "duration", "modifierExtension")))
def test_what_is_not_known_is_never_left_out(spec: Spec, unknown: str) -> None:
    """One key that the renderer does not know, and the clinician's own words stand for the whole."""
    prescribed = dosage(spec)
    if unknown == "rateQuantity":
        prescribed["doseAndRate"][0][unknown] = {"value": 5, "unit": "mL/h"}
    elif unknown in {"count", "duration"}:
        prescribed["timing"]["repeat"][unknown] = 7
    else:
        prescribed[unknown] = {"text": "into the left arm"}
    for formats in LANGUAGES.values():
        assert describe_dosage([prescribed], formats, formats.language) == WRITTEN
