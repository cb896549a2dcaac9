"""The database: SQLite by default, PostgreSQL by changing one URL. The only module that opens connections."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from bot.domain.errors import NorthstarError, SettingInvalid

SETTING = "NORTHSTAR_DATABASE_URL"
LOCK_WAIT_S = 5
MIGRATIONS = Path(__file__).parent / "migrations"
WORK_CHANNEL = "northstar_work"


class NoRoomToRehearse(NorthstarError):
    """The database cannot be copied for a rehearsal."""


class Database:
    """Hands out sessions. `read` never blocks a writer; `write` is one transaction, taken at once on SQLite.

    On SQLite `write` begins IMMEDIATE, so two writers queue instead of failing at commit. On PostgreSQL a transaction
    in which nothing was asked for `idle_s` is ended by the server: a worker that is frozen in the middle of one would
    else keep its locks for as long, and others would wait for it.
    """

    def __init__(self, url: str, *, idle_s: float | None = None) -> None:
        self.url = parse_url(url)
        self.engine = make_engine(self.url)
        if idle_s is not None and self.is_postgresql:
            event.listen(self.engine, "connect", partial(_limit_idle, idle_s))
        self._immediate = self.engine.execution_options(begin="IMMEDIATE")

    @property
    def is_postgresql(self) -> bool:
        return self.url.get_backend_name() == "postgresql"

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Commits at the end of the block, rolls back when it raises."""
        with Session(self._immediate, expire_on_commit=False) as session, session.begin():
            if self.is_postgresql:
                event.listen(session, "after_flush", _announce_work)
            yield session

    @contextmanager
    def rehearsal(self) -> Iterator["Rehearsal"]:
        """Where writing can be tried: what is written is seen within the block and gone after it.

        A SQLite file is copied beside itself, because one long transaction would keep every text waiting; PostgreSQL
        locks no more than the rows that are changed.
        """
        if self.is_postgresql:
            with self.read() as session:
                yield Rehearsal(session)
            return
        beside = Path(str(self.url.database)).parent
        with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=beside) as folder:
            copy = self._copy_to(f"{folder}/rehearsal.db")
            try:
                with copy.read() as session:
                    yield Rehearsal(session)
            finally:
                copy.close()

    def _copy_to(self, file: str) -> "Database":
        """Of a SQLite file as it is now; nobody waits for it. Raises NoRoomToRehearse."""
        try:
            with closing(sqlite3.connect(str(self.url.database))) as here, closing(sqlite3.connect(file)) as there:
                here.backup(there)
        except sqlite3.Error as error:
            raise NoRoomToRehearse(f"{self.url.database} cannot be copied beside itself; make room there.") from error
        return Database(self.url.set(database=file).render_as_string())

    def lock(self, session: Session, number: int) -> None:
        """Let one transaction at a time past this point. On SQLite a write transaction already is alone."""
        if self.is_postgresql:
            session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})

    def answers(self) -> bool:
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except OperationalError:
            return False
        return True

    def is_current(self) -> bool:
        """True when every migration has been applied."""
        heads = set(ScriptDirectory.from_config(alembic_config(self.url)).get_heads())
        with self.engine.connect() as connection:
            return set(MigrationContext.configure(connection).get_current_heads()) == heads

    def upgrade(self) -> None:
        """Apply the migrations that are missing. One process at a time on PostgreSQL and on SQLite."""
        config = alembic_config(self.url)
        with self._immediate.connect() as connection, connection.begin():
            if self.is_postgresql:
                connection.execute(text("SELECT pg_advisory_xact_lock(7304112)"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        self.engine.dispose()


class Rehearsal:
    """The one transaction of a rehearsal, in place of a Database that commits each."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def write(self) -> Iterator[Session]:
        yield self._session
        self._session.flush()


def _limit_idle(idle_s: float, connection: psycopg.Connection[Any], _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = {int(idle_s * 1000)}")
    connection.commit()


def _announce_work(session: Session, _context: Any) -> None:
    """Tell the workers that listen; the notice goes out with the commit, and once for a transaction."""
    if any(getattr(row, "wakes_workers", False) for row in session.new):
        session.connection().execute(text("SELECT pg_notify(:channel, '')"), {"channel": WORK_CHANNEL})


def parse_url(url: str) -> URL:
    """Raises SettingInvalid for anything but SQLite in a file or PostgreSQL through psycopg 3."""
    remedy = "Use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE."
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SettingInvalid(SETTING, "not a database URL", remedy) from error
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return parsed
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case _:
            raise SettingInvalid(SETTING, "only SQLite files and PostgreSQL are supported", remedy)


def make_engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=20)
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, hide_parameters=True, pool_size=10, max_overflow=20, connect_args={"timeout": LOCK_WAIT_S}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transaction handling begins late and would make IMMEDIATE impossible.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")


def alembic_config(url: URL) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config
