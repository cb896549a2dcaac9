"""Every setting is checked at the start; a wrong one is named with what to do."""

import re
from pathlib import Path

import pytest

from bot.domain.enums import Disclosure
from bot.domain.errors import SettingInvalid
from bot.settings import CHECKOUT, read_settings

TWILIO = {
    "NORTHSTAR_TWILIO_ACCOUNT_SID": "AC" + "0a" * 16,
    "NORTHSTAR_TWILIO_AUTH_TOKEN": "secret",
    "NORTHSTAR_TWILIO_SENDER": "+12125550100",
}
TELEGRAM = {"NORTHSTAR_TELEGRAM_TOKEN": "1:abc", "NORTHSTAR_TELEGRAM_BOT_NAME": "@riverside_bot"}


def test_without_any_setting_it_is_a_careful_local_clinic(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path)
    assert settings.data_dir == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'northstar.db'}"
    assert settings.key_file == tmp_path / "var" / "northstar.key"
    assert (settings.host, settings.public_url) == ("127.0.0.1", "http://127.0.0.1:8000")
    assert settings.disclosure is Disclosure.MINIMUM
    assert (settings.twilio, settings.telegram, settings.nurse_line) == (None, None, None)
    assert not settings.secure_cookies


def test_blank_is_the_same_as_missing(tmp_path: Path) -> None:
    blank = dict.fromkeys([*TWILIO, *TELEGRAM, "NORTHSTAR_PORT", "NORTHSTAR_DISCLOSURE"], "  ")
    assert read_settings(blank, tmp_path) == read_settings({}, tmp_path)


def test_a_real_deployment_is_read(tmp_path: Path) -> None:
    settings = read_settings(
        {
            **TWILIO,
            **TELEGRAM,
            "NORTHSTAR_PUBLIC_URL": "https://texts.example.org/",
            "NORTHSTAR_HOST": "0.0.0.0",  # noqa: S104 - behind a proxy
            "NORTHSTAR_DISCLOSURE": "standard",
            "NORTHSTAR_TELEGRAM_UPDATES": "webhook",
            "NORTHSTAR_OFFICE_HOURS": "Mon-Sat 09:00-13:30",
        },
        tmp_path,
    )
    assert settings.public_url == "https://texts.example.org"
    assert settings.secure_cookies
    assert settings.disclosure is Disclosure.FULL
    assert settings.twilio is not None
    assert settings.telegram is not None
    assert (settings.telegram.bot_name, settings.telegram.webhook) == ("riverside_bot", True)
    assert settings.office_hours.weekdays == frozenset(range(6))


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"NORTHSTAR_PORT": "eight"}, "NORTHSTAR_PORT"),
        ({"NORTHSTAR_PORT": "70000"}, "NORTHSTAR_PORT"),
        ({"NORTHSTAR_LEASE_S": "-1"}, "NORTHSTAR_LEASE_S"),
        ({"NORTHSTAR_LEASE_S": "nan"}, "NORTHSTAR_LEASE_S"),
        ({"NORTHSTAR_RASA_TIMEOUT_S": "x"}, "NORTHSTAR_RASA_TIMEOUT_S"),
        ({"NORTHSTAR_PUBLIC_URL": "texts.example.org"}, "NORTHSTAR_PUBLIC_URL"),
        ({"NORTHSTAR_PUBLIC_URL": "https://x.org/?a=1"}, "NORTHSTAR_PUBLIC_URL"),
        ({"NORTHSTAR_TIME_ZONE": "New York"}, "NORTHSTAR_TIME_ZONE"),
        ({"NORTHSTAR_OFFICE_HOURS": "9 to 5"}, "NORTHSTAR_OFFICE_HOURS"),
        ({"NORTHSTAR_OFFICE_HOURS": "Mon-Xxx 08:00-17:00"}, "NORTHSTAR_OFFICE_HOURS"),
        ({"NORTHSTAR_OFFICE_HOURS": "Fri-Mon 08:00-17:00"}, "NORTHSTAR_OFFICE_HOURS"),
        ({"NORTHSTAR_OFFICE_HOURS": "Mon-Fri 17:00-08:00"}, "NORTHSTAR_OFFICE_HOURS"),
        ({"NORTHSTAR_OFFICE_HOURS": "Mon-Fri 25:00-26:00"}, "NORTHSTAR_OFFICE_HOURS"),
        ({"NORTHSTAR_DISCLOSURE": "everything"}, "NORTHSTAR_DISCLOSURE"),
        ({"NORTHSTAR_NURSE_LINE": "the nurse"}, "NORTHSTAR_NURSE_LINE"),
        ({"NORTHSTAR_TWILIO_ACCOUNT_SID": "SK1"}, "NORTHSTAR_TWILIO_ACCOUNT_SID"),
        ({**TWILIO, "NORTHSTAR_TWILIO_AUTH_TOKEN": ""}, "NORTHSTAR_TWILIO_AUTH_TOKEN"),
        ({**TWILIO, "NORTHSTAR_TWILIO_SENDER": ""}, "NORTHSTAR_TWILIO_SENDER"),
        ({"NORTHSTAR_TELEGRAM_TOKEN": "1:abc"}, "NORTHSTAR_TELEGRAM_BOT_NAME"),
        ({**TELEGRAM, "NORTHSTAR_TELEGRAM_UPDATES": "pigeon"}, "NORTHSTAR_TELEGRAM_UPDATES"),
        ({"NORTHSTAR_HOST": "0.0.0.0"}, "NORTHSTAR_TWILIO_ACCOUNT_SID"),  # noqa: S104 - the handsets stay at home
        ({"NORTHSTAR_HOST": "clinic.example.org"}, "NORTHSTAR_TWILIO_ACCOUNT_SID"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(
    tmp_path: Path, environment: dict[str, str], name: str
) -> None:
    with pytest.raises(SettingInvalid) as caught:
        read_settings(environment, tmp_path)
    assert caught.value.name == name
    assert caught.value.remedy.endswith((".", "0"))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.1.2.3"])
def test_the_local_carrier_is_for_this_machine_only(tmp_path: Path, host: str) -> None:
    assert read_settings({"NORTHSTAR_HOST": host}, tmp_path).twilio is None


def test_every_setting_stands_in_the_example_file() -> None:
    read = set(re.findall(r'"(NORTHSTAR_[A-Z_]+)"', (CHECKOUT / "bot" / "settings.py").read_text("utf-8")))
    example = set(re.findall(r"(NORTHSTAR_[A-Z_]+)=", (CHECKOUT / ".env.example").read_text("utf-8")))
    # The demo marks itself; nobody sets that.
    assert read == example
