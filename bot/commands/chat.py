"""`northstar chat`: text as somebody's phone, from the terminal or from a file of lines."""

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import httpx
import phonenumbers
from rich.console import Console

from bot.bootstrap import Parts, build
from bot.domain.errors import NorthstarError, SettingInvalid
from bot.settings import Settings

ANSWER_WITHIN_S = 15.0
SETTLED_AFTER_S = 0.4


class CannotChat(NorthstarError):
    """There is nobody to talk to, or nothing to say."""


def chat(settings: Settings, console: Console, phone: str, file: Path | None) -> None:
    """Send each line as a text from `phone` and print what comes back. Raises CannotChat and SettingInvalid."""
    if settings.twilio is not None:
        raise CannotChat("Twilio is configured; this command speaks through the local carrier only")
    try:
        number = phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException as error:
        raise SettingInvalid("--phone", "is no phone number in E.164", "For example +15550100104.") from error
    parts = build(settings)
    try:
        interactive = file is None and sys.stdin.isatty()
        for line in _lines(console, file, interactive=interactive):
            if not interactive:
                console.print(f"> {line}", markup=False, highlight=False, soft_wrap=True)
            _exchange(parts, console, number, line)
    finally:
        parts.close()


def _lines(console: Console, file: Path | None, *, interactive: bool) -> Iterable[str]:
    if file is not None:
        try:
            yield from (line for line in file.read_text("utf-8").splitlines() if line.strip())
        except (OSError, UnicodeDecodeError) as error:
            raise CannotChat(f"{file} cannot be read as UTF-8 text") from error
    elif not interactive:
        yield from (line.rstrip("\n") for line in sys.stdin if line.strip())
    else:
        while True:
            try:
                line = console.input("[bold]> [/bold]")
            except (EOFError, KeyboardInterrupt):
                return
            if line.strip():
                yield line


def _exchange(parts: Parts, console: Console, number: str, text: str) -> None:
    carrier = parts.carrier
    if carrier is None:
        raise CannotChat("there is no local carrier")
    seen = len(carrier.messages(number))
    try:
        status = carrier.send_from_handset(number, text)
    except httpx.HTTPError as error:
        raise CannotChat(f"nothing answers at {parts.settings.public_url}; start it with: make demo") from error
    if status != 200:
        raise CannotChat(f"the webhook answered {status}")
    deadline = time.monotonic() + ANSWER_WITHIN_S
    answered_at: float | None = None
    while time.monotonic() < deadline:
        messages = carrier.messages(number)
        for message in messages[seen:]:
            if not message.from_handset:
                console.print(message.body, markup=False, highlight=False, soft_wrap=True)
                answered_at = time.monotonic()
        seen = len(messages)
        if answered_at is not None and time.monotonic() - answered_at > SETTLED_AFTER_S:
            return
        time.sleep(0.05)
    if answered_at is None:
        console.print("(no answer; a person may have this conversation)", style="dim")
