"""Trains the model in the Rasa environment when what it is made from has changed, and only then."""

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.domain.errors import NorthstarError

MODEL_NAME = "northstar.tar.gz"
STAMP = "inputs.sha256"
# Read by the app itself, never trained on.
PHRASE_LISTS = frozenset({"red_flags.yml", "keywords.yml", "dates.yml", "resources.yml"})
# Modules of bot/nlu that only serve: changing them needs no new model.
SERVING_ONLY = frozenset(
    {"channel.py", "event_log.py", "fast_validation.py", "locks.py", "no_commands.py", "parent.py"}
    | {"quiet_logs.py", "server.py", "tracker_store.py", "turn.py"}
)


class TrainingFailed(NorthstarError):
    """The model could not be trained; the output above says where."""


class RasaEnvironmentMissing(NorthstarError):
    """The Rasa environment is not there: run `make setup`."""


def rasa_python(checkout: Path) -> Path:
    """The interpreter of `.venv-nlu`. Raises RasaEnvironmentMissing."""
    python = checkout / ".venv-nlu" / "bin" / "python"
    if not python.exists():
        raise RasaEnvironmentMissing(str(python))
    return python


def model_path(model_dir: Path) -> Path:
    return model_dir / MODEL_NAME


def inputs_hash(checkout: Path) -> str:
    """One hash over everything that a model is made from."""
    digest = hashlib.sha256()
    for path in _inputs(checkout):
        digest.update(path.relative_to(checkout).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_current(checkout: Path, model_dir: Path) -> bool:
    stamp = model_dir / STAMP
    return model_path(model_dir).exists() and stamp.exists() and stamp.read_text("ascii") == inputs_hash(checkout)


def train(checkout: Path, model_dir: Path, say: Callable[[str], None], *, force: bool = False) -> bool:
    """Train unless the model is current. False when there was nothing to do. Raises TrainingFailed."""
    if not force and is_current(checkout, model_dir):
        return False
    made_from = inputs_hash(checkout)
    model_dir.mkdir(parents=True, exist_ok=True)
    (model_dir / STAMP).unlink(missing_ok=True)
    command = [rasa_python(checkout), "-m", "bot.nlu.server", "train", "--data", "intents", "--config", "config.yml"]
    command += ["--domain", "intents/domain.yml", "--out", model_dir]
    say("training the model")
    process = subprocess.Popen(
        list(map(str, command)), cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    with process, process.stdout as output:
        for line in output:
            say(line.rstrip())
    if process.returncode != 0:
        raise TrainingFailed(f"exit code {process.returncode}")
    (model_dir / STAMP).write_text(made_from, "ascii")
    return True


def _inputs(checkout: Path) -> Iterator[Path]:
    yield checkout / "config.yml"
    yield checkout / "deploy" / "requirements" / "nlu.txt"
    modules = sorted((checkout / "bot" / "nlu").glob("*.py"))
    yield from (module for module in modules if module.name not in SERVING_ONLY)
    texts = sorted((checkout / "intents").rglob("*.yml"))
    yield from (path for path in texts if path.name not in PHRASE_LISTS)
