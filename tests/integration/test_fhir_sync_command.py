"""`northstar sync fhir` as a clinic runs it: what it prints, how it ends, and kill -9 in the middle."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import func, select

from bot.domain.errors import SettingInvalid
from bot.fhir.addresses import checked_address
from bot.fhir.sign_in import ClientKey
from bot.records import FhirResource, FhirSync
from bot.records.engine import Database
from bot.settings import CHECKOUT
from tests.support.clinic import settings_in
from tests.support.fhir import amina, metformin, nguyen, resource, riverside, visit
from tests.support.processes import eventually
from tests.support.real_fhir import CLIENT_ID, KEY_ID, RealFhir

PRIVATE = ("Amina", "Diallo", "Nguyen", "metformin 500", "555-0171", "5550171", "Harbor")


def command(folder: Path, *arguments: str, **settings: str) -> tuple[list[str], dict[str, str]]:
    environment = {**os.environ, "NORTHSTAR_DATA_DIR": str(folder / "var"), "COLUMNS": "120", **settings}
    return [sys.executable, "-m", "bot", "sync", "fhir", *arguments], environment


def sync_fhir(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    line, environment = command(folder, *arguments, **settings)
    return subprocess.run(line, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120)


def test_it_signs_in_says_what_it_took_and_names_what_it_could_not(tmp_path: Path, real_fhir: RealFhir) -> None:
    there, key_file, remarks = real_fhir.repository(), tmp_path / "client.pem", tmp_path / "remarks.jsonl"
    there.put(amina(), nguyen(), riverside(), visit(), metformin(status="nope"))
    key_file.write_bytes(real_fhir.pem)
    key_file.chmod(0o600)
    settings = {
        "NORTHSTAR_FHIR_CLIENT_ID": CLIENT_ID,
        "NORTHSTAR_FHIR_KEY_FILE": str(key_file),
        "NORTHSTAR_FHIR_KEY_ID": KEY_ID,
    }
    done = sync_fhir(tmp_path, "--server", f"{there.signed}/", "--report", str(remarks), **settings)
    assert done.returncode == 1, done.stderr
    assert "rejected: MedicationRequest.status is no code of medicationrequest-status" in done.stdout
    (remark,) = (json.loads(line) for line in remarks.read_text("utf-8").splitlines())
    assert remark["resource"] == "MedicationRequest/metformin"
    for each in (done.stdout, done.stderr, remarks.read_text("utf-8")):
        assert not any(private in each for private in (*PRIVATE, "PRIVATE KEY", "Traceback"))


def test_after_kill_9_the_next_sync_completes_the_record_and_leaves_no_file(
    tmp_path: Path, real_fhir: RealFhir
) -> None:
    there = real_fhir.repository()
    there.put(*(resource("Organization", f"o{number}", name="Riverside") for number in range(1300)), amina(), nguyen())
    line, environment = command(tmp_path, "--server", there.base)
    with subprocess.Popen(line, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL) as running:
        eventually(lambda: len(_stored(tmp_path, FhirSync)), within_s=60, what="the first portion")
        running.kill()
    taken = len(_stored(tmp_path, FhirResource))
    assert 1000 <= taken < 1302
    done = sync_fhir(tmp_path, "--server", there.base)
    assert done.returncode == 0, done.stderr
    assert len(_stored(tmp_path, FhirResource)) == 1302
    kept = {path.name.partition(".db")[0] for path in (tmp_path / "var").iterdir()}
    assert kept == {"northstar", "northstar.key", "fhir-sync.lock"}


def _stored(folder: Path, table: type[FhirSync] | type[FhirResource]) -> range:
    """As many as there are rows; none while there is no database yet."""
    path = folder / "var" / "northstar.db"
    if not path.exists():
        return range(0)
    with closing(Database(f"sqlite:///{path}")) as database, database.read() as session:
        if not database.is_current():
            return range(0)
        return range(session.scalars(select(func.count()).select_from(table)).one())


def test_a_user_mistake_is_said_without_a_traceback(tmp_path: Path) -> None:
    done = sync_fhir(tmp_path, "--server", "http://fhir.example.org/r4")
    assert done.returncode == 1
    assert "--server: is not encrypted. Use https, or set NORTHSTAR_FHIR_PLAIN_HTTP" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "address", ["fhir.example.org", "https://us:secret@fhir.example.org", "https://[x", "ftp://x", "https://x/r4?a=b"]
)
def test_what_is_no_plain_web_address_is_refused(address: str) -> None:
    with pytest.raises(SettingInvalid, match="web address") as refused:
        checked_address("--server", address, plain_http=True)
    assert "secret" not in str(refused.value)


def test_plain_http_is_for_this_machine_unless_the_clinic_allows_it() -> None:
    assert checked_address("--server", "http://127.0.0.1:8080/r4/", plain_http=False) == "http://127.0.0.1:8080/r4"
    assert checked_address("--server", "http://fhir.lan/r4", plain_http=True) == "http://fhir.lan/r4"
    with pytest.raises(SettingInvalid, match="not encrypted"):
        checked_address("--server", "http://fhir.lan/r4", plain_http=False)


def test_a_client_without_a_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="NORTHSTAR_FHIR_KEY_FILE"):
        settings_in(tmp_path, "sqlite:///x.db", NORTHSTAR_FHIR_CLIENT_ID="us")


def test_a_key_is_read_from_pem_or_jwk_and_kept_from_others(tmp_path: Path) -> None:
    private = rsa.generate_private_key(65537, 2048)
    file = tmp_path / "key"
    file.write_text(json.dumps({**json.loads(RSAAlgorithm.to_jwk(private)), "kid": "of-the-jwk"}), "ascii")
    file.chmod(0o600)
    key = ClientKey.load(file, None)
    assert (key.algorithm, key.key_id) == ("RS384", "of-the-jwk")
    weak = ec.generate_private_key(ec.SECP256R1())
    pem = weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content, words in ((pem, "RS384 or ES384"), (b"{}", "no private key"), (b"nonsense", "no private key")):
        file.write_bytes(content)
        with pytest.raises(SettingInvalid, match=words):
            ClientKey.load(file, None)
    file.chmod(0o644)
    with pytest.raises(SettingInvalid, match="others can read"):
        ClientKey.load(file, None)
    with pytest.raises(SettingInvalid, match="cannot be read"):
        ClientKey.load(tmp_path / "nowhere", None)
