"""Finds the tools that the environments are built with: uv, and a Python for each environment."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

import steps

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "deploy" / "requirements"
OWN_UV = ROOT / "build" / "uv"
UV_PIN = REQUIREMENTS / "uv.txt"

# Names the interpreter below an active virtual environment: that environment may be the one to be replaced.
PROBE = "import sys; print('%d.%d' % sys.version_info[:2], getattr(sys, '_base_executable', sys.executable))"


class Wanted(NamedTuple):
    """A Python that an environment needs: versions best first, and the setting that names one by hand."""

    versions: tuple[str, ...]
    setting: str
    purpose: str


APP = Wanted(("3.13", "3.12", "3.11", "3.14"), "NORTHSTAR_PYTHON", "the app (.venv)")
NLU = Wanted(("3.10",), "NORTHSTAR_PYTHON310", "the language server (.venv-nlu)")


def find_uv() -> Path:
    """A uv at least as new as the pinned one: from PATH, from build/uv, or installed there now."""
    pinned = pinned_uv()
    on_path = shutil.which("uv")
    for candidate in filter(None, (on_path, str(OWN_UV / "bin" / "uv"))):
        if uv_version(candidate) >= pinned:
            return Path(candidate)
    with steps.step(f"Installing uv {'.'.join(map(str, pinned))} into build/uv"):
        return install_uv()


def pinned_uv() -> tuple[int, ...]:
    """The uv version that deploy/requirements/uv.txt names."""
    match = re.search(r"^uv==([\d.]+)", UV_PIN.read_text(encoding="utf-8"), re.MULTILINE)
    if match is None:
        raise steps.SetupFailed(f"{UV_PIN} names no version of uv. Restore the file from git.")
    return tuple(int(part) for part in match.group(1).split("."))


def uv_version(uv: str) -> tuple[int, ...]:
    """The version of the program `uv`, or () when it does not run."""
    match = re.match(r"uv (\d+)\.(\d+)\.(\d+)", steps.output_of([uv, "--version"]) or "")
    return tuple(int(part) for part in match.groups()) if match else ()


def install_uv() -> Path:
    """Install the pinned, hashed uv into the checkout with this Python's venv, or its pip alone."""
    shutil.rmtree(OWN_UV, ignore_errors=True)
    OWN_UV.parent.mkdir(exist_ok=True)
    flags = [
        "install",
        "--quiet",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--no-deps",
        "-r",
        str(UV_PIN),
    ]
    if steps.output_of([sys.executable, "-m", "venv", str(OWN_UV)]) is not None:
        steps.run([str(OWN_UV / "bin" / "python"), "-m", "pip", *flags], ROOT)
    elif steps.output_of([sys.executable, "-m", "pip", "--version"]) is not None:
        shutil.rmtree(OWN_UV, ignore_errors=True)
        steps.run([sys.executable, "-m", "pip", *flags, "--target", str(OWN_UV)], ROOT)
    else:
        raise steps.SetupFailed(
            "This Python can neither make a virtual environment nor run pip, so uv cannot be installed.\n"
            "  Debian, Ubuntu:  sudo apt install python3-venv\n"
            "  macOS:           brew install uv\n"
            "Then run the command again."
        )
    return OWN_UV / "bin" / "uv"


def find_python(wanted: Wanted, uv: Path) -> str:
    """The path of an interpreter that really runs as one of the wanted versions; uv fetches one if need be.

    Raises `SetupFailed` with what to install when none can be had.
    """
    by_hand = os.environ.get(wanted.setting)
    if by_hand:
        return _probe(by_hand, wanted) or _refuse(by_hand, wanted)
    for candidate in candidates(wanted):
        found = _probe(candidate, wanted)
        if found:
            return found
    for version in wanted.versions:
        found = _probe(steps.output_of([str(uv), "python", "find", "--no-project", version]), wanted)
        if found:
            return found
    return _fetch(wanted, uv)


def candidates(wanted: Wanted) -> Iterator[str]:
    """Where an interpreter may be: this one, on PATH, under pyenv (whose shims may not run)."""
    yield sys.executable
    for version in wanted.versions:
        yield f"python{version}"
        for root in filter(None, (os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv"))):
            for folder in sorted(Path(root, "versions").glob(f"{version}.*"), reverse=True):
                yield str(folder / "bin" / "python")


def _probe(candidate: str | None, wanted: Wanted) -> str | None:
    answer = steps.output_of([candidate, "-c", PROBE]) if candidate else None
    version, _, path = (answer or "").partition(" ")
    return path if version in wanted.versions and path else None


def _fetch(wanted: Wanted, uv: Path) -> str:
    version = wanted.versions[0]
    try:
        with steps.step(f"Fetching Python {version} for {wanted.purpose}"):
            steps.run([str(uv), "python", "install", "--no-progress", version], ROOT)
    except steps.SetupFailed as failure:
        raise steps.SetupFailed(f"{how_to_get(wanted)}\n\nFetching one did not work: {failure}") from failure
    found = _probe(steps.output_of([str(uv), "python", "find", "--no-project", version]), wanted)
    if found is None:
        raise steps.SetupFailed(how_to_get(wanted))
    return found


def _refuse(by_hand: str, wanted: Wanted) -> NoReturn:
    raise steps.SetupFailed(
        f"{wanted.setting} is {by_hand}, which does not run as Python {' or '.join(wanted.versions)}.\n"
        f"Set it to the path of such a Python, or unset it to have one looked for."
    )


def how_to_get(wanted: Wanted) -> str:
    """What to do on the usual systems when no wanted Python was found."""
    version = wanted.versions[0]
    return (
        f"No Python {version} was found for {wanted.purpose}. Any one of these gives one:\n"
        f"  Ubuntu:  sudo add-apt-repository ppa:deadsnakes/ppa && sudo apt install python{version}-venv\n"
        f"  Debian:  install pyenv, then: pyenv install {version}\n"
        f"  macOS:   brew install python@{version}\n"
        f"  other:   set {wanted.setting} to the path of a Python {version}\n"
        f"Then run the command again."
    )
