"""The demo clinic through the real model: a fresh database of its own, and actions that read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

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


def open_demo(demo: Clinic, now: datetime, *, seeded: datetime | None = None, reminders: bool = False) -> None:
    """Seeds the clinic as of `seeded` and turns the clock to `now`; both are UTC."""
    clock: FixedClock = demo.clock
    clock.turn_to(seeded or now)
    with demo.database.write() as session:
        seed(session, clock.now())
        if reminders:
            schedule_everything(session, demo.parts.policies, clock.now())
    clock.turn_to(now)
