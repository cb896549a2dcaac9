"""How connections are opened: what a lock, a rollback and a missing server do."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot.records import Practitioner
from bot.records.engine import Database
from tests.support.clinic import at_once


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Practitioner)) or 0


def test_what_raises_is_rolled_back_and_what_ends_is_committed(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.add(Practitioner(name="Dr. A", specialty={}))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count(database) == 0
    with database.write() as session:
        session.add(Practitioner(name="Dr. A", specialty={}))
    assert count(database) == 1


def test_many_writers_at_once_queue_and_none_fails(database: Database) -> None:
    def write(number: int) -> None:
        with database.write() as session:
            session.add(Practitioner(name=f"Dr. {number}", specialty={}))

    assert at_once(12, write) == [None] * 12
    assert count(database) == 12


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as session:
        session.add(Practitioner(name="Dr. A", specialty={}))
        session.flush()
        assert count(database) == 0


def test_a_database_that_is_not_there_says_so_without_its_password(tmp_path: Path) -> None:
    away = Database("postgresql://northstar:hunter2@127.0.0.1:1/nowhere?connect_timeout=1")
    assert not away.answers()
    with pytest.raises(OperationalError) as caught, away.read() as session:
        session.scalar(select(func.count()).select_from(Practitioner))
    assert "hunter2" not in str(caught.value)
    away.close()


def test_a_folder_for_the_file_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a' / 'b' / 'clinic.db'}")
    database.upgrade()
    assert database.answers()
    database.close()
