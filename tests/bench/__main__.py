"""`make bench`: how long a turn takes through the whole path, beside a stock Rasa server, in one run.

Then how long an import of 1,000 patients takes and how much memory, beside Python reading the file whole. Then how many
reminders are sent a second on SQLite and on PostgreSQL, how soon after they are due, and what a poll costs while a
million wait, beside Procrastinate (`python -m tests.bench.sends` measures that alone). Writes build/bench.json and
prints the same as a table. Needs the trained model and PostgreSQL's binaries.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from bot.commands.serve import require_model
from bot.domain.errors import SettingInvalid
from bot.settings import CHECKOUT, read_settings
from bot.tokens import tokens
from tests.bench.measure import PEOPLE, Bench
from tests.bench.ours import Ours
from tests.bench.records import measure_imports
from tests.bench.report import judge, print_figures
from tests.bench.sends import measuring
from tests.bench.stock import start_stock
from tests.support.postgres import PostgresMissing, bin_folder

RESULT = CHECKOUT / "build" / "bench.json"
# What Northstar promises: (lowest, highest).
LIMITS = {
    "turn_1000_over_turn_1": (0.0, 1.3),
    "ours_over_stock_turn_1": (0.0, 1.0),
    "stock_over_ours_turn_1000": (10.0, float("inf")),
    # A text that goes to a person is no answer, and the other figures would mean nothing.
    "texts_not_answered": (0.0, 0.0),
    "import_memory_1000_over_250": (0.0, 1.25),
    **measuring.LIMITS,
}
STOCK_NOTE = "stock turns 2 to 980 are its first, written again"
STEPS = (
    ("warming up", Bench.warm_up),
    ("first turns", Bench.first_turns),
    ("turns of several conversations", Bench.steady_turns),
    ("understanding alone", Bench.understanding),
    ("one conversation of 1,000 turns", Bench.long_conversation),
    ("ratios and memory", Bench.conclude),
)


def main() -> int:
    """Run it all; 1 when the model or PostgreSQL is missing or a limit is not kept."""
    console = Console()
    try:
        require_model(read_settings(os.environ, CHECKOUT))
        bin_folder()
    except (SettingInvalid, PostgresMissing) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    with tempfile.TemporaryDirectory(prefix="northstar-bench-") as folder:
        bench = _measure(Path(folder), console)
        console.print("imports of 250 and of 1,000 patients")
        for name, value in measure_imports(Path(folder)).items():
            bench.keep(name, value)
        _measure_sends(bench, Path(folder), console)
    result = {
        "figures": bench.figures,
        "runs": bench.runs,
        "cores": os.cpu_count(),
        "load_average_1m": round(os.getloadavg()[0], 2),
        "stock_turns_2_to_980": "its first turn, written again through its HTTP API",
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print_figures(console, STOCK_NOTE, bench.figures, bench.runs)
    return judge(console, bench.figures, LIMITS)


def _measure_sends(bench: Bench, folder: Path, console: Console) -> None:
    ledger = measuring.measure_sends(folder / "sends", measuring.Sizes(), console.print)
    for name, value in ledger.figures.items():
        bench.keep(name, value, ledger.runs[name])


def _measure(folder: Path, console: Console) -> Bench:
    console.print("starting northstar up and a stock Rasa server")
    ours = Ours(folder / "clinic", PEOPLE)
    try:
        settings = read_settings(ours.site.settings(), CHECKOUT)
        shared = tokens(settings.data_dir)
        stock = start_stock(folder / "stock", settings.model_dir, settings.actions_url, shared.actions)
        try:
            bench = Bench(ours, stock)
            for name, step in STEPS:
                console.print(name)
                step(bench)
        finally:
            stock.stop()
    finally:
        ours.close()
    return bench


if __name__ == "__main__":
    sys.exit(main())
