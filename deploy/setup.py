"""`make setup`: builds .venv (the app) and .venv-nlu (the Rasa server) from hashed requirement files.

With the argument `peer` it also builds build/peer, the throw-away environment of `make evaluate-peer`; with `node` or
`bench` it builds build/node or build/bench alone, which the tests and `make bench` call for when they need a FHIR
server or the peer that reminders are sent beside.

A stamp in each environment records what it was made from, so a call with nothing to do ends at once. The
stamp goes first when an environment is changed and comes back last: after an interruption there is none,
and the next call rebuilds that environment from nothing.

Standard library only, Python 3.9 or newer.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import steps
import toolchain
from toolchain import REQUIREMENTS, ROOT

STAMP = "northstar-stamp.json"


class Environment(NamedTuple):
    """One environment: its folder, its hashed requirement files, its Python, and if it holds this project."""

    folder: Path
    requirements: tuple[Path, ...]
    python: toolchain.Wanted
    holds_project: bool


APP = Environment(ROOT / ".venv", (REQUIREMENTS / "app.txt", REQUIREMENTS / "dev.txt"), toolchain.APP, True)
NLU = Environment(ROOT / ".venv-nlu", (REQUIREMENTS / "nlu.txt",), toolchain.NLU, False)
PEER = Environment(ROOT / "build" / "peer", (REQUIREMENTS / "peer.txt",), toolchain.NLU, False)
BENCH = Environment(ROOT / "build" / "bench", (REQUIREMENTS / "bench.txt",), toolchain.APP, False)
NODE = Environment(ROOT / "build" / "node", (REQUIREMENTS / "node.txt",), toolchain.APP, False)
ASKED = {"peer": (APP, NLU, PEER), "node": (NODE,), "bench": (BENCH,)}


def main() -> None:
    """Build what is missing or out of date."""
    # Both: a shell that starts us in the background has SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    wanted = ASKED.get(" ".join(sys.argv[1:]), (APP, NLU))
    if all(is_current(environment) for environment in wanted):
        return
    with only_one_at_a_time():
        started = time.monotonic()
        stale = [environment for environment in wanted if not is_current(environment)]
        if not stale:
            return
        steps.require_disk(ROOT)
        uv = toolchain.find_uv()
        for environment in stale:
            build(environment, uv)
        steps.say(f"Environments are ready ({time.monotonic() - started:.0f} s).")


def is_current(environment: Environment) -> bool:
    """True when the environment was finished from exactly the present inputs and its Python is there."""
    stamp = read_stamp(environment)
    by_hand = os.environ.get(environment.python.setting)
    return (
        stamp.get("inputs") == inputs_digest(environment)
        and (environment.folder / "bin" / "python").exists()
        and by_hand in (None, "", stamp.get("asked"))
        and (not environment.holds_project or (environment.folder / "bin" / "northstar").exists())
    )


def read_stamp(environment: Environment) -> dict[str, str]:
    """What the finished environment was made from; empty when it was never finished."""
    try:
        stamp = json.loads((environment.folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def inputs_digest(environment: Environment) -> str:
    """A digest of all that shapes the environment; the folder counts, for scripts in it name it."""
    digest = hashlib.sha256(str(environment.folder).encode())
    for path in environment.requirements:
        digest.update(path.read_bytes())
    if environment.holds_project:
        digest.update(project_tables((ROOT / "pyproject.toml").read_text(encoding="utf-8")).encode())
    return digest.hexdigest()


def project_tables(pyproject: str) -> str:
    """The tables of pyproject.toml that shape the installed project, without comments and blank lines."""
    wanted = False
    kept = []
    for line in pyproject.splitlines():
        table = re.match(r"\[+([\w.-]+)\]+", line)
        if table:
            wanted = table.group(1).split(".")[0] in ("build-system", "project") or "hatch" in table.group(1)
        if wanted and line.strip() and not line.lstrip().startswith("#"):
            kept.append(line.rstrip())
    return "\n".join(kept)


def build(environment: Environment, uv: Path) -> None:
    """Bring one environment to its present inputs: in place if it was finished before, else from nothing."""
    python = toolchain.find_python(environment.python, uv)
    before = read_stamp(environment)
    (environment.folder / STAMP).unlink(missing_ok=True)
    name = environment.folder.name
    if before.get("python") != python or before.get("folder") != str(environment.folder):
        with steps.step(f"Making {name} with {python}"):
            create = [str(uv), "venv", "--quiet", "--clear", "--no-project", "--python", python]
            steps.run([*create, str(environment.folder)], ROOT)
    count = sum(package_count(path) for path in environment.requirements)
    with steps.step(f"Installing up to {count} packages into {name}"):
        files = [str(path.relative_to(ROOT)) for path in environment.requirements]
        # A few packages come as source: what builds them must be pinned and hashed as well.
        builders = [flag for file in files for flag in ("--build-constraints", file)]
        steps.run([*pip(uv, "sync", environment), "--require-hashes", *builders, *files], ROOT)
    if environment.holds_project:
        with steps.step("Installing northstar itself"):
            flags = ["--no-deps", "--no-build-isolation", "--editable", "."]
            steps.run([*pip(uv, "install", environment), *flags], ROOT)
    write_stamp(environment, python)


def pip(uv: Path, verb: str, environment: Environment) -> list[str]:
    """The uv command line that installs into the environment and no other."""
    return [str(uv), "pip", verb, "--quiet", "--python", str(environment.folder / "bin" / "python")]


def package_count(requirements: Path) -> int:
    """How many packages a hashed requirement file pins, for any platform."""
    return len(re.findall(r"^[a-z0-9][^\s=]*==", requirements.read_text(encoding="utf-8"), re.MULTILINE))


def write_stamp(environment: Environment, python: str) -> None:
    """Record that the environment is finished; the file appears whole or not at all."""
    stamp = {
        "inputs": inputs_digest(environment),
        "python": python,
        "asked": os.environ.get(environment.python.setting, ""),
        "folder": str(environment.folder),
    }
    draft = environment.folder / f"{STAMP}.draft"
    draft.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
    draft.replace(environment.folder / STAMP)


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Hold the checkout's set-up lock; a second set-up waits for the first."""
    (ROOT / "build").mkdir(exist_ok=True)
    with (ROOT / "build" / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            steps.say("Another set-up is running in this checkout; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stop(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    steps.exit_with_words(main, "make setup")
