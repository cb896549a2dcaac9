"""What understanding costs: the time of one text, the memory of the two processes, the time of training."""

import os
import random
import subprocess
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from bot.bootstrap import make_desk
from bot.commands.understand import Line, understand_line
from bot.dialogue.client import RasaClient
from bot.dialogue.model import rasa_python
from bot.settings import CHECKOUT, read_settings
from bot.tokens import tokens
from tests.bench.ours import Ours
from tests.bench.texts import new_texts
from tests.evaluate.figures import Better, Figure

TEXTS = 300
WARM_UP_TEXTS = 10
TURNS = 60
SEED = "performance"


class TrainingTimedFailed(Exception):
    """Training ended with an error; what it said last is in the message."""


def serving_figures(lines: Sequence[Line]) -> Iterator[Figure]:
    """Through a running `northstar up` whose model has not seen these texts, one after the other."""
    chosen = random.Random(SEED).sample(lines, min(TEXTS, len(lines)))
    with TemporaryDirectory(prefix="northstar-evaluate-") as folder:
        ours = Ours(Path(folder) / "clinic", people=1)
        try:
            times = _understanding_ms(ours, chosen)
            for text in islice(new_texts(), TURNS):
                ours.turn_ms(ours.phones[0], text)
            app, rasa = ours.peak_rss_mb()
        finally:
            ours.close()
    yield _cost("understand_p50", "ms", median(times), len(times))
    yield _cost("understand_p95", "ms", quantiles(times, n=20)[-1], len(times))
    yield _cost("peak_memory_rasa", "MB", rasa, len(times) + TURNS)
    yield _cost("peak_memory_app", "MB", app, TURNS)


def _understanding_ms(ours: Ours, lines: Sequence[Line]) -> list[float]:
    settings = read_settings(ours.site.settings(), CHECKOUT)
    understander = make_desk(settings).understander
    rasa = RasaClient(settings.rasa_url, tokens(settings.data_dir).rasa, timeout_s=30.0)
    for number in range(WARM_UP_TEXTS):
        understand_line(understander, rasa, Line(id=number, text=f"Warm-up number {number}", language="en"))
    times = []
    for line in lines:
        began = time.monotonic()
        understand_line(understander, rasa, line)
        times.append((time.monotonic() - began) * 1000.0)
    rasa.close()
    return times


def training_figures(texts: int) -> Iterator[Figure]:
    """The whole command, first with no embedding in its cache, then with all. `texts`: how many are learnt from."""
    with TemporaryDirectory(prefix="northstar-evaluate-") as folder:
        yield _cost("training_cold", "s", _training_s(Path(folder)), texts)
        yield _cost("training_cached", "s", _training_s(Path(folder)), texts)


def _training_s(folder: Path) -> float:
    command = [rasa_python(CHECKOUT), "-m", "bot.nlu.server", "train", "--data", "intents", "--config", "config.yml"]
    command += ["--domain", "intents/domain.yml", "--out", folder / "model"]
    began = time.monotonic()
    done = subprocess.run(
        list(map(str, command)),
        cwd=CHECKOUT,
        env=os.environ | {"NORTHSTAR_NLU_CACHE": str(folder / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise TrainingTimedFailed(f"exit code {done.returncode}: {done.stdout[-2000:]}")
    return time.monotonic() - began


def _cost(name: str, unit: str, value: float, rows: int) -> Figure:
    return Figure(name=f"{name}_{unit.lower()}", unit=unit, value=value, rows=rows, better=Better.LOWER)
