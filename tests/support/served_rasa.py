"""The real Rasa server with the trained model, and a web app on a free port that it calls back for actions."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import tokens
from bot.dialogue.client import RasaClient
from bot.dialogue.model import RasaEnvironmentMissing, is_current, model_path
from bot.dialogue.process import RasaProcess, serve_command, serve_environment
from bot.settings import CHECKOUT
from tests.support.clinic import Clinic
from tests.support.processes import free_port

STARTS_WITHIN_S = 90.0


@dataclass
class ServedRasa:
    """`environment` are the settings with which a clinic in `folder` finds the server."""

    folder: Path
    environment: dict[str, str]
    app: ASGIApp | None = field(default=None)

    @contextmanager
    def calling_back(self, clinic: Clinic) -> Iterator[None]:
        """Actions read this clinic's record while the block runs."""
        self.app = clinic.web.app
        try:
            yield
        finally:
            self.app = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is None:
            raise RuntimeError("no clinic is open")
        await self.app(scope, receive, send)


@contextmanager
def serve_rasa(folder: Path) -> Iterator[ServedRasa]:
    """Starts both. Skips without a trained model on a user's machine, fails without one where CI is true."""
    model_dir = Path(os.environ.get("NORTHSTAR_MODEL_DIR", CHECKOUT / "build" / "model"))
    _require_model(model_dir)
    shared = tokens.tokens(folder)
    rasa_port = free_port()
    with _web(folder, rasa_port) as served:
        environment = serve_environment(
            rasa_token=shared.rasa,
            actions_url=f"{served.environment['NORTHSTAR_PUBLIC_URL']}/actions",
            actions_token=shared.actions,
            data_dir=folder,
        )
        process = RasaProcess(serve_command(CHECKOUT, model_dir, rasa_port), environment, CHECKOUT)
        process.start()
        try:
            _await(RasaClient(f"http://127.0.0.1:{rasa_port}", shared.rasa))
            yield served
        finally:
            process.stop()


@contextmanager
def _web(folder: Path, rasa_port: int) -> Iterator[ServedRasa]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        environment = {
            "NORTHSTAR_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "NORTHSTAR_PORT": str(port),
            "NORTHSTAR_RASA_PORT": str(rasa_port),
        }
        served = ServedRasa(folder, environment)
        server = uvicorn.Server(uvicorn.Config(served, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.should_exit = True
            thread.join(10)


def _require_model(model_dir: Path) -> None:
    try:
        missing = None if model_path(model_dir).exists() and is_current(CHECKOUT, model_dir) else "northstar nlu train"
        serve_command(CHECKOUT, model_dir, 1)
    except RasaEnvironmentMissing:
        missing = "make setup"
    if missing is None:
        return
    reason = f"the trained model is not there or not current; run: {missing}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _await(client: RasaClient) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not client.ready():
        assert time.monotonic() < deadline, "the Rasa server did not start"
        time.sleep(0.1)
    client.close()
