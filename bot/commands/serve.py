"""`northstar up`, `web`, `worker`, `nlu serve`: long-running processes that end in order."""

import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

import uvicorn
from rich.console import Console

from bot import tokens
from bot.bootstrap import Parts, build, make_web, make_worker
from bot.dialogue.model import is_current, model_path
from bot.dialogue.process import RasaProcess, serve_command, serve_environment
from bot.domain.errors import SettingInvalid
from bot.settings import CHECKOUT, Settings

MODEL_STARTS_WITHIN = timedelta(seconds=60)
LEAST_FREE_BYTES = 200 * 1024 * 1024
MOST_CONNECTIONS = 500


def serve_all(settings: Settings, console: Console, welcome: Callable[[Parts], None]) -> None:
    """Web app and worker in this process, the Rasa server as its child. Returns after Ctrl-C or SIGTERM."""
    check_ports(settings)
    check_disk(settings)
    require_model(settings)
    parts = build(settings)
    rasa = rasa_process(settings)
    worker = make_worker(parts, model_starts_within=MODEL_STARTS_WITHIN)
    rasa.start()

    def start() -> None:
        worker.start()
        threading.Thread(target=_greet, args=(parts, console, welcome), daemon=True).start()

    # The server gives signals back after its own shutdown; as an exception, what follows still runs.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _run_web(parts, on_start=start, on_stop=worker.stop)
    finally:
        rasa.stop()
        parts.close()


def serve_web(settings: Settings) -> None:
    """The web app alone."""
    check_port(settings.host, settings.port, "NORTHSTAR_PORT")
    parts = build(settings)
    try:
        _run_web(parts)
    finally:
        parts.close()


def serve_worker(settings: Settings) -> None:
    """A worker alone, until Ctrl-C or SIGTERM."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    parts = build(settings)
    worker = make_worker(parts, model_starts_within=MODEL_STARTS_WITHIN)
    if parts.telegram is not None:
        parts.telegram.start()
    worker.start()
    stopping.wait()
    worker.stop()
    if parts.telegram is not None:
        parts.telegram.stop()
    parts.close()


def serve_rasa(settings: Settings) -> int:
    """The Rasa server alone, in the foreground. Returns its exit code."""
    require_model(settings)
    check_port("127.0.0.1", settings.rasa_port, "NORTHSTAR_RASA_PORT")
    command = serve_command(CHECKOUT, settings.model_dir, settings.rasa_port)
    # The pipe closes with this process, however that ends, and the server with the pipe.
    child = subprocess.Popen(command, env=_rasa_environment(settings), cwd=CHECKOUT, stdin=subprocess.PIPE)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.terminate()
        return child.wait()


def rasa_process(settings: Settings) -> RasaProcess:
    command = serve_command(CHECKOUT, settings.model_dir, settings.rasa_port)
    return RasaProcess(command, _rasa_environment(settings), CHECKOUT)


def _rasa_environment(settings: Settings) -> dict[str, str]:
    shared = tokens.tokens(settings.data_dir)
    return serve_environment(
        rasa_token=shared.rasa,
        actions_url=settings.actions_url,
        actions_token=shared.actions,
        data_dir=settings.data_dir,
    )


def _run_web(
    parts: Parts, *, on_start: Callable[[], None] | None = None, on_stop: Callable[[], None] | None = None
) -> None:
    app = make_web(parts, on_start=on_start, on_stop=on_stop)
    config = uvicorn.Config(
        app,
        host=parts.settings.host,
        port=parts.settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        limit_concurrency=MOST_CONNECTIONS,
    )
    server = uvicorn.Server(config)
    # Pages that stay open for news would hold the end up.
    app.state.stopping = lambda: server.should_exit
    server.run()


def _greet(parts: Parts, console: Console, welcome: Callable[[Parts], None]) -> None:
    """Say where to click once the model answers; say so too when it does not."""
    deadline = time.monotonic() + MODEL_STARTS_WITHIN.total_seconds()
    while not parts.rasa.ready():
        if time.monotonic() > deadline:
            console.print("The model does not answer yet; until it does, messages become tickets.", style="red")
            break
        time.sleep(0.2)
    welcome(parts)


def require_model(settings: Settings) -> None:
    """Raises SettingInvalid when no model was trained, or what it is made from has changed since."""
    if not model_path(settings.model_dir).exists():
        raise SettingInvalid("NORTHSTAR_MODEL_DIR", "holds no trained model", "Run: northstar nlu train")
    if not is_current(CHECKOUT, settings.model_dir):
        raise SettingInvalid(
            "NORTHSTAR_MODEL_DIR", "the model is older than what it is made from", "Run: northstar nlu train"
        )


def check_ports(settings: Settings) -> None:
    check_port(settings.host, settings.port, "NORTHSTAR_PORT")
    check_port("127.0.0.1", settings.rasa_port, "NORTHSTAR_RASA_PORT")


def check_port(host: str, port: int, name: str) -> None:
    """Raises SettingInvalid when somebody else listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            remedy = f"Stop what uses it, or choose another: {name}={port + 1}"
            raise SettingInvalid(name, f"port {port} cannot be used ({error.strerror})", remedy) from error


def check_disk(settings: Settings) -> None:
    """Raises SettingInvalid when the data directory's disk is nearly full: a message might not be stored."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(settings.data_dir).free
    if free < LEAST_FREE_BYTES:
        raise SettingInvalid(
            "NORTHSTAR_DATA_DIR",
            f"the disk has only {free // 2**20} MB left",
            f"Free at least {LEAST_FREE_BYTES // 2**20} MB, or choose another folder.",
        )
