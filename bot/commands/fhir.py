"""`northstar import fhir` and `northstar sync fhir`: records of other systems into ours, with a report of everything
that was not taken, and what came of it back to them; and `northstar export patient`."""

import fcntl
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console

from bot.bootstrap import make_export, make_import, make_sync, open_database, reach_server
from bot.commands.reports import print_counts, print_line, print_reasons, show_progress, write_report
from bot.domain.errors import NorthstarError
from bot.fhir.report import Remark, Report
from bot.fhir.sources import find_sources
from bot.settings import Settings

# Of each reason so many resources are named on the screen.
NAMED = 3


class SyncRunning(NorthstarError):
    """Another sync of this deployment is running. Wait until it has ended."""


def import_fhir(
    settings: Settings, console: Console, paths: Sequence[Path], *, origin: str, dose_reminders: bool, file: Path | None
) -> bool:
    """Import and report. False when something was rejected. Raises ImportRefused when nothing could be written."""
    sources = find_sources(paths)
    with closing(open_database(settings)) as database, show_progress(console) as say:
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
            with show_progress(console) as say:
                pull, back = make_sync(settings, database, server, report, dose_reminders=dose_reminders, say=say)
                pull.run(everything=everything)
                if write_back:
                    back.run()
        finally:
            _tell(console, report, file)
    return report.is_clean


def export_patient(settings: Settings, console: Console, asked: str, output: Path) -> None:
    """One person's whole file, into a new folder. Raises ExportRefused when nothing was written."""
    with closing(open_database(settings)) as database:
        folder = make_export(settings, database).run(asked, output)
    print_line(console, f"Written to {folder}. It holds everything about this person: hand it over, then delete it.")


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
    print_counts(console, report)
    for (kind, how), count in sorted(report.written.items()):
        print_line(console, f"written back: {count} {kind} {how}")
    print_reasons(console, sorted(map(_told, report.remarks), key=_rejected_first), named=NAMED)
    write_report(file, report.remarks)


def _told(remark: Remark) -> tuple[str, str]:
    path = re.sub(r"\[\d+\]", "", remark.path)
    what = "rejected" if remark.rejected else "in part"
    return f"{what}: {path} {remark.reason}", f"{remark.resource} in {remark.source}, {remark.place}"


def _rejected_first(told: tuple[str, str]) -> tuple[bool, str]:
    return not told[0].startswith("rejected"), told[0]
