"""`python -m tests.bench.sends`: the sending of reminders alone, as `make bench` measures it.

`--messages` and `--timers` make it smaller for a trial, of which only that nothing was lost or sent twice is judged.
Writes build/bench-sends.json. Needs PostgreSQL's binaries, no trained model.
"""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from bot.settings import CHECKOUT
from tests.bench.report import judge, print_figures
from tests.bench.sends.measuring import LIMITS, NOTHING_WRONG, Sizes, measure_sends
from tests.support.postgres import PostgresMissing

RESULT = CHECKOUT / "build" / "bench-sends.json"
# With fewer there is nothing to take a percentile of, or to claim.
FEWEST_MESSAGES, FEWEST_TIMERS = 100, 5_000


def main() -> int:
    """Run it; 1 when a limit is not kept or PostgreSQL is not on this machine."""
    sizes, console = _read_sizes(), Console()
    try:
        with tempfile.TemporaryDirectory(prefix="northstar-bench-") as folder:
            ledger = measure_sends(Path(folder), sizes, console.print)
    except PostgresMissing as missing:
        console.print(str(missing), style="red", markup=False)
        return 1
    result = {"figures": ledger.figures, "runs": ledger.runs, "sizes": asdict(sizes), "cores": os.cpu_count()}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    note = f"{sizes.messages:,} messages, {sizes.timers:,} timers"
    print_figures(console, note, ledger.figures, ledger.runs)
    return judge(console, ledger.figures, LIMITS if sizes == Sizes() else NOTHING_WRONG)


def _read_sizes() -> Sizes:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sends")
    parser.add_argument("--messages", type=int, default=Sizes.messages)
    parser.add_argument("--timers", type=int, default=Sizes.timers)
    asked = parser.parse_args()
    if asked.messages < FEWEST_MESSAGES or asked.timers < FEWEST_TIMERS:
        parser.error(f"at least {FEWEST_MESSAGES} messages and {FEWEST_TIMERS:,} timers")
    return Sizes(messages=asked.messages, timers=asked.timers)


if __name__ == "__main__":
    sys.exit(main())
