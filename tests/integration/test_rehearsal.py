"""What is tried in a rehearsal is seen there, is gone after it, and keeps nobody waiting."""

import pytest
from sqlalchemy import select

from bot.records import Practitioner
from bot.records.engine import Database


def names(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(select(Practitioner.name)))


def test_what_was_tried_is_gone_and_others_write_meanwhile(database: Database) -> None:
    with database.rehearsal() as stage:
        with stage.write() as session:
            session.add(Practitioner(name="Dr. Tried", specialty={}))
        with database.write() as session:
            session.add(Practitioner(name="Dr. Linh Nguyen", specialty={}))
        with stage.write() as session:
            assert "Dr. Tried" in session.scalars(select(Practitioner.name)).all()
    assert names(database) == {"Dr. Linh Nguyen"}


def test_a_rehearsal_that_fails_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.rehearsal() as stage, stage.write() as session:
            session.add(Practitioner(name="Dr. Tried", specialty={}))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert names(database) == set()
