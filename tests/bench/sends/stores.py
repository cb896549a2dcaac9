"""The two databases that are measured: SQLite in a folder, and a throw-away PostgreSQL that keeps what it commits."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy import make_url

from bot.records.engine import Database
from tests.support.postgres import Cluster, cluster


class Store(Protocol):
    """Makes databases of one kind. All have one key file, so one may be a copy of another."""

    name: str

    def make(self) -> str:
        """The URL of a new empty one."""

    def copy(self, url: str) -> str:
        """The URL of a copy of one that nobody is connected to."""


@dataclass
class SqliteStore:
    folder: Path
    numbers: Iterator[int] = field(default_factory=count)
    name: str = "sqlite"

    def make(self) -> str:
        return f"sqlite:///{self.folder / f'clinic{next(self.numbers)}.db'}"

    def copy(self, url: str) -> str:
        made = self.make()
        shutil.copy(str(make_url(url).database), str(make_url(made).database))
        return made


@dataclass
class PostgresStore:
    cluster: Cluster
    name: str = "postgresql"

    def make(self) -> str:
        return self.cluster.make_database()

    def copy(self, url: str) -> str:
        made = self.cluster.make_database(like=str(make_url(url).database))
        # What copying wrote is not flushed to the disk in the midst of what is measured.
        with psycopg.connect(made, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        return made


@contextmanager
def open_stores(folder: Path) -> Iterator[tuple[SqliteStore, PostgresStore]]:
    """Raises PostgresMissing."""
    # The peer holds a connection for each job that it does at once.
    with cluster(fsync="on", max_connections="400") as running:
        yield SqliteStore(folder), PostgresStore(running)


def settle(database: Database) -> None:
    """After much was written: let the planner know it, and leave nothing to be tidied up while others measure."""
    if database.is_postgresql:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.exec_driver_sql("CHECKPOINT")
        return
    with database.write() as session:
        session.connection().exec_driver_sql("ANALYZE")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
