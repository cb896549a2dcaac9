"""The demo clinic through the real model: a fresh database of its own, and actions that read it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.demo.seed import seed
from bot.reminders.schedule import schedule_everything
from tests.support.clinic import Clinic, settings_in
from tests.support.clock import FixedClock
from tests.support.served_rasa import ServedRasa


@contextmanager
def demo_clinic(served_rasa: ServedRasa, template: Path, folder: Path) -> Iterator[Clinic]:
    """Empty yet: `open_demo` seeds it. `template` is a migrated SQLite database, copied into `folder`."""
    database = folder / "northstar.db"
    database.write_bytes(template.read_bytes())
    clinic = Clinic(settings_in(served_rasa.folder, f"sqlite:///{database}", **served_rasa.environment), scripted=False)
    with served_rasa.calling_back(clinic):
        yield clinic
    clinic.close()


# Seeded databases: hashing passwords and writing a record anew for each of many tests takes its time.
_SEEDED = TemporaryDirectory(prefix="northstar-seeded-")


def open_demo(demo: Clinic, now: datetime, *, seeded: datetime | None = None, reminders: bool = False) -> None:
    """Seeds the clinic as of `seeded` and turns the clock to `now`; both are UTC."""
    clock: FixedClock = demo.clock
    clock.turn_to(seeded or now)
    file = Path(demo.parts.settings.database_url.removeprefix("sqlite:///"))
    kept = Path(_SEEDED.name) / f"{clock.now():%Y%m%dT%H%M%S}{'-reminders' if reminders else ''}.db"
    if kept.exists():
        _copy(kept, file)
    else:
        with demo.database.write() as session:
            seed(session, clock.now())
            if reminders:
                schedule_everything(session, demo.parts.policies, clock.now())
        _copy(file, kept)
    clock.turn_to(now)


def _copy(database: Path, to: Path) -> None:
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
