"""Steps of the set-up: say what is being done, do it, and turn what goes wrong into plain words.

Standard library only, Python 3.9 or newer, like everything beside it in this folder.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HEARTBEAT_SECONDS = 10
BYTES_NEEDED = 2_000_000_000

NETWORK_SIGNS = (
    "error sending request",
    "failed to fetch",
    "failed to download",
    "dns error",
    "connection refused",
    "connection reset",
    "timed out",
    "temporary failure in name resolution",
    "max retries exceeded",
    "network is unreachable",
    "network connectivity is disabled",
    "could not find a version that satisfies",
)
DISK_SIGNS = ("no space left on device", "os error 28", "disk quota exceeded")


class SetupFailed(Exception):
    """The set-up cannot go on; the text says why and what to do, for the person at the terminal."""


def say(text: str) -> None:
    """Print one line of progress at once, also into a pipe."""
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce `title`, and when the body is done, the seconds it took."""
    say(f"{title} ...")
    started = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - started:.1f} s")


def require_disk(folder: Path, needed: int = BYTES_NEEDED) -> None:
    """Raise `SetupFailed` when the disk that holds `folder` has fewer than `needed` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SetupFailed(
            f"Not enough room on the disk of {folder}: {free / 1e9:.1f} GB free, "
            f"{needed / 1e9:.1f} GB needed.\nFree some space and run the command again."
        )


def run(command: Sequence[str], cwd: Path) -> None:
    """Run `command` quietly, with a sign of life every few seconds.

    Raises `SetupFailed` with the cause (network, disk, or the tool's own last words).
    """
    with tempfile.TemporaryFile() as output:
        code = _wait(command, cwd, output.fileno())
        output.seek(0)
        text = output.read().decode(errors="replace").strip()
    if code != 0:
        raise SetupFailed(explain(command, text))


def _wait(command: Sequence[str], cwd: Path, output: int) -> int:
    started = time.monotonic()
    child = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        while True:
            try:
                return child.wait(timeout=HEARTBEAT_SECONDS)
            except subprocess.TimeoutExpired:
                say(f"  still working, {time.monotonic() - started:.0f} s")
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()


def explain(command: Sequence[str], output: str) -> str:
    """The message for a failed `command`: its likely cause first, then the end of what it printed."""
    tail = "\n".join(f"    {line}" for line in output.splitlines()[-15:])
    lowered = output.lower()
    if any(sign in lowered for sign in DISK_SIGNS):
        cause = "The disk is full. Free some space (about 2 GB is needed) and run the command again."
    elif any(sign in lowered for sign in NETWORK_SIGNS):
        cause = (
            "A package could not be fetched. Check the network connection (and HTTPS_PROXY, SSL_CERT_FILE\n"
            "or UV_DEFAULT_INDEX if this network needs them), then run the command again: what was\n"
            "fetched already is kept."
        )
    else:
        cause = "A step of the set-up failed."
    return f"{cause}\n  {Path(command[0]).name} {' '.join(command[1:3])} said:\n{tail or '    (nothing)'}"


def output_of(command: Sequence[str]) -> str | None:
    """What `command` prints on standard output, or None when it cannot be run, fails or takes over 20 s."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None


def exit_with_words(main: Callable[[], None], again: str) -> None:
    """Run `main`; end with 1 and its words on `SetupFailed`, with 130 on Ctrl-C, never with a traceback."""
    try:
        main()
    except SetupFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        sys.exit(1)
    except OSError as failure:
        place = f" ({failure.filename})" if failure.filename else ""
        print(f"\n{failure.strerror or failure}{place}. Put that right and run `{again}`.", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print(f"\nInterrupted. Run `{again}` to go on.", file=sys.stderr)
        sys.exit(130)
