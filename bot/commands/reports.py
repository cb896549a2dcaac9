"""What an import shows on the screen and writes into its report."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.domain.errors import NorthstarError
from bot.fhir.report import Outcome, Report
from bot.fhir.survey import Progress as Say

COLUMNS = (
    (Outcome.NEW, "new"),
    (Outcome.UPDATED, "updated"),
    (Outcome.UNCHANGED, "unchanged"),
    (Outcome.PARTLY, "in part"),
    (Outcome.REJECTED, "rejected"),
    (Outcome.NOT_READ, "not read"),
)


class ReportLost(NorthstarError):
    """The file of the report cannot be written."""


@contextmanager
def show_progress(console: Console) -> Iterator[Say]:
    text = TextColumn("{task.description}")
    columns = (SpinnerColumn(), text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def say(what: str, done: int, total: int | None) -> None:
            progress.update(task, description=what, completed=done, total=total)

        yield say


def print_counts(console: Console, report: Report) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for title in ("resource", *(title for _, title in COLUMNS)):
        table.add_column(title, no_wrap=True, justify="left" if title == "resource" else "right")
    for kind in report.resource_types:
        table.add_row(kind, *(str(report.counts[kind, outcome] or "") for outcome, _ in COLUMNS))
    console.print(table)


def print_reasons(console: Console, remarks: Iterable[tuple[str, str]], *, named: int) -> None:
    """Each reason once, with so many of the places where it holds; all stand in the report's file."""
    places: dict[str, list[str]] = defaultdict(list)
    for reason, place in remarks:
        places[reason].append(place)
    for reason, each in places.items():
        print_line(console, reason)
        for place in each[:named]:
            print_line(console, f"    {place}")
        if len(each) > named:
            print_line(console, f"    and {len(each) - named} more")


def print_line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def write_report(file: Path | None, remarks: Iterable[Any]) -> None:
    """One JSON object a line, of dataclasses; nothing where no file was asked for. Raises ReportLost."""
    if file is None:
        return
    lines = (json.dumps(asdict(remark), ensure_ascii=False) + "\n" for remark in remarks)
    try:
        file.write_text("".join(lines), "utf-8")
    except OSError as error:
        raise ReportLost(f"{file} cannot be written to; what the import did stands above.") from error
