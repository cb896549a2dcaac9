"""The one door through which Rasa is trained and served.

    python -m bot.nlu.server train --data intents --config config.yml --domain intents/domain.yml --out DIR
    python -m bot.nlu.server serve --model PATH --port N --endpoints FILE --credentials FILE

Environment (serve): NORTHSTAR_RASA_TOKEN (required), NORTHSTAR_ACTION_URL, NORTHSTAR_ACTION_TOKEN,
NORTHSTAR_TRACKER_PATH, NORTHSTAR_TRACKER_KEY_FILE; (train) NORTHSTAR_NLU_CACHE. Exit code 2 is a mistake in
what was given, named on standard error.
"""

import argparse
import contextlib
import io
import json
import logging
import os
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.nlu import no_tensorflow, parent, quiet_logs
from bot.nlu.corpus import DATA_SETTING, CorpusInvalid, examples

logger = logging.getLogger("bot.nlu.server")

MODEL_NAME = "northstar.tar.gz"
SAMPLES_NAME = "samples.json"
SAMPLES = 2  # fewer of an intent Rasa warns of
DEFAULT_TRACKER = "build/nlu/tracker.sqlite3"
RESPONSE_TIMEOUT_SECONDS = 60


class Misuse(Exception):
    """Something that was given cannot be used; the message says what and what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Train or serve; returns the exit code."""
    options = _parser().parse_args(arguments)
    _prepare_environment()
    no_tensorflow.install()
    try:
        if options.command == "train":
            quiet_logs.configure_for_training()
            train(options)
        else:
            serve(options)
    except Misuse as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def training_files(data: Path, folder: Path) -> list[str]:
    """What Rasa reads itself: the rules, and two examples of each intent, written to `folder`.

    All other texts are read by `bot.nlu.project_texts`. Raises Misuse when a kind is missing.
    """
    rules = sorted(data.glob("rules/*.yml"))
    try:
        texts: dict[str, list[str]] = {}
        for example in examples(data):
            texts.setdefault(example.intent, []).append(example.text)
    except CorpusInvalid as error:
        raise Misuse(str(error)) from error
    if not rules or not texts:
        raise Misuse(f"{data} needs rules/*.yml and at least one <language>/<topic>.yml")
    samples = [{"intent": intent, "text": text} for intent in sorted(texts) for text in texts[intent][:SAMPLES]]
    path = folder / SAMPLES_NAME
    path.write_text(json.dumps({"rasa_nlu_data": {"common_examples": samples}}, ensure_ascii=False), "utf-8")
    return [*map(str, rules), str(path)]


def train(options: argparse.Namespace) -> Path:
    """Train on all languages together and put the model in place in one step; returns its path."""
    # Training is never resumed, so nothing is kept for it.
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    # For the components that read texts which Rasa does not know of.
    os.environ[DATA_SETTING] = str(options.data.absolute())
    with TemporaryDirectory(prefix=".partial-", dir=_made(options.out)) as partial:
        files = training_files(options.data, Path(partial))
        for path in (options.config, options.domain):
            if not path.is_file():
                raise Misuse(f"{path} is not there")
        os.replace(_train_model(options, files, Path(partial)), options.out / MODEL_NAME)
    logger.info("the model is %s", options.out / MODEL_NAME)
    return Path(options.out / MODEL_NAME)


def _train_model(options: argparse.Namespace, files: list[str], folder: Path) -> Path:
    from rasa.model_training import train as train_model
    from rasa.shared.exceptions import RasaException

    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            train_model(
                domain=str(options.domain),
                config=str(options.config),
                training_files=files,
                output=str(folder),
                fixed_model_name=MODEL_NAME,
                force_training=True,
            )
    except (SystemExit, RasaException, CorpusInvalid) as error:
        raise Misuse(f"the model cannot be trained: {said.getvalue().strip() or error}") from error
    if not (folder / MODEL_NAME).exists():
        raise Misuse(f"the model cannot be trained: {said.getvalue().strip()}")
    return folder / MODEL_NAME


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM. Raises Misuse when the model, a file, the token or the port cannot be used."""
    if not os.environ.get("NORTHSTAR_RASA_TOKEN"):
        raise Misuse("NORTHSTAR_RASA_TOKEN is not set; anyone on this machine could talk to the server")
    for path in (options.model, options.endpoints, options.credentials):
        if not path.exists():
            raise Misuse(f"{path} is not there")
    listener = _listen(options.host, options.port)
    if options.exit_with_parent:
        parent.exit_with_parent()
    log_level = getattr(logging, options.log_level.upper())
    quiet_logs.configure_for_serving(log_level)
    from rasa.core.run import configure_app, create_http_input_channels
    from rasa.core.utils import AvailableEndpoints

    from bot.nlu import fast_validation, no_commands

    fast_validation.install()
    no_commands.install()
    endpoints = AvailableEndpoints.read_endpoints(str(options.endpoints))
    app = configure_app(
        create_http_input_channels(None, str(options.credentials)),
        auth_token=os.environ["NORTHSTAR_RASA_TOKEN"],
        enable_api=True,
        response_timeout=RESPONSE_TIMEOUT_SECONDS,
        endpoints=endpoints,
        port=options.port,
    )

    async def load_agent(app: Any, _loop: Any) -> None:
        app.ctx.agent = await _load_agent(str(options.model), endpoints)

    app.register_listener(load_agent, "before_server_start")
    quiet_logs.configure_for_serving(log_level)
    app.run(sock=listener, access_log=False, debug=False, motd=False)


async def _load_agent(model_path: str, endpoints: Any) -> Any:
    """A ready agent that keeps conversations in our own store, or an exception: never half of it."""
    from rasa.core.agent import Agent
    from rasa.core.lock_store import LockStore
    from rasa.core.tracker_store import TrackerStore

    from bot.nlu.tracker_store import BoundedTrackerStore

    tracker_store = TrackerStore.create(endpoints.tracker_store)
    if not isinstance(tracker_store, BoundedTrackerStore):
        raise Misuse("endpoints.yml does not name bot.nlu.tracker_store.BoundedTrackerStore")
    agent = Agent.load(
        model_path,
        tracker_store=tracker_store,
        lock_store=LockStore.create(endpoints.lock_store),
        action_endpoint=endpoints.action,
    )
    # Rasa wraps the store so that a full disk or a refused write silently moves the conversation to memory.
    # Here such a turn has to fail, so that the app hands it to a person.
    agent.tracker_store = agent.processor.tracker_store = tracker_store
    tracker_store.domain = agent.domain
    return agent


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise Misuse(f"port {port} on {host} cannot be used: {error.strerror}") from error
    return listener


def _prepare_environment() -> None:
    """What Rasa and the endpoints file read from the environment, before Rasa is imported."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["LOG_LEVEL"] = "ERROR"  # or Rasa draws progress bars; what is logged is up to quiet_logs
    # Threads inside one short computation cost more than they save, and on a busy machine they spin: one text
    # took 470 ms instead of 31. Training spreads over the cores by itself.
    for setting in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(setting, "1")
    # Rasa's cache of trained components would write to the working folder; ours (embeddings) saves more.
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    os.environ.setdefault("RASA_CACHE_DIRECTORY", "build/nlu-cache/rasa")
    os.environ.setdefault("NORTHSTAR_TRACKER_PATH", DEFAULT_TRACKER)
    os.environ.setdefault("NORTHSTAR_TRACKER_KEY_FILE", f"{os.environ['NORTHSTAR_TRACKER_PATH']}.key")
    os.environ.setdefault("NORTHSTAR_ACTION_URL", "http://127.0.0.1:8000/actions/webhook")
    os.environ.setdefault("NORTHSTAR_ACTION_TOKEN", "")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bot.nlu.server", description="Train or serve understanding.")
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train", help="train on all languages together")
    training.add_argument("--data", type=Path, required=True)
    training.add_argument("--config", type=Path, required=True)
    training.add_argument("--domain", type=Path, required=True)
    training.add_argument("--out", type=Path, required=True)
    serving = commands.add_parser("serve", help="serve a trained model")
    serving.add_argument("--model", type=Path, required=True)
    serving.add_argument("--port", type=int, required=True)
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--endpoints", type=Path, required=True)
    serving.add_argument("--credentials", type=Path, required=True)
    serving.add_argument("--exit-with-parent", action="store_true", help="end when standard input is closed")
    serving.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error"])
    return parser


if __name__ == "__main__":
    sys.exit(main())
