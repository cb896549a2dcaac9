"""`make evaluate`: how well texts are understood, on our own texts held out and on texts of others.

Writes build/evaluate.json, prints the same as a table and draws build/evaluate.png (intents by language). Trains the
model first when what it is made from has changed. Took 31 minutes on two cores with the embeddings of the training
texts cached (build/nlu-cache); with an empty cache the training before it takes some 4 minutes more.
"""

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from rich.console import Console

from bot.conversation.keywords import Keywords
from bot.conversation.red_flags import RedFlags
from bot.conversation.understanding import Understander
from bot.dialogue.model import STAMP, inputs_hash, train
from bot.domain.errors import NorthstarError
from bot.settings import CHECKOUT, Settings, read_settings
from tests.evaluate import danger, dates, heldout, open_sets, performance, report
from tests.evaluate.figures import Figure
from tests.evaluate.picture import draw

RESULT = CHECKOUT / "build" / "evaluate.json"
PICTURE = CHECKOUT / "build" / "evaluate.png"
WIDTH = 120
WEAKEST = 5
# The set that out-of-scope recall is measured on.
STRANGERS = "clinc150_out_of_scope"
FAILURES = (
    NorthstarError,
    heldout.CrossValidationFailed,
    open_sets.UnderstandFailed,
    performance.TrainingTimedFailed,
)
# Beside the checkout, never in it.
OPEN_SETS = CHECKOUT.parent / "shared" / "data" / "open"


def main() -> int:
    """Run it all; 1 when a part failed, since half a table would look like a whole one."""
    # Into a file or a pipe, wide enough for every name.
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    try:
        found = _evaluate(read_settings(os.environ, CHECKOUT), console)
    except FAILURES as error:
        console.print(str(error), style="red", markup=False)
        return 1
    report.write(found, RESULT)
    report.show(found, console)
    return 0


def _evaluate(settings: Settings, console: Console) -> report.Report:
    began = time.monotonic()

    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False)

    train(CHECKOUT, settings.model_dir, say)
    made_from = inputs_hash(CHECKOUT)
    understander = Understander(RedFlags(settings.intents), Keywords(settings.intents))
    say("cross-validating on the training texts")
    folds, rows = heldout.cross_validate(CHECKOUT)
    sections = {
        "understanding, texts held out": list(heldout.understanding_figures(rows)),
        "routes, texts held out": list(heldout.route_figures(rows, understander)),
        "red flag phrase lists on everyday texts": list(heldout.false_alarm_figures(rows, understander)),
    }
    scores = heldout.scores_by_language(rows)
    draw(scores, PICTURE)
    say("danger in texts written apart")
    held = danger.read_held()
    sections["danger, texts written apart"] = list(danger.figures(held, open_sets.understand(danger.lines(held))))
    say("everyday requests taken for danger")
    sections["everyday requests that a danger model has not seen"] = list(
        heldout.ordinary_figures(CHECKOUT, understander)
    )
    present, skipped = _present_sets()
    if present:
        say("texts of others")
        in_scope = heldout.confidences_in_scope(rows, "en")
        sections["texts of others"] = list(_open_figures(present, understander, in_scope))
    if (OPEN_SETS / dates.FILE).exists():
        sections["dates in texts of others"] = list(dates.date_figures(OPEN_SETS, settings.intents))
    else:
        skipped.append(f"skipped dates: {dates.FILE} is not there")
    say("time and memory")
    sections["time and memory"] = [
        *performance.serving_figures(danger.lines(held)),
        *performance.training_figures(len(rows)),
    ]
    return report.Report(
        measured_at=datetime.now(UTC),
        seconds=time.monotonic() - began,
        model_inputs_sha256=made_from,
        model_trained_at=datetime.fromtimestamp((settings.model_dir / STAMP).stat().st_mtime, UTC),
        folds=folds,
        sections=sections,
        weakest={language: found[:WEAKEST] for language, found in scores.items()},
        skipped=skipped,
    )


def _present_sets() -> tuple[list[open_sets.OpenSet], list[str]]:
    """The sets whose file is there, and a line for each other."""
    chosen = open_sets.read_sets(OPEN_SETS)
    present = [each for each in chosen if each.file.exists()]
    missing = [f"skipped {each.name}: {each.file.name} is not there" for each in chosen if each not in present]
    return present, missing


def _open_figures(
    present: list[open_sets.OpenSet], understander: Understander, in_scope: list[float]
) -> Iterator[Figure]:
    lines = {each.name: open_sets.read_lines(each) for each in present}
    with_model = frozenset(each.name for each in present if each.needs_model)
    found = open_sets.outcomes(lines, with_model, understander)
    yield from chain.from_iterable(open_sets.figures(each, lines[each.name], found) for each in present)
    strangers = [found[str(line.id)] for line in lines.get(STRANGERS, [])]
    if strangers:
        yield open_sets.recall_out_of_scope(in_scope, strangers)


if __name__ == "__main__":
    sys.exit(main())
