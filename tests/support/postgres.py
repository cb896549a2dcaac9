"""A throw-away PostgreSQL cluster: made with initdb in a temporary folder, reached through a socket there."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

# PostgreSQL refuses to run as root; where tests do, Debian's own account stands in.
UNPRIVILEGED = "postgres"
BIN_FOLDERS = "/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"


class PostgresMissing(Exception):
    """PostgreSQL's binaries are not on this machine."""

    def __str__(self) -> str:
        return str(self.__doc__)

    def skip_or_fail(self) -> None:
        """Skips on a user's machine; fails where NORTHSTAR_REQUIRE_POSTGRES is 1."""
        if os.environ.get("NORTHSTAR_REQUIRE_POSTGRES") == "1":
            pytest.fail(str(self))
        pytest.skip(str(self))


@dataclass
class Cluster:
    """A running cluster; `folder` holds its socket."""

    folder: Path
    bin_folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def make_database(self, like: str = "template1") -> str:
        """A new database, empty or as the one of that name; returns its URL."""
        name = f"clinic{next(self.numbers)}"
        self.run("createdb", "-h", str(self.folder), "-U", "northstar", "-T", like, name)
        return f"postgresql://northstar@/{name}?host={self.folder}"

    def run(self, command: str, *arguments: str) -> None:
        # No pipes: pg_ctl's server inherits them, and would keep them open.
        with (self.folder / f"{command}.log").open("wb") as log:
            subprocess.run(
                [str(self.bin_folder / command), *arguments],
                user=UNPRIVILEGED if os.geteuid() == 0 else None,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
            )


@contextmanager
def cluster(**settings: str) -> Iterator[Cluster]:
    """With these settings of PostgreSQL; without any, what is committed need not be on the disk.

    Raises PostgresMissing.
    """
    made = Cluster(Path(tempfile.mkdtemp(prefix="northstar-pg-")), bin_folder())
    data = str(made.folder / "data")
    try:
        if os.geteuid() == 0:
            shutil.chown(made.folder, UNPRIVILEGED)
        made.run("initdb", "-D", data, "-U", "northstar", "--auth=trust", "--no-sync", "--encoding=UTF8")
        chosen = {"fsync": "off", **settings, "listen_addresses": "''", "unix_socket_directories": str(made.folder)}
        options = " ".join(f"-c {name}={value}" for name, value in chosen.items())
        made.run("pg_ctl", "-D", data, "-o", options, "-w", "start")
        yield made
    finally:
        if (made.folder / "data" / "postmaster.pid").exists():
            made.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(made.folder, ignore_errors=True)


def bin_folder() -> Path:
    """Where initdb is. Raises PostgresMissing."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    for pattern in BIN_FOLDERS:
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True):
            if (folder / "initdb").exists():
                return folder
    raise PostgresMissing
