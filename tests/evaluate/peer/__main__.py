"""`make evaluate-peer`: our pipeline beside the one that `rasa init` writes (DIET), on the same subset.

Writes build/evaluate-peer.json and prints the same as a table; exit code 1 when ours is not the better one. Both
commands are timed whole, from start to the model on disk, and each is alone on the machine. Takes some 18 minutes on
two cores, nearly all of them for theirs.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.dialogue.model import rasa_python
from bot.domain.errors import NorthstarError
from bot.settings import CHECKOUT
from tests.evaluate.figures import intent_scores, macro_f1
from tests.evaluate.peer.subset import LANGUAGES

RESULT = CHECKOUT / "build" / "evaluate-peer.json"
PEER_PYTHON = CHECKOUT / "build" / "peer" / "bin" / "python"
TIMES_FASTER = 20.0
# Where `rasa init` takes the config.yml from that it writes.
FIND_CONFIG = "import pathlib, rasa; print(pathlib.Path(rasa.__file__).parent / 'cli/initial_project/config.yml')"
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}


@dataclass(frozen=True)
class Trained:
    """A pipeline after training: `guesses` one a tested text, in order."""

    seconds: float
    guesses: Sequence[Mapping[str, Any]]


class PartFailed(Exception):
    """A command ended with an error; what it said last is in the message."""


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 120)
    try:
        with tempfile.TemporaryDirectory(prefix="northstar-peer-") as folder:
            result = _compare(Path(folder), console)
    except (NorthstarError, PartFailed) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    _show(result, console)
    missed = _missed(result)
    for line in missed:
        console.print(line, style="red", markup=False)
    return 1 if missed else 0


def _compare(folder: Path, console: Console) -> dict[str, Any]:
    subset = folder / "subset"
    ours = rasa_python(CHECKOUT)
    _run([ours, "-m", "tests.evaluate.peer.subset", "--data", "intents", "--out", subset])
    tested = [json.loads(line) for line in (subset / "tested.jsonl").read_text("utf-8").splitlines()]
    console.print(f"tested on {len(tested)} texts in {', '.join(LANGUAGES)}")
    console.print("training ours, with no embedding in its cache")
    cold = _train_ours(ours, subset, folder)
    console.print("training ours again")
    warm = _train_ours(ours, subset, folder)
    found = Trained(warm, _guesses(ours, folder / "ours" / "northstar.tar.gz", subset, folder, "--ours"))
    console.print("training the pipeline of `rasa init`")
    peer = Trained(_train_peer(subset, folder), _guesses(PEER_PYTHON, folder / "peer" / "peer.tar.gz", subset, folder))
    return {
        "cores": os.cpu_count(),
        "load_average_1m": round(os.getloadavg()[0], 2),
        "tested_texts": len(tested),
        "training_s": {"ours_cold": round(cold, 1), "ours": round(warm, 1), "peer": round(peer.seconds, 1)},
        "times_faster": {"cold": round(peer.seconds / cold, 1), "again": round(peer.seconds / warm, 1)},
        "median_ms_a_text": {"ours": _median_ms(found), "peer": _median_ms(peer)},
        "languages": {
            language: {"ours": _scores(tested, found, language), "peer": _scores(tested, peer, language)}
            for language in LANGUAGES
        },
    }


def _train_ours(python: Path, subset: Path, folder: Path) -> float:
    command = [python, "-m", "bot.nlu.server", "train", "--data", subset / "intents", "--config", "config.yml"]
    command += ["--domain", "intents/domain.yml", "--out", folder / "ours"]
    return _run(command, NORTHSTAR_NLU_CACHE=str(folder / "cache"))


def _train_peer(subset: Path, folder: Path) -> float:
    """Rasa's command as anybody would run it, with the configuration that its first project gets."""
    found = subprocess.run([PEER_PYTHON, "-c", FIND_CONFIG], env=os.environ | QUIET, capture_output=True, text=True)
    if found.returncode != 0:
        raise PartFailed(f"{PEER_PYTHON} cannot import rasa: {found.stderr[-500:]}")
    config = folder / "config.yml"
    # Rasa writes the pipeline that it chose into this file.
    config.write_text(Path(found.stdout.strip()).read_text("utf-8"), "utf-8")
    command = [PEER_PYTHON, "-m", "rasa", "train", "nlu", "--nlu", subset / "nlu.yml", "--config", config]
    command += ["--out", folder / "peer", "--fixed-model-name", "peer"]
    return _run(command, **QUIET, RASA_MAX_CACHE_SIZE="0")


def _guesses(python: Path, model: Path, subset: Path, folder: Path, *options: str) -> list[dict[str, Any]]:
    out = folder / "guesses.jsonl"
    command = [python, "-m", "tests.evaluate.peer.guess", "--model", model, "--out", out, *options]
    _run(command, subset / "tested.jsonl", **QUIET, NORTHSTAR_ACTION_URL="", NORTHSTAR_ACTION_TOKEN="")
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def _run(command: Sequence[object], given: Path | None = None, **environment: str) -> float:
    """Seconds of real time. Raises PartFailed."""
    began = time.monotonic()
    with (given or Path(os.devnull)).open("rb") as stdin:
        done = subprocess.run(
            list(map(str, command)),
            cwd=CHECKOUT,
            env=os.environ | environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    if done.returncode != 0:
        named = " ".join(map(str, command))
        raise PartFailed(f"{named} ended with exit code {done.returncode}:\n{done.stdout[-2000:]}")
    return time.monotonic() - began


def _scores(tested: Sequence[Mapping[str, Any]], trained: Trained, language: str) -> dict[str, float]:
    pairs = [
        (text["intent"], guess["intent"] or "none")
        for text, guess in zip(tested, trained.guesses, strict=True)
        if text["language"] == language
    ]
    right = sum(intent == guess for intent, guess in pairs)
    return {
        "texts": len(pairs),
        "right": round(right / len(pairs), 4),
        "macro_f1": round(macro_f1(intent_scores(pairs)), 4),
    }


def _median_ms(trained: Trained) -> float:
    return round(statistics.median(guess["ms"] for guess in trained.guesses), 1)


def _missed(result: Mapping[str, Any]) -> list[str]:
    """What ours promises and did not keep."""
    lines = [
        f"{language}: ours is not more accurate"
        for language, own in result["languages"].items()
        if own["ours"]["macro_f1"] <= own["peer"]["macro_f1"] or own["ours"]["right"] <= own["peer"]["right"]
    ]
    if result["times_faster"]["again"] < TIMES_FASTER:
        lines.append(f"ours trains less than {TIMES_FASTER:.0f} times as fast")
    return lines


def _show(result: Mapping[str, Any], console: Console) -> None:
    seconds, faster = result["training_s"], result["times_faster"]
    console.print(
        f"training: peer {seconds['peer']:.0f} s, ours {seconds['ours_cold']:.0f} s with no embedding in its cache "
        f"({faster['cold']} times as fast), {seconds['ours']:.0f} s again ({faster['again']} times)",
        highlight=False,
    )
    table = Table(title=f"{result['cores']} cores, load {result['load_average_1m']}")
    for column in ("language", "texts", "ours, right", "peer, right", "ours, macro-F1", "peer, macro-F1"):
        table.add_column(column, justify="left" if column == "language" else "right")
    for language, own in result["languages"].items():
        ours, peer = own["ours"], own["peer"]
        figures = (ours["right"], peer["right"], ours["macro_f1"], peer["macro_f1"])
        table.add_row(language, str(ours["texts"]), *(f"{figure:.3f}" for figure in figures))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
