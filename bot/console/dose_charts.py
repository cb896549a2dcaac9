"""A small chart for each medicine on the patient's panel: one cell for each of the last days, by what was reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.care.adherence import MedicineAdherence, read_adherence
from bot.care.days_covered import DAYS, LEAST_KNOWN_DAYS, THRESHOLD, Day, DaysCovered, DayState
from bot.records import Patient

COLUMNS = 15
PITCH = 20  # SVG units from cell to cell
MEANINGS = {
    DayState.TAKEN: "taken",
    DayState.PARTLY: "partly",
    DayState.SKIPPED: "skipped",
    DayState.UNKNOWN: "no answer",
    DayState.WAITING: "answer may come",
    DayState.NOTHING: "nothing asked",
}
REMINDERS_OFF = "Dose reminders are off, so no dose was asked about."


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One day: where it stands, in SVG units, how it looks, and what it says when pointed at."""

    x: int
    y: int
    state: str
    title: str


@dataclass(frozen=True, kw_only=True)
class DoseChart:
    """`text` says in words what the cells show. `colour` is the tag's."""

    name: str
    cells: Sequence[Cell]
    text: str
    note: str
    tag: str
    colour: str


@dataclass(frozen=True, kw_only=True)
class DoseCharts:
    """`since` is the first day. `legend` explains the states that occur; `empty` stands in for charts that are none."""

    charts: Sequence[DoseChart] = ()
    days: int = DAYS
    since: str = ""
    legend: Sequence[tuple[str, str]] = ()
    empty: str = ""
    width: int = COLUMNS * PITCH
    height: int = -(-DAYS // COLUMNS) * PITCH


NO_CHARTS = DoseCharts()


def read_charts(session: Session, patient: Patient, now: datetime) -> DoseCharts:
    """Of every medicine of which a dose was due, over the last 30 of the patient's days."""
    found = read_adherence(session, patient.id, now)
    if not found:
        return DoseCharts(empty="No dose was asked about." if patient.dose_reminders else REMINDERS_OFF)
    shown = {day.state for each in found for day in each.reported.days}
    return DoseCharts(
        charts=[_chart(each) for each in found],
        since=_day(found[0].reported.days[0]),
        legend=[(state.value, meaning) for state, meaning in MEANINGS.items() if state in shown],
    )


def _chart(found: MedicineAdherence) -> DoseChart:
    days, covered = found.reported.days, found.reported.days_covered
    tag, colour = _proportion(covered)
    return DoseChart(
        name=found.medicine.name,
        cells=[_cell(number, day) for number, day in enumerate(days)],
        text=f"{found.medicine.name}, last {len(days)} days: {_states(days)}. {_words(covered)}",
        note=_doses(found),
        tag=tag,
        colour=colour,
    )


def _cell(number: int, day: Day) -> Cell:
    row, column = divmod(number, COLUMNS)
    return Cell(x=column * PITCH, y=row * PITCH, state=day.state.value, title=f"{_day(day)}: {MEANINGS[day.state]}")


def _day(day: Day) -> str:
    return f"{day.day:%a} {day.day.day} {day.day:%b}"


def _states(days: Sequence[Day]) -> str:
    """As "taken on 24, partly on 3, no answer on 3"."""
    states = [day.state for day in days]
    return ", ".join(f"{meaning} on {states.count(state)}" for state, meaning in MEANINGS.items() if state in states)


def _percent(covered: DaysCovered) -> int:
    """Whole percents, rounded down: what is below the threshold must not look as if it reached it."""
    return covered.covered * 100 // covered.known


def _proportion(covered: DaysCovered) -> tuple[str, str]:
    if covered.ratio is None:
        return "PDC not known", ""
    return f"PDC {_percent(covered)} %", "good" if covered.reaches_threshold else "warn"


def _words(covered: DaysCovered) -> str:
    if covered.ratio is None:
        return f"PDC not known: {covered.known} of at least {LEAST_KNOWN_DAYS} known days."
    below = "" if covered.reaches_threshold else f", below the usual {THRESHOLD * 100:.0f}"
    return f"PDC {_percent(covered)} percent{below}: {covered.covered} of {covered.known} known days."


def _doses(found: MedicineAdherence) -> str:
    counts = found.reported.counts
    parts = [
        (counts.told, f"{counts.taken} of {counts.told} doses taken"),
        (counts.unknown, f"{counts.unknown} without an answer"),
        (counts.waiting, f"{counts.waiting} not answered yet"),
    ]
    return ", ".join(words for number, words in parts if number)
