"""`northstar import fhir` and `northstar sync fhir`: records of other systems into ours, with a report of everything
that was not taken, and what came of it back to them; and `northstar export patient`."""

import fcntl
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.bootstrap import make_export, make_import, make_sync, open_database, reach_server
from bot.domain.errors import NorthstarError
from bot.fhir.report import Outcome, Remark, Report
from bot.fhir.sources import find_sources
from bot.fhir.survey import Progress as Say
from bot.settings import Settings

COLUMNS = (
    (Outcome.NEW, "new"),
    (Outcome.UPDATED, "updated"),
    (Outcome.UNCHANGED, "unchanged"),
    (Outcome.PARTLY, "in part"),
    (Outcome.REJECTED, "rejected"),
    (Outcome.NOT_READ, "not read"),
)
# Of each reason so many resources are named on the screen; all stand in the report's file.
NAMED = 3


class SyncRunning(NorthstarError):
    """Another sync of this deployment is running. Wait until it has ended."""


def import_fhir(
    settings: Settings, console: Console, paths: Sequence[Path], *, origin: str, dose_reminders: bool, file: Path | None
) -> bool:
    """Import and report. False when something was rejected. Raises ImportRefused when nothing could be written."""
    sources = find_sources(paths)
    with closing(open_database(settings)) as database, _progress(console) as say:
        report = make_import(settings, database, origin=origin, dose_reminders=dose_reminders, say=say).run(sources)
    _tell(console, report, file)
    return report.is_clean


def sync_fhir(
    settings: Settings,
    console: Console,
    address: str,
    *,
    everything: bool,
    write_back: bool,
    dose_reminders: bool,
    file: Path | None,
) -> bool:
    """Pull, write back and report, as far as it came. False when something was rejected or refused.

    Raises SettingInvalid, SyncRunning and ServerFailed.
    """
    with (
        reach_server(settings, address) as server,
        closing(open_database(settings)) as database,
        _alone(settings),
    ):
        report = Report()
        try:
            with _progress(console) as say:
                pull, back = make_sync(settings, database, server, report, dose_reminders=dose_reminders, say=say)
                pull.run(everything=everything)
                if write_back:
                    back.run()
        finally:
            _tell(console, report, file)
    return report.is_clean


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with (settings.data_dir / "fhir-sync.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SyncRunning from error
        yield


def _tell(console: Console, report: Report, file: Path | None) -> None:
    """On the screen, and every remark in the file."""
    _print(console, report)
    if file is not None:
        lines = (json.dumps(asdict(remark), ensure_ascii=False) + "\n" for remark in report.remarks)
        file.write_text("".join(lines), "utf-8")


def export_patient(settings: Settings, console: Console, asked: str, output: Path) -> None:
    """One person's whole file, into a new folder. Raises ExportRefused when nothing was written."""
    database = open_database(settings)
    try:
        folder = make_export(settings, database).run(asked, output)
    finally:
        database.close()
    _line(console, f"Written to {folder}. It holds everything about this person: hand it over, then delete it.")


@contextmanager
def _progress(console: Console) -> Iterator[Say]:
    text = TextColumn("{task.description}")
    columns = (SpinnerColumn(), text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)

        def say(what: str, done: int, total: int | None) -> None:
            progress.update(task, description=what, completed=done, total=total)

        yield say


def _print(console: Console, report: Report) -> None:
    table = Table()
    for title in ("resource", *(title for _, title in COLUMNS)):
        table.add_column(title, no_wrap=True, justify="left" if title == "resource" else "right")
    for kind in report.resource_types:
        table.add_row(kind, *(str(report.counts[kind, outcome] or "") for outcome, _ in COLUMNS))
    console.print(table)
    for (kind, how), count in sorted(report.written.items()):
        _line(console, f"written back: {count} {kind} {how}")
    reasons: dict[tuple[bool, str, str], list[Remark]] = defaultdict(list)
    for remark in report.remarks:
        path = re.sub(r"\[\d+\]", "", remark.path)
        reasons[remark.rejected, path, remark.reason].append(remark)
    for (rejected, path, reason), remarks in sorted(reasons.items(), reverse=True):
        what = "rejected" if rejected else "in part"
        _line(console, f"{what}: {path} {reason}")
        for remark in remarks[:NAMED]:
            _line(console, f"    {remark.resource} in {remark.source}, {remark.place}")
        if len(remarks) > NAMED:
            _line(console, f"    and {len(remarks) - NAMED} more")


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
