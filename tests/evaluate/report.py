"""The run as one table and as build/evaluate.json."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.evaluate.figures import Better, Figure, IntentScore

ARROWS = {Better.LOWER: "↓", Better.HIGHER: "↑", Better.NEITHER: ""}
DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Report:
    """`sections` by title; `weakest` by language. Instants are UTC, `seconds` real time."""

    measured_at: datetime
    seconds: float
    model_inputs_sha256: str
    model_trained_at: datetime
    folds: Mapping[str, Any]
    sections: Mapping[str, Sequence[Figure]]
    weakest: Mapping[str, Sequence[IntentScore]]
    skipped: Sequence[str]


def write(report: Report, path: Path) -> None:
    """Figures by name, each with its unit, rows and, for a share, count and 95 % interval."""
    document = {
        "measured_at": report.measured_at.isoformat(timespec="seconds"),
        "duration_s": round(report.seconds, 1),
        "cores": os.cpu_count(),
        "load_average_1m": round(os.getloadavg()[0], 2),
        "model_inputs_sha256": report.model_inputs_sha256,
        "model_trained_at": report.model_trained_at.isoformat(timespec="seconds"),
        "cross_validation": dict(report.folds),
        "figures": {figure.name: _entry(figure) for own in report.sections.values() for figure in own},
        "weakest_intents": {
            language: [{**asdict(score), "f1": round(score.f1, DIGITS)} for score in scores]
            for language, scores in report.weakest.items()
        },
        "skipped": list(report.skipped),
    }
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


def show(report: Report, console: Console) -> None:
    """One table; an arrow says which way a figure should go."""
    table = Table(title=f"{os.cpu_count()} cores, {report.seconds:.0f} s, {report.measured_at:%Y-%m-%d %H:%M} UTC")
    table.add_column("figure", overflow="fold")
    table.add_column("", justify="center")
    table.add_column("value", justify="right")
    table.add_column("95 %", justify="right")
    table.add_column("rows", justify="right")
    for title, figures in report.sections.items():
        table.add_section()
        table.add_row(f"[bold]{title}[/bold]")
        for figure in figures:
            table.add_row(figure.name, ARROWS[figure.better], _value(figure), _interval(figure), _rows(figure))
    for language, scores in report.weakest.items():
        table.add_section()
        table.add_row(f"[bold]weakest intents, {language}, F1 (mostly taken for)[/bold]")
        for score in scores:
            confused = f"{score.intent} ({score.mostly_taken_for})" if score.mostly_taken_for else score.intent
            table.add_row(confused, ARROWS[Better.HIGHER], f"{score.f1:.3f}", "", f"{score.rows:,}")
    console.print(table)
    for line in report.skipped:
        console.print(line, style="yellow", markup=False)


def _entry(figure: Figure) -> dict[str, Any]:
    entry: dict[str, Any] = {"unit": figure.unit, "value": round(figure.value, DIGITS), "rows": figure.rows}
    if figure.low is not None and figure.high is not None:
        entry |= {"count": figure.count, "low_95": round(figure.low, DIGITS), "high_95": round(figure.high, DIGITS)}
    return entry | {"better": figure.better.value}


def _value(figure: Figure) -> str:
    if figure.count is not None:
        return f"{figure.value:.1%}"
    return f"{figure.value:.3f}" if figure.unit == "f1" else f"{figure.value:,.0f} {figure.unit}"


def _interval(figure: Figure) -> str:
    return "" if figure.low is None or figure.high is None else f"{figure.low:.1%} – {figure.high:.1%}"


def _rows(figure: Figure) -> str:
    return f"{figure.rows:,}" if figure.count is None else f"{figure.count:,} of {figure.rows:,}"
