"""The migrations make exactly what the models say, on both databases, from any number of processes at once."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.domain.enums import SlotStatus
from bot.domain.errors import SettingInvalid
from bot.records import ClinicResource, FhirResource, FhirSync, Patient, Record, Slot
from bot.records.engine import Database, alembic_config, parse_url
from tests.support.clinic import at_once
from tests.support.clock import NOW
from tests.support.postgres import Cluster


def test_models_and_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Record.metadata) == []
    assert database.is_current()


def test_every_table_of_the_models_is_there_and_no_other(database: Database) -> None:
    assert set(inspect(database.engine).get_table_names()) == set(Record.metadata.tables) | {"alembic_version"}


def test_upgrading_again_changes_nothing(database: Database) -> None:
    database.upgrade()
    assert database.is_current()


def test_it_goes_down_to_nothing_and_up_again(database: Database) -> None:
    config = alembic_config(database.url)
    with database._immediate.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(database.engine).get_table_names()) == {"alembic_version"}
    assert not database.is_current()
    database.upgrade()
    assert database.is_current()


def test_help_from_before_the_clinics_resources_is_kept_in_both_directions(database: Database) -> None:
    config = alembic_config(database.url)
    old = {"id": UUID(int=7), "topic": "food", "name": {"en": "Pantry"}, "summary": {"es": "Alimentos"}, "hours": {}}
    old |= {"phone": "+12125550100", "url": None, "expires_on": NOW.date()}
    table = sa.table("community_resource", *(sa.column(name, _type(value)) for name, value in old.items()))
    with database._immediate.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "0004")
        connection.execute(table.insert().values(**old))
        command.upgrade(config, "0005")
        with Session(connection) as session:
            row = session.scalars(sa.select(ClinicResource)).one()
            assert (row.id, row.topic, row.name, row.summary) == (old["id"], "food", old["name"], old["summary"])
            assert (row.phone, row.expires_on) == (old["phone"], old["expires_on"])
            assert (row.eligibility, row.keywords, row.place, row.version) == ({}, {}, "", 1)
        command.downgrade(config, "0004")
        assert dict(connection.execute(sa.select(table)).mappings().one()) == old
        command.upgrade(config, "head")


def test_records_that_are_not_in_use_are_taken_again_to_learn_who_has_died(database: Database) -> None:
    patients = {name: UUID(int=number) for number, name in enumerate(("amina", "rose"), start=1)}
    config = alembic_config(database.url)
    with database.write() as session:
        for name, row_id in patients.items():
            told = {"name": name, "given_name": name, "language": "en", "time_zone": "UTC", "country": "US"}
            session.add(Patient(id=row_id, active=name == "amina", created_at=NOW, **told))
            session.add(_taken(name, row_id))
        again = {"Patient": ["lost"], "Location": []}
        session.add_all(
            FhirSync(source="there", resource_type=kind, last_updated_at=NOW, again=ids) for kind, ids in again.items()
        )
    with database._immediate.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
        command.upgrade(config, "head")
    with database.read() as session:
        assert {each.fhir_id: each.part for each in session.scalars(sa.select(FhirResource))} == {
            "amina": False,
            "rose": True,
        }
        cursors = {each.resource_type: each.again for each in session.scalars(sa.select(FhirSync))}
        assert cursors == {"Patient": ["lost", "rose"], "Location": []}
        assert {each.deceased_at for each in session.scalars(sa.select(Patient))} == {None}


def _taken(fhir_id: str, row_id: UUID) -> FhirResource:
    return FhirResource(
        source="there",
        resource_type="Patient",
        fhir_id=fhir_id,
        local_id=row_id,
        patient_id=row_id,
        digest=b"",
        imported_at=NOW,
        run_id=row_id,
    )


def _type(value: object) -> sa.types.TypeEngine[Any]:
    kinds: dict[type, sa.types.TypeEngine[Any]] = {UUID: sa.Uuid(), dict: sa.JSON(), date: sa.Date()}
    return kinds.get(type(value), sa.String())


def start_at_once(url: str) -> None:
    databases = [Database(url) for _ in range(4)]
    assert at_once(4, lambda number: databases[number].upgrade()) == [None] * 4
    assert databases[0].is_current()
    for database in databases:
        database.close()


def test_four_processes_that_start_at_once_migrate_a_new_sqlite_once(tmp_path: Path) -> None:
    start_at_once(f"sqlite:///{tmp_path / 'new.db'}")


@pytest.mark.postgres
def test_four_processes_that_start_at_once_migrate_a_new_postgresql_once(postgres: Cluster) -> None:
    start_at_once(postgres.make_database())


def test_a_row_that_points_nowhere_is_refused_at_commit(database: Database) -> None:
    orphan = Slot(
        practitioner_id=UUID(int=1), location_id=UUID(int=2), status=SlotStatus.FREE, starts_at=NOW, ends_at=NOW
    )
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(orphan)


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "nonsense", ""])
def test_another_kind_of_database_is_refused_by_name(url: str) -> None:
    with pytest.raises(SettingInvalid, match="NORTHSTAR_DATABASE_URL"):
        parse_url(url)


@pytest.mark.parametrize("url", ["postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg2://u:p@h/d"])
def test_postgresql_always_goes_through_psycopg_3(url: str) -> None:
    assert parse_url(url).drivername == "postgresql+psycopg"
