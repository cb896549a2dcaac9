"""How figures are shown and judged."""

import os
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

Limits = Mapping[str, tuple[float, float]]


def print_figures(console: Console, note: str, figures: Mapping[str, float], runs: Mapping[str, int]) -> None:
    table = Table(title=f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {note}")
    for column in ("figure", "value", "runs"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.2f}", str(runs[name]))
    console.print(table)


def judge(console: Console, figures: Mapping[str, float], limits: Limits) -> int:
    """The exit code: 1 when a limit is not kept. A figure that is missing is a KeyError, not a pass."""
    missed = [name for name, (low, high) in limits.items() if not low <= figures[name] <= high]
    for name in missed:
        console.print(f"{name} is outside of {limits[name]}", style="red", markup=False)
    return 1 if missed else 0
