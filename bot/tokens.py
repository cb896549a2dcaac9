"""Secrets that our own processes share, made on first start in a file that only its owner can read.

On one machine nobody has to choose them; on several, the same file is given to all, as the key file is.
"""

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from bot.domain.errors import SettingInvalid

FILE_NAME = "tokens.json"


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """`rasa` guards the Rasa server, `actions` the route it calls back, `telegram_webhook` Telegram's header.

    `carrier_account_sid` and `carrier_auth_token` are the local carrier's, in Twilio's form.
    """

    rasa: str
    actions: str
    telegram_webhook: str
    carrier_account_sid: str
    carrier_auth_token: str


def tokens(data_dir: Path) -> Tokens:
    """Read the file, or make it. Raises SettingInvalid when it cannot be used."""
    path = data_dir / FILE_NAME
    try:
        _make(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingInvalid("NORTHSTAR_DATA_DIR", f"cannot be written: {error.strerror}", "Choose another.") from error
    try:
        document = json.loads(path.read_text("ascii"))
        return Tokens(**{field.name: str(document[field.name]) for field in fields(Tokens)})
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = f"Delete {path}; it is made anew."
        raise SettingInvalid("NORTHSTAR_DATA_DIR", f"{FILE_NAME} cannot be read", remedy) from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = Tokens(
        rasa=secrets.token_urlsafe(32),
        actions=secrets.token_urlsafe(32),
        telegram_webhook=secrets.token_urlsafe(32),
        carrier_account_sid=f"AC{secrets.token_hex(16)}",
        carrier_auth_token=secrets.token_hex(16),
    )
    # Written beside and linked into place: another process never sees half a file, and the first one wins.
    draft = path.with_name(f".{FILE_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(asdict(made), file, indent=2)
        os.link(draft, path)
    finally:
        draft.unlink()
