"""`northstar import csv`: the files of a clinic without FHIR into the record, all of them or nothing."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console

from bot.bootstrap import make_csv_import, open_database
from bot.commands.reports import print_counts, print_line, print_reasons, show_progress, write_report
from bot.fhir.csv.column_map import ColumnMap, load_column_map
from bot.fhir.csv.example import write_example
from bot.fhir.csv.faults import Fault
from bot.fhir.csv.fields import Kind
from bot.fhir.csv.importing import Refused, Taken
from bot.fhir.sources import ImportRefused
from bot.settings import Settings

# Of each reason so many rows are named on the screen.
NAMED = 10


def import_csv(
    settings: Settings,
    console: Console,
    files: Mapping[Kind, Path | None],
    column_map: Path | None,
    *,
    origin: str,
    dose_reminders: bool,
    only_check: bool,
    file: Path | None,
) -> bool:
    """Import and report; False when something is wrong in a row. Raises ContentInvalid for the map."""
    named = {kind: path for kind, path in files.items() if path is not None}
    if not named:
        raise ImportRefused("Name at least one file: --patients, --appointments or --medicines.")
    columns = ColumnMap() if column_map is None else load_column_map(column_map)
    database = open_database(settings)
    try:
        with show_progress(console) as say:
            run = make_csv_import(settings, database, origin=origin, dose_reminders=dose_reminders, say=say)
            outcome = run.run(named, columns, only_check=only_check)
    finally:
        database.close()
    match outcome:
        case Refused(faults):
            _print_faults(console, "wrong", faults)
            print_line(console, "Nothing was imported. Mend these and import the files again.")
            told = faults
        case Taken(_, remarks, rejected):
            _print_taken(console, outcome, only_check=only_check)
            told = (*rejected, *remarks)
    write_report(file, told)
    return isinstance(outcome, Taken) and not outcome.rejected


def write_csv_example(console: Console, folder: Path) -> None:
    """Raises ImportRefused rather than write over a file."""
    for path in write_example(folder):
        print_line(console, f"made {path}")


def _print_taken(console: Console, taken: Taken, *, only_check: bool) -> None:
    print_counts(console, taken.report)
    _print_faults(console, "in part", taken.remarks)
    if taken.rejected:
        _print_faults(console, "rejected", taken.rejected)
        print_line(console, "The record was changed by others meanwhile. Import the same files again.")
    if only_check:
        print_line(console, "Nothing is wrong. Nothing was imported: this was a check.")


def _print_faults(console: Console, what: str, faults: Iterable[Fault]) -> None:
    print_reasons(console, ((f"{what}: {each.what}", each.place) for each in faults), named=NAMED)
