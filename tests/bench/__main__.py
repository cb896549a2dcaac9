"""`make bench`: how long a turn takes through the whole path, beside a stock Rasa server, in one run.

Then how long an import of 1,000 patients takes and how much memory, beside Python reading the file whole. Writes
build/bench.json and prints the same as a table. Needs the trained model; takes about eight minutes.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.commands.serve import require_model
from bot.domain.errors import SettingInvalid
from bot.settings import CHECKOUT, read_settings
from bot.tokens import tokens
from tests.bench.measure import PEOPLE, Bench
from tests.bench.ours import Ours
from tests.bench.records import measure_imports
from tests.bench.stock import start_stock

RESULT = CHECKOUT / "build" / "bench.json"
# What Northstar promises: (lowest, highest).
LIMITS = {
    "turn_1000_over_turn_1": (0.0, 1.3),
    "ours_over_stock_turn_1": (0.0, 1.0),
    "stock_over_ours_turn_1000": (10.0, float("inf")),
    # A text that goes to a person is no answer, and the other figures would mean nothing.
    "texts_not_answered": (0.0, 0.0),
    "import_memory_1000_over_250": (0.0, 1.25),
}
STEPS = (
    ("warming up", Bench.warm_up),
    ("first turns", Bench.first_turns),
    ("turns of several conversations", Bench.steady_turns),
    ("understanding alone", Bench.understanding),
    ("one conversation of 1,000 turns", Bench.long_conversation),
    ("ratios and memory", Bench.conclude),
)


def main() -> int:
    """Run it all; 1 when the model is missing or a limit is not kept."""
    console = Console()
    try:
        require_model(read_settings(os.environ, CHECKOUT))
    except SettingInvalid as error:
        console.print(str(error), style="red", markup=False)
        return 1
    with tempfile.TemporaryDirectory(prefix="northstar-bench-") as folder:
        bench = _measure(Path(folder), console)
        console.print("imports of 250 and of 1,000 patients")
        for name, value in measure_imports(Path(folder)).items():
            bench.keep(name, value)
    result = {
        "figures": bench.figures,
        "runs": bench.runs,
        "cores": os.cpu_count(),
        "load_average_1m": round(os.getloadavg()[0], 2),
        "stock_turns_2_to_980": "its first turn, written again through its HTTP API",
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    _print(bench, console)
    missed = [name for name, (low, high) in LIMITS.items() if not low <= bench.figures[name] <= high]
    for name in missed:
        console.print(f"{name} is outside of {LIMITS[name]}", style="red", markup=False)
    return 1 if missed else 0


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


def _print(bench: Bench, console: Console) -> None:
    load = os.getloadavg()[0]
    table = Table(title=f"{os.cpu_count()} cores, load {load:.1f}; stock turns 2 to 980 are its first, written again")
    for column in ("figure", "value", "runs"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for name, value in bench.figures.items():
        table.add_row(name, f"{value:,.2f}", str(bench.runs[name]))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
