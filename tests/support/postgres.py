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

    def skip_or_fail(self) -> None:
        """Skips on a user's machine; fails where NORTHSTAR_REQUIRE_POSTGRES is 1."""
        if os.environ.get("NORTHSTAR_REQUIRE_POSTGRES") == "1":
            pytest.fail(str(self.__doc__))
        pytest.skip(str(self.__doc__))


@dataclass
class Cluster:
    """A running cluster; `folder` holds its socket."""

    folder: Path
    bin_folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def make_database(self) -> str:
        """A new empty database; returns its URL."""
        name = f"clinic{next(self.numbers)}"
        self.run("createdb", "-h", str(self.folder), "-U", "northstar", name)
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
def cluster() -> Iterator[Cluster]:
    """Raises PostgresMissing."""
    made = Cluster(Path(tempfile.mkdtemp(prefix="northstar-pg-")), _bin_folder())
    data = str(made.folder / "data")
    try:
        if os.geteuid() == 0:
            shutil.chown(made.folder, UNPRIVILEGED)
        made.run("initdb", "-D", data, "-U", "northstar", "--auth=trust", "--no-sync", "--encoding=UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories={made.folder} -c fsync=off"
        made.run("pg_ctl", "-D", data, "-o", options, "-w", "start")
        yield made
    finally:
        if (made.folder / "data" / "postmaster.pid").exists():
            made.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(made.folder, ignore_errors=True)


def _bin_folder() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    for pattern in BIN_FOLDERS:
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), reverse=True):
            if (folder / "initdb").exists():
                return folder
    raise PostgresMissing
