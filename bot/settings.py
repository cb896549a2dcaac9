"""The only reader of the environment. Every setting has a name, a check and a remedy; see `.env.example`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from urllib.parse import urlsplit

import phonenumbers

from bot.domain.clock import zone
from bot.domain.enums import Disclosure
from bot.domain.errors import SettingInvalid, UnknownTimeZone
from bot.domain.loopback import is_loopback
from bot.handoff.hours import OfficeHours

CHECKOUT = Path(__file__).resolve().parents[1]
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# SMART App Launch 2 also knows v1's words, which servers of either version read.
FHIR_SCOPE = "system/*.read system/Appointment.write system/Communication.write system/Task.write"
HOURS = re.compile(r"(\w{3})-(\w{3}) (\d\d:\d\d)-(\d\d:\d\d)")
DISCLOSURES = {"minimum": Disclosure.MINIMUM, "standard": Disclosure.FULL}


@dataclass(frozen=True, kw_only=True)
class TwilioSettings:
    """`per_second`: how many parts the sender may hand over each second, from the carriers' rules for it."""

    account_sid: str
    auth_token: str
    sender: str
    per_second: int


@dataclass(frozen=True, kw_only=True)
class TelegramSettings:
    """`base_url` is the Bot API's; `webhook` or else long polling."""

    token: str
    bot_name: str
    base_url: str
    webhook: bool


@dataclass(frozen=True, kw_only=True)
class FhirClientSettings:
    """How `northstar sync fhir` signs in: SMART backend services, with the private key in `key_file` (PEM or JWK)."""

    client_id: str
    key_file: Path
    key_id: str | None
    scope: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every choice a deployment has. Paths are absolute; seconds are real time."""

    data_dir: Path
    database_url: str
    key_file: Path
    public_url: str
    host: str
    port: int
    rasa_port: int
    rasa_url: str
    actions_url: str
    clinic: str
    clinic_phone: str
    nurse_line: str | None
    country: str
    language: str
    languages: tuple[str, ...] | None
    time_zone: str
    office_hours: OfficeHours
    disclosure: Disclosure
    policies: Path | None
    visit_tasks: bool
    map_link: str | None
    twilio: TwilioSettings | None
    local_carrier_number: str
    telegram: TelegramSettings | None
    fhir_client: FhirClientSettings | None
    fhir_plain_http: bool
    lease_s: float
    rasa_timeout_s: float
    intents: Path
    model_dir: Path

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")


class _Reader:
    """Reads one variable at a time and remembers its name for the message."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def text(self, name: str, default: str) -> str:
        return self._environment.get(name, "").strip() or default

    def optional(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def required(self, name: str, because: str) -> str:
        value = self.optional(name)
        if value is None:
            raise SettingInvalid(name, f"is missing, and {because}", "Set it in .env or the environment.")
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not text.isdecimal() or not low <= int(text) <= high:
            raise SettingInvalid(name, f"must be a whole number from {low} to {high}", f"For example {default}.")
        return int(text)

    def seconds(self, name: str, default: float) -> float:
        try:
            value = float(self.text(name, str(default)))
        except ValueError:
            value = 0.0
        if not 0.1 <= value <= 3600:
            raise SettingInvalid(name, "must be seconds from 0.1 to 3600", f"For example {default}.")
        return value

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        text = self.text(name, default).lower()
        if text not in allowed:
            raise SettingInvalid(name, f"must be one of {', '.join(allowed)}", f"For example {default}.")
        return text

    def phone(self, name: str, default: str | None) -> str | None:
        text = self.optional(name) or default
        if text is None:
            return None
        try:
            phonenumbers.parse(text)
        except phonenumbers.NumberParseException as error:
            raise SettingInvalid(name, "is no phone number in E.164", "For example +15550100100.") from error
        return text


def read_settings(environment: Mapping[str, str], checkout: Path) -> Settings:
    """Check and read every setting. Raises SettingInvalid, which names it and says what to do."""
    reader = _Reader(environment)
    data_dir = Path(reader.text("NORTHSTAR_DATA_DIR", str(checkout / "var"))).expanduser().absolute()
    port = reader.number("NORTHSTAR_PORT", 8000, 1, 65535)
    rasa_port = reader.number("NORTHSTAR_RASA_PORT", 5005, 1, 65535)
    public_url = _public_url(reader, port)
    time_zone = _time_zone(reader)
    settings = Settings(
        data_dir=data_dir,
        database_url=reader.text("NORTHSTAR_DATABASE_URL", f"sqlite:///{data_dir / 'northstar.db'}"),
        key_file=Path(reader.text("NORTHSTAR_KEY_FILE", str(data_dir / "northstar.key"))).expanduser().absolute(),
        public_url=public_url,
        host=_host(reader),
        port=port,
        rasa_port=rasa_port,
        rasa_url=reader.text("NORTHSTAR_RASA_URL", f"http://127.0.0.1:{rasa_port}"),
        actions_url=reader.text("NORTHSTAR_ACTIONS_URL", f"http://127.0.0.1:{port}/actions"),
        clinic=reader.text("NORTHSTAR_CLINIC", "our clinic"),
        clinic_phone=str(reader.phone("NORTHSTAR_CLINIC_PHONE", "+15550100000")),
        nurse_line=reader.phone("NORTHSTAR_NURSE_LINE", None),
        country=reader.text("NORTHSTAR_COUNTRY", "US").upper(),
        language=reader.text("NORTHSTAR_LANGUAGE", "en"),
        languages=_languages(reader),
        time_zone=time_zone,
        office_hours=_office_hours(reader, time_zone),
        disclosure=DISCLOSURES[reader.one_of("NORTHSTAR_DISCLOSURE", "minimum", tuple(DISCLOSURES))],
        policies=_policies(reader),
        visit_tasks=reader.one_of("NORTHSTAR_VISIT_TASKS", "all", ("all", "none")) == "all",
        map_link=_map_link(reader),
        twilio=_twilio(reader),
        local_carrier_number=str(reader.phone("NORTHSTAR_LOCAL_CARRIER_NUMBER", "+15550100000")),
        telegram=_telegram(reader),
        fhir_client=_fhir_client(reader),
        fhir_plain_http=reader.one_of("NORTHSTAR_FHIR_PLAIN_HTTP", "refuse", ("refuse", "allow")) == "allow",
        lease_s=reader.seconds("NORTHSTAR_LEASE_S", 30.0),
        rasa_timeout_s=reader.seconds("NORTHSTAR_RASA_TIMEOUT_S", 5.0),
        intents=checkout / "intents",
        model_dir=Path(reader.text("NORTHSTAR_MODEL_DIR", str(checkout / "build" / "model"))).absolute(),
    )
    _refuse_open_local_carrier(settings)
    if settings.lease_s <= settings.rasa_timeout_s:
        raise SettingInvalid(
            "NORTHSTAR_LEASE_S",
            "must be longer than NORTHSTAR_RASA_TIMEOUT_S, or a slow turn is taken over while it goes on",
            "For example 30.",
        )
    return settings


def _policies(reader: _Reader) -> Path | None:
    """A clinic's own reminders, laid over `bot/reminders/policies.yml`."""
    text = reader.optional("NORTHSTAR_POLICIES")
    if text is None:
        return None
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise SettingInvalid("NORTHSTAR_POLICIES", "is no file", "Name a YAML file, or leave it empty.")
    return path


def _map_link(reader: _Reader) -> str | None:
    """With {address} in it, for the link to a map; "none" for no such links."""
    name = "NORTHSTAR_MAP_LINK"
    text = reader.text(name, "https://www.google.com/maps/dir/?api=1&destination={address}")
    if text == "none":
        return None
    if urlsplit(text).scheme != "https" or "{address}" not in text:
        raise SettingInvalid(name, "must be an https address with {address} in it, or none", "See .env.example.")
    return text


def _refuse_open_local_carrier(settings: Settings) -> None:
    """Whoever reaches the handset page can speak as any patient, so it must not be reachable from elsewhere."""
    if settings.twilio is None and not is_loopback(settings.host):
        raise SettingInvalid(
            "NORTHSTAR_TWILIO_ACCOUNT_SID",
            "is missing, and without it the handset page would be open to the network",
            "Set the three NORTHSTAR_TWILIO_ values, or NORTHSTAR_HOST=127.0.0.1 to try things out.",
        )


def _host(reader: _Reader) -> str:
    return reader.text("NORTHSTAR_HOST", "127.0.0.1")


def _public_url(reader: _Reader, port: int) -> str:
    url = reader.text("NORTHSTAR_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
        raise SettingInvalid("NORTHSTAR_PUBLIC_URL", "is no web address", "For example https://texts.example.org.")
    return url


def _languages(reader: _Reader) -> tuple[str, ...] | None:
    """The languages that the clinic has released; None: those of the registry that somebody has reviewed."""
    text = reader.optional("NORTHSTAR_LANGUAGES")
    if text is None:
        return None
    known = {path.name for path in (CHECKOUT / "locales").iterdir() if path.is_dir()}
    codes = tuple(sorted(known) if text == "all" else (code.strip() for code in text.split(",")))
    for code in codes:
        if code not in known:
            raise SettingInvalid("NORTHSTAR_LANGUAGES", f"names {code}, which is not in locales/", "For example en,es.")
    return codes


def _time_zone(reader: _Reader) -> str:
    name = reader.text("NORTHSTAR_TIME_ZONE", "America/New_York")
    try:
        zone(name)
    except UnknownTimeZone as error:
        raise SettingInvalid("NORTHSTAR_TIME_ZONE", "is no IANA time zone", "For example Europe/Lisbon.") from error
    return name


def _office_hours(reader: _Reader, time_zone: str) -> OfficeHours:
    name, example = "NORTHSTAR_OFFICE_HOURS", "Mon-Fri 08:00-17:00"
    match = HOURS.fullmatch(reader.text(name, example))
    try:
        if match is None or match[1] not in DAYS or match[2] not in DAYS:
            raise ValueError("shape")
        first, last = DAYS.index(match[1]), DAYS.index(match[2])
        opens, closes = time.fromisoformat(match[3]), time.fromisoformat(match[4])
        if first > last or opens >= closes:
            raise ValueError("order")
    except ValueError as error:
        raise SettingInvalid(name, "must name days and hours", f"For example {example}.") from error
    days = frozenset(range(first, last + 1))
    return OfficeHours(weekdays=days, opens_local=opens, closes_local=closes, time_zone=time_zone)


def _twilio(reader: _Reader) -> TwilioSettings | None:
    sid = reader.optional("NORTHSTAR_TWILIO_ACCOUNT_SID")
    if sid is None:
        return None
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", sid):
        raise SettingInvalid(
            "NORTHSTAR_TWILIO_ACCOUNT_SID", "is no account SID", "It is AC and 32 hex digits, from Twilio's console."
        )
    because = "Twilio is configured"
    return TwilioSettings(
        account_sid=sid,
        auth_token=reader.required("NORTHSTAR_TWILIO_AUTH_TOKEN", because),
        sender=reader.required("NORTHSTAR_TWILIO_SENDER", because),
        per_second=reader.number("NORTHSTAR_TWILIO_PER_SECOND", 1, 1, 10_000),
    )


def _telegram(reader: _Reader) -> TelegramSettings | None:
    token = reader.optional("NORTHSTAR_TELEGRAM_TOKEN")
    if token is None:
        return None
    return TelegramSettings(
        token=token,
        bot_name=reader.required("NORTHSTAR_TELEGRAM_BOT_NAME", "links to the bot need it").lstrip("@"),
        base_url=reader.text("NORTHSTAR_TELEGRAM_BASE_URL", "https://api.telegram.org/bot"),
        webhook=reader.one_of("NORTHSTAR_TELEGRAM_UPDATES", "polling", ("polling", "webhook")) == "webhook",
    )


def _fhir_client(reader: _Reader) -> FhirClientSettings | None:
    client_id = reader.optional("NORTHSTAR_FHIR_CLIENT_ID")
    if client_id is None:
        return None
    key_file = reader.required("NORTHSTAR_FHIR_KEY_FILE", "the FHIR server's client signs in with a private key")
    return FhirClientSettings(
        client_id=client_id,
        key_file=Path(key_file).expanduser().absolute(),
        key_id=reader.optional("NORTHSTAR_FHIR_KEY_ID"),
        scope=reader.text("NORTHSTAR_FHIR_SCOPE", FHIR_SCOPE),
    )
