"""SMART App Launch 2, backend services: a token for an assertion that our private key signs (RFC 7523)."""

import json
import re
import stat
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.domain.errors import SettingInvalid
from bot.fhir.answers import ServerFailed

KEY_SETTING = "NORTHSTAR_FHIR_KEY_FILE"
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# An assertion may last five minutes at most; the other machine's clock may be behind or ahead.
ASSERTION_LASTS_S = 240
# A token is renewed so long before its end; one without an end lasts five minutes, as the specification advises.
RENEW_BEFORE_S = 30
LASTS_S = 300
OAUTH_ERROR = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True, kw_only=True)
class ClientKey:
    """`algorithm` is RS384 or ES384, which every server of the specification knows."""

    key: PrivateKey
    key_id: str | None
    algorithm: str

    @classmethod
    def load(cls, path: Path, key_id: str | None) -> "ClientKey":
        """From PEM or JWK. Raises SettingInvalid."""
        try:
            mode, text = path.stat().st_mode, path.read_bytes()
        except OSError as error:
            raise SettingInvalid(KEY_SETTING, "the key file cannot be read", "Put it there.") from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SettingInvalid(KEY_SETTING, "others can read the key file", f"Run: chmod 600 {path}")
        try:
            document = json.loads(text) if text.lstrip().startswith(b"{") else {}
            key = jwt.PyJWK(document).key if document else load_pem_private_key(text, password=None)
        except (ValueError, TypeError, AttributeError, jwt.PyJWTError, UnsupportedAlgorithm) as error:
            raise SettingInvalid(KEY_SETTING, "holds no private key", "Give an RSA or EC key as PEM or JWK.") from error
        key_id = key_id or document.get("kid")
        if isinstance(key, rsa.RSAPrivateKey):
            return cls(key=key, key_id=key_id, algorithm="RS384")
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP384R1):
            return cls(key=key, key_id=key_id, algorithm="ES384")
        raise SettingInvalid(KEY_SETTING, "holds no private key for RS384 or ES384", "Give an RSA or EC P-384 key.")


class BackendServices:
    """Signs in at the token endpoint that the FHIR server names, when a token is needed and when one has ended."""

    def __init__(
        self, base: str, http: httpx.Client, key: ClientKey, *, client_id: str, scope: str, check: Callable[[str], str]
    ) -> None:
        """`check` refuses an address that nothing may be sent to."""
        self._base, self._http, self._key, self._check = base, http, key, check
        self._client_id, self._scope = client_id, scope
        self._token, self._ends_at = "", 0.0

    def token(self, renew: bool) -> str:
        """A token that is valid for some time yet. Raises ServerFailed."""
        if renew or time.monotonic() >= self._ends_at:
            granted = self._ask("POST", self._endpoint(), "access_token")
            lasts = granted.get("expires_in", LASTS_S)
            lasts = lasts if isinstance(lasts, int | float) else LASTS_S
            self._token = str(granted["access_token"])
            self._ends_at = time.monotonic() + max(lasts - RENEW_BEFORE_S, lasts / 2)
        return self._token

    def _endpoint(self) -> str:
        configuration = self._ask("GET", f"{self._base}/.well-known/smart-configuration", "token_endpoint")
        return self._check(str(configuration["token_endpoint"]))

    def _ask(self, method: str, url: str, wanted: str) -> Mapping[str, Any]:
        form = self._form(url) if method == "POST" else None
        try:
            response = self._http.request(method, url, data=form, headers={"Accept": "application/json"})
            body = response.json()
        except httpx.RequestError as error:
            raise ServerFailed(f"The sign-in cannot be reached ({type(error).__name__}). Try again later.") from error
        except ValueError:
            body = {}
        if response.is_success and isinstance(body, Mapping) and isinstance(body.get(wanted), str):
            return body
        code = body.get("error") if isinstance(body, Mapping) else None
        told = f", {code}" if isinstance(code, str) and OAUTH_ERROR.fullmatch(code) else ""
        raise ServerFailed(
            f"The FHIR server did not sign us in (HTTP {response.status_code}{told}; no {wanted}). "
            f"Check NORTHSTAR_FHIR_CLIENT_ID, {KEY_SETTING}, NORTHSTAR_FHIR_KEY_ID and NORTHSTAR_FHIR_SCOPE."
        )

    def _form(self, endpoint: str) -> dict[str, str]:
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": endpoint,
            "jti": str(uuid4()),
            "exp": int(time.time()) + ASSERTION_LASTS_S,
        }
        headers = {} if self._key.key_id is None else {"kid": self._key.key_id}
        return {
            "grant_type": "client_credentials",
            "scope": self._scope,
            "client_assertion_type": ASSERTION,
            "client_assertion": jwt.encode(claims, self._key.key, algorithm=self._key.algorithm, headers=headers),
        }
