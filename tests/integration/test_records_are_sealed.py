"""What is stored about people cannot be read, moved or looked up without the key file."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.bootstrap import open_database
from bot.domain.errors import KeyMissing, SealBroken, SettingInvalid
from bot.records import Communication, ContactPoint, Patient
from bot.records.types import Keyring, install_keyring
from tests.support.cast import AMINA, BRUNO, Cast
from tests.support.clinic import Clinic, settings_in

SECRETS = ("Amina", "Bruno", "Diallo", "1961-05-14", "2125550101", "2125550102", "my secret worry", "Riverside Clinic,")


def everything_stored(clinic: Clinic) -> bytes:
    """Every byte of every row, as somebody would find it who got hold of the database."""
    if not clinic.database.is_postgresql:
        with clinic.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        folder = Path(str(clinic.database.url.database)).parent
        return b"".join(path.read_bytes() for path in folder.glob("northstar.db*"))
    found = []
    with clinic.database.read() as session:
        tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        for table in tables:
            found += session.execute(text(f'SELECT t::text FROM "{table}" t')).scalars()  # noqa: S608
    # bytea is shown as hex, which hides nothing: look at the bytes themselves too.
    shown = "\n".join(found)
    raw = b"\n".join(bytes.fromhex(part) for part in re.findall(r"\\x([0-9a-f]+)", shown))
    return shown.encode() + raw


def test_no_name_number_birth_date_or_text_can_be_read_in_the_database(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.hands_over("my secret worry", "talk_to_person", "person")
    clinic.text(AMINA, "my secret worry")
    clinic.text(BRUNO, "my secret worry too")
    stored = everything_stored(clinic)
    assert b"dolores" in stored  # staff names are not sealed, so the search does find what is there
    for secret in SECRETS:
        assert secret.encode() not in stored, secret


def test_a_sealed_value_in_another_row_or_column_does_not_open(clinic: Clinic, cast: Cast) -> None:
    with clinic.database.write() as session:
        amina = session.get_one(Patient, cast.amina)
        stolen, own_given_name = amina.name_sealed, amina.given_name_sealed
        twin = Patient(
            name="x", given_name="x", language="en", time_zone="UTC", country="US", created_at=clinic.clock.now()
        )
        twin.name_sealed = stolen
        session.add(twin)
        session.flush()
        with pytest.raises(SealBroken):
            twin.name  # noqa: B018
        amina.name_sealed = own_given_name
        with pytest.raises(SealBroken):
            amina.name  # noqa: B018


@pytest.mark.parametrize("spoil", [lambda sealed: sealed[:-1], lambda sealed: sealed[:4], lambda sealed: sealed + b"x"])
def test_a_spoilt_value_is_refused_and_not_shown(clinic: Clinic, cast: Cast, spoil: object) -> None:
    with clinic.database.write() as session:
        amina = session.get_one(Patient, cast.amina)
        amina.name_sealed = spoil(amina.name_sealed)  # type: ignore[operator]
        session.flush()
        with pytest.raises(SealBroken):
            amina.name  # noqa: B018


def test_a_new_key_seals_while_the_old_one_still_opens(clinic: Clinic, cast: Cast) -> None:
    old = clinic.keyring
    rotated = replace(old, current="k2", keys={**old.keys, "k2": os.urandom(32)})
    install_keyring(rotated)
    with clinic.database.write() as session:
        amina = session.get_one(Patient, cast.amina)
        assert amina.name == "Amina Diallo"
        amina.name = amina.name
        assert amina.name_sealed.startswith(b"k2:")
        assert amina.given_name_sealed.startswith(b"k1:")
    assert clinic.row(Patient, cast.amina).name == "Amina Diallo"
    install_keyring(old)
    with pytest.raises(KeyMissing):
        clinic.row(Patient, cast.amina).name  # noqa: B018


def test_a_number_is_found_by_its_keyed_index_alone(clinic: Clinic, cast: Cast) -> None:
    (contact,) = clinic.rows(ContactPoint, ContactPoint.address_index == AMINA)
    assert contact.patient_id == cast.amina
    assert isinstance(contact.address_index, bytes)
    (same,) = clinic.rows(ContactPoint, ContactPoint.address_index == contact.address_index)
    assert same.id == contact.id
    install_keyring(replace(clinic.keyring, index_key=os.urandom(32)))
    assert clinic.rows(ContactPoint, ContactPoint.address_index == AMINA) == []
    install_keyring(clinic.keyring)


def test_the_same_text_twice_is_sealed_differently(clinic: Clinic, cast: Cast) -> None:
    for _ in range(2):
        clinic.text(AMINA, "hello")
    one, two = clinic.rows(Communication, Communication.direction == "inbound")
    assert one.body == two.body
    assert one.body_sealed != two.body_sealed


def test_existing_records_without_their_key_file_are_refused(clinic: Clinic, cast: Cast) -> None:
    settings = clinic.parts.settings
    settings.key_file.rename(settings.key_file.with_suffix(".away"))
    with pytest.raises(SettingInvalid, match="NORTHSTAR_KEY_FILE: the key file is not there"):
        open_database(settings)
    assert not settings.key_file.exists()


def test_another_databases_key_file_is_refused(clinic: Clinic, cast: Cast) -> None:
    settings = clinic.parts.settings
    settings.key_file.unlink()
    Keyring.generate().store(settings.key_file)
    with pytest.raises(SettingInvalid, match="is not the key of this database"):
        open_database(settings)
    install_keyring(clinic.keyring)


def test_the_key_file_is_made_for_its_owner_only_and_refused_when_others_can_read_it(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path / "made", database_url)
    open_database(settings).close()
    assert settings.key_file.stat().st_mode & 0o777 == 0o600
    first = settings.key_file.read_bytes()
    open_database(settings).close()
    assert settings.key_file.read_bytes() == first
    settings.key_file.chmod(0o640)
    with pytest.raises(SettingInvalid, match="others can read the key file"):
        open_database(settings)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": 1}', "not json", "\x00\x01", "null"])
def test_a_spoilt_key_file_is_named_and_never_overwritten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "northstar.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(SettingInvalid, match="NORTHSTAR_KEY_FILE"):
        Keyring.load(path)
    with pytest.raises(FileExistsError):
        Keyring.generate().store(path)
    assert path.read_text() == content


def test_a_key_file_without_its_current_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "northstar.key"
    Keyring.generate().store(path)
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"current": "k9"}))
    with pytest.raises(SettingInvalid, match="no usable key"):
        Keyring.load(path)
