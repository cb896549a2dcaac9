"""`northstar demo seed` and `demo up`: a small clinic to try on one's own machine."""

import time

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from bot.bootstrap import Parts, build
from bot.commands.serve import check_disk, check_ports, serve_all
from bot.demo.seed import DEMO_PASSWORD, is_seeded, seed
from bot.dialogue.model import train
from bot.reminders.schedule import schedule_everything
from bot.settings import CHECKOUT, Settings


def seed_demo(settings: Settings, console: Console) -> None:
    """Fill an empty database with the demo clinic and set its reminders; leave a seeded one as it is.

    Raises AlreadySeeded when the database holds other patients.
    """
    parts = build(settings)
    try:
        with parts.database.write() as session:
            if is_seeded(session):
                console.print("The demo clinic is there already.")
                return
            now = parts.clock.now()
            seed(session, now)
            session.flush()
            schedule_everything(session, parts.policies, now)
        console.print("The demo clinic is ready.")
    finally:
        parts.close()


def demo_up(settings: Settings, console: Console) -> None:
    """Train what has to be trained, seed what is empty, start everything, say where to click."""
    check_ports(settings)
    check_disk(settings)
    _train(settings, console)
    seed_demo(settings, console)
    console.print("Starting ...")
    serve_all(settings, console, lambda parts: console.print(_welcome(parts)))


def _train(settings: Settings, console: Console) -> None:
    started = time.monotonic()

    def say(line: str) -> None:
        console.print(f"  {time.monotonic() - started:5.1f} s  {line}", highlight=False, markup=False)

    if train(CHECKOUT, settings.model_dir, say):
        say("the model is trained")


def _welcome(parts: Parts) -> Panel:
    url = parts.settings.public_url
    table = Table.grid(padding=(0, 2))
    for name, what in (
        (f"{url}/phone", "handsets: text as a patient or a caregiver, turn the clock"),
        (f"{url}/chat", "the web chat: sign in with a patient's number, the code arrives on the handset"),
        (f"{url}/console", f"the coordinators' queue: dolores or adaeze, password {DEMO_PASSWORD}"),
    ):
        table.add_row(name, what)
    table.add_row("northstar chat", ".venv/bin/northstar chat --phone +15550100104")
    return Panel(table, title="Northstar is ready. Ctrl-C stops everything.", expand=False)
