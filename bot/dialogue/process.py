"""The Rasa server as a child process: started, watched, started again when it dies."""

import os
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

import structlog

from bot.dialogue.model import model_path, rasa_python

log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0
STOP_WITHIN_S = 5.0
FILES = Path(__file__).parent / "rasa"


def serve_command(checkout: Path, model_dir: Path, port: int) -> list[str]:
    """The command that serves the model on loopback until its standard input, a pipe, is closed."""
    return [
        *(str(rasa_python(checkout)), "-m", "bot.nlu.server", "serve"),
        *("--model", str(model_path(model_dir)), "--port", str(port)),
        *("--endpoints", str(FILES / "endpoints.yml"), "--credentials", str(FILES / "credentials.yml")),
        "--exit-with-parent",
    ]


def serve_environment(*, rasa_token: str, actions_url: str, actions_token: str, data_dir: Path) -> dict[str, str]:
    """What the Rasa server may know: its own tokens and files, and nothing of the record's database or carrier."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return inherited | {
        "NORTHSTAR_RASA_TOKEN": rasa_token,
        "NORTHSTAR_ACTION_URL": actions_url,
        "NORTHSTAR_ACTION_TOKEN": actions_token,
        "NORTHSTAR_TRACKER_PATH": str(data_dir / "tracker.db"),
        "NORTHSTAR_TRACKER_KEY_FILE": str(data_dir / "tracker.key"),
    }


class RasaProcess:
    """Keeps one Rasa server alive. While it is down, turns end as tickets; nothing waits for it."""

    def __init__(self, command: list[str], environment: Mapping[str, str], checkout: Path) -> None:
        self._command = command
        self._environment = dict(environment)
        self._checkout = checkout
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="rasa", daemon=True)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        self._process = self._spawn()
        self._thread.start()

    def stop(self) -> None:
        """End it: politely, then not."""
        self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._thread.join(timeout=STOP_WITHIN_S)

    def _spawn(self) -> subprocess.Popen[bytes]:
        # A session of its own, so that Ctrl-C reaches us first and we end it in order.
        return subprocess.Popen(
            self._command,
            env=self._environment,
            cwd=self._checkout,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def _watch(self) -> None:
        pause = FIRST_PAUSE_S
        while self._process is not None:
            lasted = _wait(self._process, STEADY_AFTER_S)
            if self._stopping.is_set():
                return
            pause = FIRST_PAUSE_S if lasted else min(pause * 2, LONGEST_PAUSE_S)
            log.error("rasa_died", exit_code=self._process.returncode, restart_in_s=pause)
            if self._stopping.wait(pause):
                return
            self._process = self._spawn()


def _wait(process: subprocess.Popen[bytes], steady_after_s: float) -> bool:
    """Wait for its end; True when it had run long enough to be called steady."""
    try:
        process.wait(steady_after_s)
    except subprocess.TimeoutExpired:
        process.wait()
        return True
    return False
