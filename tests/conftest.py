"""Shared fixtures: every database that Northstar runs on, and a clinic on it with the stable cast."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bot.records.engine import Database
from tests.support.cast import Cast
from tests.support.clinic import Clinic, settings_in
from tests.support.postgres import Cluster, PostgresMissing, cluster
from tests.support.real_fhir import RealFhir, serve_fhir
from tests.support.served_rasa import ServedRasa, serve_rasa


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "clinic.db"
    database = Database(f"sqlite:///{path}")
    database.upgrade()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A throw-away cluster for this run (one for each xdist worker)."""
    try:
        with cluster() as running:
            yield running
    except PostgresMissing as missing:
        missing.skip_or_fail()


@pytest.fixture(scope="session")
def postgres_template(postgres: Cluster) -> str:
    """The URL of an empty migrated database that others are copied from."""
    url = postgres.make_database()
    database = Database(url)
    database.upgrade()
    database.close()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh migrated database, once for each kind."""
    if request.param == "sqlite":
        path = tmp_path / "northstar.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    template: str = request.getfixturevalue("postgres_template")
    running: Cluster = request.getfixturevalue("postgres")
    name = f"{template.split('@/')[1].split('?')[0]}_{next(running.numbers)}"
    administer(running, f'CREATE DATABASE "{name}" TEMPLATE "{template.split("@/")[1].split("?")[0]}"')
    yield f"postgresql://northstar@/{name}?host={running.folder}"
    administer(running, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clinic(database_url: str, tmp_path: Path) -> Iterator[Clinic]:
    """A clinic that may show everything on an enrolled phone (`disclosure: standard`)."""
    clinic = Clinic(settings_in(tmp_path, database_url))
    yield clinic
    clinic.close()


@pytest.fixture
def cast(clinic: Clinic) -> Cast:
    return clinic.cast()


@pytest.fixture(scope="session")
def real_fhir() -> Iterator[RealFhir]:
    """A FHIR server of somebody else's making, once for this run."""
    with serve_fhir() as running:
        yield running


@pytest.fixture(scope="session")
def served_rasa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedRasa]:
    """The trained model behind a real Rasa server, once for this run."""
    with serve_rasa(tmp_path_factory.mktemp("rasa")) as served:
        yield served


def administer(running: Cluster, statement: str) -> None:
    with psycopg.connect(f"postgresql://northstar@/postgres?host={running.folder}", autocommit=True) as connection:
        connection.execute(statement)
