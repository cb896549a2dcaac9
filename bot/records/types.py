"""Column types: UTC instants, sealed text (AES-256-GCM) and the blind index (keyed HMAC) for look-ups.

Sealed values are bound to table, column and row as associated data, so a ciphertext copied to another place
does not open. The key's id stands in front, so keys can be rotated.
"""

import base64
import hashlib
import hmac
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import DateTime, Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from bot.domain.errors import KeyMissing, SealBroken, SettingInvalid

NONCE_BYTES = 12
KEY_FILE_SETTING = "NORTHSTAR_KEY_FILE"


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """The sealing keys by id, the id to seal with now, and the blind index's key. Each key is 32 bytes."""

    current: str
    keys: Mapping[str, bytes]
    index_key: bytes

    @classmethod
    def generate(cls) -> Self:
        return cls(current="k1", keys={"k1": os.urandom(32)}, index_key=os.urandom(32))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file. Raises SettingInvalid when it is missing, open to others, or not a key file."""
        try:
            mode = path.stat().st_mode
            document = json.loads(path.read_text("ascii"))
            keys = {key_id: base64.b64decode(value) for key_id, value in document["keys"].items()}
            keyring = cls(current=document["current"], keys=keys, index_key=base64.b64decode(document["index_key"]))
        except FileNotFoundError as error:
            raise SettingInvalid(KEY_FILE_SETTING, "the key file is not there", "Put it back.") from error
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            remedy = "Restore it from your backup; without it the records cannot be read."
            raise SettingInvalid(KEY_FILE_SETTING, "the key file cannot be read", remedy) from error
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SettingInvalid(KEY_FILE_SETTING, "others can read the key file", f"Run: chmod 600 {path}")
        if keyring.current not in keys or any(len(key) != 32 for key in (*keys.values(), keyring.index_key)):
            raise SettingInvalid(KEY_FILE_SETTING, "the key file holds no usable key", "Restore it from your backup.")
        return keyring

    def store(self, path: Path) -> None:
        """Write a new key file that only its owner can read. Never overwrites one."""
        document = {
            "current": self.current,
            "keys": {key_id: base64.b64encode(key).decode() for key_id, key in self.keys.items()},
            "index_key": base64.b64encode(self.index_key).decode(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(document, file, indent=2)
            file.flush()
            os.fsync(file.fileno())

    def seal(self, text: str, place: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(self.keys[self.current]).encrypt(nonce, text.encode(), place.encode())
        return self.current.encode() + b":" + nonce + cipher

    def unseal(self, sealed: bytes, place: str) -> str:
        """Raises KeyMissing when the key is not here, SealBroken when the value was tampered with or moved."""
        key_id, _, rest = bytes(sealed).partition(b":")
        key = self.keys.get(key_id.decode("ascii", "replace"))
        if key is None:
            raise KeyMissing(place)
        try:
            return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, ValueError) as error:  # ValueError: too short to hold a nonce
            raise SealBroken(place) from error

    def blind(self, value: str) -> bytes:
        return hmac.new(self.index_key, value.encode(), hashlib.sha256).digest()


_installed: list[Keyring] = []


def install_keyring(keyring: Keyring) -> None:
    """Make this the keyring of the process. Called by bootstrap before the first query."""
    _installed[:] = [keyring]


def keyring() -> Keyring:
    if not _installed:
        raise KeyMissing("no keyring is installed in this process")
    return _installed[0]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC instant. Refuses naive values; SQLite keeps it as text without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class BlindIndex(TypeDecorator[str]):
    """The keyed HMAC of a value, for equality look-ups. What comes back from the database is not the value."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: str | bytes | None, dialect: Dialect) -> bytes | None:
        if value is None or isinstance(value, bytes):
            return value
        return keyring().blind(value)


class Sealed:
    """A text attribute that is stored sealed in the binary column named in it.

    ``name_sealed: Mapped[bytes] = mapped_column(); name = Sealed("name_sealed")``. The row's id must be set first,
    which the base class sees to, because it is part of the associated data.
    """

    def __init__(self, column: str) -> None:
        self.column = column

    def _place(self, row: Any) -> str:
        return f"{row.__tablename__}.{self.column}.{row.id}"

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> str: ...
    def __get__(self, row: object | None, owner: type) -> Self | str:
        if row is None:
            return self
        return keyring().unseal(getattr(row, self.column), self._place(row))

    def __set__(self, row: object, value: str) -> None:
        setattr(row, self.column, keyring().seal(value, self._place(row)))


class SealedOptional:
    """As Sealed, for a column that may be null."""

    def __init__(self, column: str) -> None:
        self.column = column
        self._text = Sealed(column)

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> str | None: ...
    def __get__(self, row: object | None, owner: type) -> Self | str | None:
        if row is None:
            return self
        return None if getattr(row, self.column) is None else self._text.__get__(row, owner)

    def __set__(self, row: object, value: str | None) -> None:
        if value is None:
            setattr(row, self.column, None)
        else:
            self._text.__set__(row, value)


class SealedJson:
    """As Sealed, for a JSON document. Assign a new document to change it; it is not tracked inside."""

    def __init__(self, column: str) -> None:
        self._text = Sealed(column)

    @overload
    def __get__(self, row: None, owner: type) -> Self: ...
    @overload
    def __get__(self, row: object, owner: type) -> Any: ...
    def __get__(self, row: object | None, owner: type) -> Any:
        return self if row is None else json.loads(self._text.__get__(row, owner))

    def __set__(self, row: object, value: Any) -> None:
        self._text.__set__(row, json.dumps(value, ensure_ascii=False, separators=(",", ":")))
