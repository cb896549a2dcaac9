"""What the contract tests of the Rasa server share: a small model, a server process, an action server.

The small model is trained with the real config, domain and rules on a few examples, through the real door.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bot.dialogue.client import RasaClient

ROOT = Path(__file__).resolve().parents[2]
NLU_PYTHON = ROOT / ".venv-nlu" / "bin" / "python"
RASA_FILES = ROOT / "bot" / "dialogue" / "rasa"
RASA_TOKEN = "rasa-token-of-the-tests"
ACTION_TOKEN = "action-token-of-the-tests"
START_SECONDS = 90

SMALL_CORPUS = {
    "greet": ["hello", "hi there", "good morning", "hola", "buenos días"],
    "thanks": ["thank you", "thanks a lot", "gracias", "muchas gracias"],
    "nevermind": ["never mind", "forget it", "drop it please", "olvídalo", "no importa, déjalo"],
    "talk_to_person": [
        "I want to talk to a person",
        "can a human call me",
        "let me speak to a nurse",
        "quiero hablar con una persona",
    ],
    "reschedule_appointment": [
        "I need to reschedule my appointment",
        "can we move my visit to another day",
        "please change the date of my appointment",
        "quiero cambiar mi cita para otro día",
    ],
    "ask_appointment_when": [
        "when is my next appointment",
        "what time is my visit",
        "which day do I come in",
        "¿cuándo es mi próxima cita?",
    ],
    "ask_medication_dose": [
        "how much [metformin](medication) do I take",
        "what is my dose of [lisinopril](medication)",
        "how many [atorvastatin](medication) pills",
        "¿cuánta [metformina](medication) tomo?",
    ],
    "book_appointment": [
        "I need to make an appointment",
        "I want to book a visit",
        "make me an appointment with a doctor",
        "quiero sacar una cita",
    ],
    "complaint": ["I have a complaint", "I want to complain about the front desk", "quiero poner una queja"],
    "cancel_appointment": ["please cancel my appointment", "I will not come, cancel it", "cancela mi cita"],
    "out_of_scope": ["who won the football game", "tell me a joke about cats", "¿qué tiempo hace en París?"],
}

ActionAnswer = Callable[[dict[str, Any]], Any]


@dataclass
class ActionServer:
    """Stands in for the app's action route. `answers` maps an action's name to what it responds."""

    url: str = ""
    answers: dict[str, ActionAnswer] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)

    def called(self, action: str) -> list[dict[str, Any]]:
        return [call for call in self.calls if call["next_action"] == action]


def answer_with(utterance: str, **params: str) -> ActionAnswer:
    """An action that answers one utterance."""
    message = {"custom": {"utterance": utterance, "params": params}}
    return lambda _call: {"events": [], "responses": [message]}


@contextmanager
def action_server() -> Iterator[ActionServer]:
    actions = ActionServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            actions.calls.append(call)
            actions.authorizations.append(self.headers.get("Authorization"))
            body = json.dumps(actions.answers[call["next_action"]](call)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    actions.url = f"http://127.0.0.1:{server.server_port}/actions"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield actions
    finally:
        server.shutdown()
        server.server_close()


def run_door(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot.nlu.server` to its end."""
    return subprocess.run(
        [str(NLU_PYTHON), "-m", "bot.nlu.server", *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def train_small_model(folder: Path) -> Path:
    """Write the small corpus beside the real rules, train, and return the model's path."""
    texts = folder / "intents" / "en"
    texts.mkdir(parents=True)
    shutil.copytree(ROOT / "intents" / "rules", folder / "intents" / "rules")
    lines = ['version: "3.1"', "nlu:"]
    for intent, examples in SMALL_CORPUS.items():
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {example}" for example in examples)]
    (texts / "small.yml").write_text("\n".join(lines) + "\n", "utf-8")
    # A phrase list of the app: reading it as training data would fail.
    (texts / "red_flags.yml").write_text("categories:\n  chest_pain: [my chest hurts]\n", "utf-8")
    outcome = run_door(
        "train",
        f"--data={folder / 'intents'}",
        f"--config={ROOT / 'config.yml'}",
        f"--domain={ROOT / 'intents' / 'domain.yml'}",
        f"--out={folder / 'model'}",
        environment={"NORTHSTAR_NLU_CACHE": str(folder / "cache")},
    )
    assert outcome.returncode == 0, outcome.stderr
    return folder / "model" / "northstar.tar.gz"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RasaProcess:
    """A running server, its log file and a client for it."""

    process: subprocess.Popen[bytes]
    client: RasaClient
    log_path: Path
    tracker_path: Path
    base_url: str

    def kill(self) -> None:
        """As the operating system would, without a chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def start_server(model: Path, folder: Path, action_url: str, *, log_level: str = "warning") -> RasaProcess:
    """Start the server with its tracker in `folder` and wait until it is ready."""
    port = free_port()
    tracker_path = folder / "tracker.sqlite3"
    log_path = folder / "rasa.log"
    with log_path.open("ab") as log:
        process = subprocess.Popen(
            [
                *(str(NLU_PYTHON), "-m", "bot.nlu.server", "serve"),
                *(f"--model={model}", f"--port={port}", f"--log-level={log_level}"),
                f"--endpoints={RASA_FILES / 'endpoints.yml'}",
                f"--credentials={RASA_FILES / 'credentials.yml'}",
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "NORTHSTAR_RASA_TOKEN": RASA_TOKEN,
                "NORTHSTAR_ACTION_URL": action_url,
                "NORTHSTAR_ACTION_TOKEN": ACTION_TOKEN,
                "NORTHSTAR_TRACKER_PATH": str(tracker_path),
                "NORTHSTAR_TRACKER_KEY_FILE": str(folder / "tracker.key"),
            },
            stdout=log,
            stderr=log,
        )
    base_url = f"http://127.0.0.1:{port}"
    client = RasaClient(base_url, RASA_TOKEN)
    deadline = time.monotonic() + START_SECONDS
    while not client.ready():
        assert process.poll() is None, log_path.read_text("utf-8")
        assert time.monotonic() < deadline, log_path.read_text("utf-8")
        time.sleep(0.1)
    return RasaProcess(process=process, client=client, log_path=log_path, tracker_path=tracker_path, base_url=base_url)


def stop_server(server: RasaProcess) -> None:
    server.client.close()
    server.process.terminate()
    try:
        server.process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
