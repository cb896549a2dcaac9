"""The `northstar` command line: thin commands with help, exit codes and messages instead of tracebacks."""

import io
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import OperationalError

from bot.commands.environment import settings_of_demo, settings_of_deployment
from bot.commands.logs import configure_logs
from bot.domain.errors import NorthstarError
from bot.settings import CHECKOUT

# Each command imports what it needs when it runs: `northstar --help` should not wait for a web server.

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="Northstar: patients text, the record answers."
)
nlu = typer.Typer(no_args_is_help=True, help="The model: train it, serve it.")
demo = typer.Typer(no_args_is_help=True, help="A small clinic to try on this machine.")
db = typer.Typer(no_args_is_help=True, help="The database.")
imports = typer.Typer(no_args_is_help=True, help="Records of other systems into ours.")
exports = typer.Typer(no_args_is_help=True, help="Records out of ours.")
syncs = typer.Typer(no_args_is_help=True, help="Records of a server into ours, and what came of them back to it.")
reminders = typer.Typer(no_args_is_help=True, help="What people are reminded of.")
app.add_typer(nlu, name="nlu")
app.add_typer(reminders, name="reminders")
app.add_typer(imports, name="import")
app.add_typer(exports, name="export")
app.add_typer(syncs, name="sync")
app.add_typer(demo, name="demo")
app.add_typer(db, name="db")

out = Console()
err = Console(stderr=True)

USER_ERROR = 1
TEMPORARY_ERROR = 75  # EX_TEMPFAIL of sysexits.h


@app.command()
def up() -> None:
    """Start everything on one machine: web app, worker, Rasa server."""
    from bot.commands import serve

    configure_logs()
    settings = settings_of_deployment()
    serve.serve_all(settings, out, lambda parts: out.print(f"Northstar is ready at {parts.settings.public_url}"))


@app.command()
def web() -> None:
    """Start the web app alone: webhooks, console, chat, actions."""
    from bot.commands import serve

    configure_logs()
    serve.serve_web(settings_of_deployment())


@app.command()
def worker() -> None:
    """Start a worker alone: inbox, timers, outbox. Any number may run on one database."""
    from bot.commands import serve

    configure_logs()
    serve.serve_worker(settings_of_deployment())


@nlu.command()
def train(force: Annotated[bool, typer.Option(help="Train although nothing has changed.")] = False) -> None:
    """Train the model when its inputs have changed."""
    from bot.dialogue.model import train as train_model

    settings = settings_of_deployment()
    if not train_model(CHECKOUT, settings.model_dir, lambda line: out.print(line, markup=False), force=force):
        out.print("The model is current.")


@nlu.command("serve")
def serve_nlu() -> None:
    """Start the Rasa server alone, on loopback."""
    from bot.commands import serve

    raise typer.Exit(serve.serve_rasa(settings_of_deployment()))


@app.command()
def chat(
    phone: Annotated[str, typer.Option(help="The phone to text from, for example +15550100104.")],
    file: Annotated[Path | None, typer.Option(help="A file of lines to send, one text each.")] = None,
) -> None:
    """Text as somebody's phone through the local carrier; lines may also be piped in."""
    from bot.commands.chat import chat as chat_by_phone

    configure_logs(quiet=True)
    chat_by_phone(settings_of_deployment(), out, phone, file)


@demo.command()
def seed() -> None:
    """Fill an empty database with the demo clinic."""
    from bot.commands.demo import seed_demo

    configure_logs(quiet=True)
    seed_demo(settings_of_demo(), out)


@demo.command("up")
def demo_up() -> None:
    """Train, seed and start the demo clinic; what `make demo` runs."""
    from bot.commands.demo import demo_up as start_demo

    configure_logs(quiet=True)
    start_demo(settings_of_demo(), out)


@app.command()
def check(
    release: Annotated[bool, typer.Option(help="Also ask who has reviewed each enabled language.")] = False,
) -> None:
    """Say what is missing in the content: languages, phrases, policies, settings. Exit code 1 when something is."""
    from bot.commands.check import check_content, check_release

    settings = settings_of_deployment()
    problems = [*check_content(settings), *(check_release(settings) if release else ())]
    for problem in problems:
        out.print(problem, markup=False, soft_wrap=True)
    out.print("Nothing is missing." if not problems else f"{len(problems)} to mend.")
    raise typer.Exit(USER_ERROR if problems else 0)


@app.command("add-language")
def add_language(code: Annotated[str, typer.Argument(help="A BCP 47 code, for example pt-BR.")]) -> None:
    """Scaffold a language: its texts, its catalogue and its line in the registry."""
    from bot.commands.languages import scaffold

    for path in scaffold(CHECKOUT, code):
        out.print(f"made {path}", markup=False)
    out.print("Fill these in; `northstar check` lists what is missing.")


@app.command()
def understand() -> None:
    """Read texts on standard input (lines or JSON objects), write what they mean, one JSON object a line."""
    from bot.commands.understand import understand as understand_texts

    configure_logs(quiet=True)
    # Bytes that are no UTF-8 are read as such a mark, as a phone would show them.
    texts = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    understand_texts(settings_of_deployment(), texts, sys.stdout)


@imports.command("fhir")
def import_fhir(
    paths: Annotated[list[Path], typer.Argument(help="FHIR R4 JSON or NDJSON files, folders or zips.")],
    origin: Annotated[str, typer.Option(help="The system whose ids these are, where there are several.")] = "files",
    dose_reminders: Annotated[bool, typer.Option(help="Remind new patients of their doses.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write every remark there, one JSON object a line.")] = None,
) -> None:
    """Import bundles and bulk exports. Exit code 1 when something was rejected; the rest is imported."""
    from bot.commands.fhir import import_fhir as import_files

    configure_logs(quiet=True)
    settings = settings_of_deployment()
    if not import_files(settings, out, paths, origin=origin, dose_reminders=dose_reminders, file=report):
        raise typer.Exit(USER_ERROR)


@imports.command("csv")
def import_csv(
    patients: Annotated[Path | None, typer.Option(help="A CSV file, one patient a row.")] = None,
    appointments: Annotated[Path | None, typer.Option(help="A CSV file, one visit a row.")] = None,
    medicines: Annotated[Path | None, typer.Option(help="A CSV file, one prescription a row.")] = None,
    column_map: Annotated[Path | None, typer.Option("--map", help="Which column is which of our fields.")] = None,
    origin: Annotated[str, typer.Option(help="The system whose ids these are, where there are several.")] = "csv",
    dose_reminders: Annotated[bool, typer.Option(help="Remind new patients of their doses.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write every remark there, one JSON object a line.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Prove the files and write nothing.")] = False,
    example: Annotated[Path | None, typer.Option(help="Write example files and a map into this folder.")] = None,
) -> None:
    """Import files of a clinic without FHIR: all or nothing. Exit code 1 when something is wrong in a row."""
    from bot.commands.csv import import_csv as import_files
    from bot.commands.csv import write_csv_example
    from bot.fhir.csv.fields import Kind

    configure_logs(quiet=True)
    if example is not None:
        write_csv_example(out, example)
        return
    files = {Kind.PATIENTS: patients, Kind.APPOINTMENTS: appointments, Kind.MEDICINES: medicines}
    taken = import_files(
        settings_of_deployment(),
        out,
        files,
        column_map,
        origin=origin,
        dose_reminders=dose_reminders,
        only_check=check,
        file=report,
    )
    if not taken:
        raise typer.Exit(USER_ERROR)


@exports.command("patient")
def export_patient(
    patient: Annotated[str, typer.Argument(help="The patient's id or record number, also as SYSTEM|NUMBER.")],
    output: Annotated[Path, typer.Option(help="The folder in which a new one is made.")] = Path(),
) -> None:
    """Write one person's whole file: a FHIR bundle and a page to read. Never writes over an older one."""
    from bot.commands.fhir import export_patient as write_file

    configure_logs(quiet=True)
    write_file(settings_of_deployment(), out, patient, output)


@syncs.command("fhir")
def sync_fhir(
    server: Annotated[str, typer.Option(help="The FHIR base address, for example https://fhir.example.org/r4.")],
    everything: Annotated[bool, typer.Option("--everything", help="Ask for what is long known, too.")] = False,
    write_back: Annotated[bool, typer.Option(help="Write answers about visits, messages and tickets there.")] = True,
    dose_reminders: Annotated[bool, typer.Option(help="Remind new patients of their doses.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write every remark there, one JSON object a line.")] = None,
) -> None:
    """Pull what a FHIR server changed since the last time. Exit code 1 when something was rejected or it failed."""
    from bot.commands.fhir import sync_fhir as sync_with

    configure_logs(quiet=True)
    if not sync_with(
        settings_of_deployment(),
        out,
        server,
        everything=everything,
        write_back=write_back,
        dose_reminders=dose_reminders,
        file=report,
    ):
        raise typer.Exit(USER_ERROR)


@reminders.command("preview")
def preview_reminders(
    patient: Annotated[str, typer.Option(help="The patient's id or record number, also as SYSTEM|NUMBER.")],
    days: Annotated[int, typer.Option(min=1, max=60, help="How many days to look ahead.")] = 7,
) -> None:
    """List what somebody would be sent, when, and why anything is not. Sends and changes nothing."""
    from bot.commands.reminders import preview

    configure_logs(quiet=True)
    preview(settings_of_deployment(), out, patient, days)


@db.command()
def upgrade() -> None:
    """Apply the migrations that are missing."""
    from bot.bootstrap import open_database

    open_database(settings_of_deployment()).close()
    out.print("The database is up to date.")


def main() -> None:
    """Run a command. User errors end with a message and exit code 1, a database that is away with 75."""
    try:
        app()
    except NorthstarError as error:
        explained = type(error).__doc__ or ""
        text = str(error) or explained
        err.print(f"{text}" if " " in text else f"{explained} ({text})", style="red", markup=False, soft_wrap=True)
        raise SystemExit(USER_ERROR) from None
    except OperationalError:
        err.print("The database cannot be reached or is locked. Start it, or wait, and try again.", style="red")
        raise SystemExit(TEMPORARY_ERROR) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
