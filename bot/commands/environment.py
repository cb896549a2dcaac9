"""Which deployment a command works on: the environment, `.env`, or the demo where there is no other."""

import os
from collections.abc import Mapping

from dotenv import dotenv_values

from bot.settings import CHECKOUT, Settings, read_settings

DEMO_DIR = CHECKOUT / "build" / "demo"
DEMO: Mapping[str, str] = {
    "NORTHSTAR_DATA_DIR": str(DEMO_DIR),
    "NORTHSTAR_CLINIC": "Riverside Clinic",
    "NORTHSTAR_CLINIC_PHONE": "+15550100000",
    "NORTHSTAR_NURSE_LINE": "+15550100099",
    "NORTHSTAR_DISCLOSURE": "standard",
    "NORTHSTAR_LANGUAGES": "all",
    "NORTHSTAR_TIME_ZONE": "America/New_York",
}


def settings_of_deployment() -> Settings:
    """The deployment of the environment and `.env`; beside a demo that was started here, the demo's."""
    environment = _environment()
    own = any(name in environment for name in ("NORTHSTAR_DATA_DIR", "NORTHSTAR_DATABASE_URL"))
    if not own and not (CHECKOUT / "var").exists() and DEMO_DIR.exists():
        environment = {**DEMO, **environment}
    return read_settings(environment, CHECKOUT)


def settings_of_demo() -> Settings:
    """The demo clinic's, with whatever the environment says on top (ports, a database)."""
    return read_settings({**DEMO, **_environment()}, CHECKOUT)


def _environment() -> dict[str, str]:
    """The process's variables over those of `.env` in the checkout."""
    file: dict[str, str] = {
        name: value for name, value in dotenv_values(CHECKOUT / ".env").items() if value is not None
    }
    return {**file, **os.environ}
