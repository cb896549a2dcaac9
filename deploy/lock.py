"""`make lock`: compiles each dependency group of pyproject.toml to a hashed file in deploy/requirements.

Versions that are pinned already stay; `make lock UPGRADE=1` moves them. The files name no index, so
they hold for whichever registry or mirror a machine uses.
"""

from __future__ import annotations

import os
from pathlib import Path

import steps
import toolchain
from toolchain import REQUIREMENTS, ROOT

FILES = Path("deploy/requirements")
# In this order: dev must agree with app, for both go into one environment.
GROUPS: dict[str, list[str]] = {
    "uv": ["--python-version", "3.9"],
    "app": ["--python-version", "3.11"],
    "dev": ["--python-version", "3.11", "--constraints", str(FILES / "app.txt")],
    "nlu": ["--python-version", "3.10", "--excludes", str(FILES / "nlu-excludes.txt")],
    "peer": ["--python-version", "3.10"],
    "bench": ["--python-version", "3.11", "--constraints", str(FILES / "app.txt")],
    "node": ["--python-version", "3.11"],
}


def main() -> None:
    """Compile every group."""
    uv = str(toolchain.find_uv())
    for group, flags in GROUPS.items():
        with steps.step(f"Locking {REQUIREMENTS.name}/{group}.txt"):
            steps.run(compile_command(uv, group, flags), ROOT)


def compile_command(uv: str, group: str, flags: list[str]) -> list[str]:
    """The command that locks one group for every platform, the same on every machine."""
    command = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--group",
        group,
        "--output-file",
        str(FILES / f"{group}.txt"),
    ]
    command += ["--universal", "--generate-hashes", "--no-annotate", "--no-emit-index-url"]
    command += ["--no-emit-find-links", "--custom-compile-command", "make lock"]
    if os.environ.get("UPGRADE"):
        command.append("--upgrade")
    return command + flags


if __name__ == "__main__":
    steps.exit_with_words(main, "make lock")
