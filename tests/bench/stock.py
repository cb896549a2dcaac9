"""The peer: a stock Rasa server with the same model, its own SQL tracker store and its own REST channel.

It calls the same action route as ours and is given what costs us nothing to give: one thread a computation, no
domain in its action calls, no telemetry.
"""

import json
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bot.dialogue.model import model_path, rasa_python
from bot.settings import CHECKOUT
from tests.support.processes import eventually, free_port

TOKEN = "token-of-the-bench"
ENDPOINTS = """
action_endpoint:
  url: {actions_url}
  headers: {{Authorization: "Bearer {actions_token}"}}
  enable_selective_domain: true
tracker_store: {{type: SQL, dialect: sqlite, db: "{database}"}}
"""


class StockFailed(Exception):
    """The stock server answered with something that is no answer."""


@dataclass
class Stock:
    process: subprocess.Popen[bytes]
    http: httpx.Client

    def turn_ms(self, sender: str, text: str) -> float:
        """From the request to the answer, in milliseconds. Raises StockFailed."""
        began = time.monotonic()
        answer = self.http.post("/webhooks/rest/webhook", json={"sender": sender, "message": text})
        took = (time.monotonic() - began) * 1000
        if answer.status_code != httpx.codes.OK or not answer.json():
            raise StockFailed(f"status {answer.status_code}, {len(answer.content)} bytes")
        return took

    def repeat_turns(self, sender: str, turns: int) -> None:
        """Write the sender's last turn into the tracker `turns` times, as the server itself stored it."""
        tracker = self.http.get(f"/conversations/{sender}/tracker", params={"token": TOKEN}).json()
        events: Sequence[dict[str, Any]] = tracker["events"]
        last = max(at for at, event in enumerate(events) if event["event"] == "user")
        # Without ids, which may exist once only; times are given anew.
        turn = [{key: value for key, value in event.items() if key != "timestamp"} for event in events[last:]]
        answer = self.http.post(
            f"/conversations/{sender}/tracker/events", params={"token": TOKEN}, json=turn * turns, timeout=300.0
        )
        if answer.status_code != httpx.codes.OK:
            raise StockFailed(f"status {answer.status_code} for {turns} turns")

    def stop(self) -> None:
        self.http.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_stock(folder: Path, model_dir: Path, actions_url: str, actions_token: str) -> Stock:
    """Start it in a folder of its own and wait until its model is loaded."""
    port = free_port()
    folder.mkdir()
    endpoints, credentials = folder / "endpoints.yml", folder / "credentials.yml"
    endpoints.write_text(
        ENDPOINTS.format(actions_url=actions_url, actions_token=actions_token, database=folder / "stock.db"), "utf-8"
    )
    credentials.write_text("rest:\n", "utf-8")
    command = [*(str(rasa_python(CHECKOUT)), "-m", "tests.bench.stock_server", "run", "--enable-api")]
    command += ["--model", str(model_path(model_dir)), "--port", str(port), "--interface", "127.0.0.1"]
    command += ["--endpoints", str(endpoints), "--credentials", str(credentials), "--auth-token", TOKEN]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "RASA_TELEMETRY_ENABLED": "false"}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "LOG_LEVEL": "ERROR"}
    with (folder / "stock.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60.0, trust_env=False)

    def ready() -> bool:
        assert process.poll() is None, (folder / "stock.log").read_text("utf-8")
        try:
            status = http.get("/status", params={"token": TOKEN})
        except httpx.HTTPError:
            return False
        return status.status_code == httpx.codes.OK and bool(json.loads(status.content).get("model_file"))

    eventually(ready, within_s=90.0, every_s=0.2, what="the stock server's start")
    return Stock(process, http)
