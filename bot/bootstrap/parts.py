"""Parts: built once for a process, from its settings."""

from dataclasses import dataclass

from sqlalchemy import select

from bot import tokens
from bot.channels.base import Channel
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.runner import BotRunner
from bot.channels.twilio.carrier import TwilioCarrier
from bot.channels.twilio.channel import TwilioChannel
from bot.channels.twilio.local_carrier import LocalCarrier
from bot.channels.twilio.webhook import MESSAGES_PATH, STATUS_PATH
from bot.channels.webchat.channel import WebchatChannel
from bot.conversation.emergency import load_numbers
from bot.conversation.keywords import Keywords
from bot.conversation.red_flags import RedFlags
from bot.conversation.steps import Desk
from bot.conversation.understanding import Understander
from bot.dialogue.client import RasaClient
from bot.domain.clock import Clock, SystemClock
from bot.domain.enums import ChannelName
from bot.domain.errors import KeyMissing, SealBroken, SettingInvalid
from bot.i18n.catalogs import Catalogs
from bot.i18n.languages import REVIEWED, load_languages
from bot.i18n.render import Words
from bot.i18n.wishes import Wishes
from bot.outbox.limits import Limits, RateLimit
from bot.records import Deployment
from bot.records.demo_clock import DemoClock
from bot.records.engine import Database
from bot.records.types import Keyring, install_keyring
from bot.reminders.policies import Policies
from bot.reminders.policy_file import load_policies
from bot.settings import Settings
from bot.tokens import Tokens
from bot.worker import Wake

PROBE = "northstar"
# https://core.telegram.org/bots/faq: about 30 messages a second to different chats.
TELEGRAM_PER_S = 30
DEPLOYMENT_LOCK = 7304113


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything that a process may need, built once. `carrier` is None where Twilio is configured."""

    settings: Settings
    tokens: Tokens
    database: Database
    clock: Clock
    words: Words
    policies: Policies
    desk: Desk
    rasa: RasaClient
    wake: Wake
    carrier: LocalCarrier | None
    telegram: BotRunner | None
    channels: dict[ChannelName, Channel]

    def close(self) -> None:
        if self.carrier is not None:
            self.carrier.close()
        self.rasa.close()
        self.database.close()


def open_database(settings: Settings, *, idle_s: float | None = None) -> Database:
    """The database with the keys that open it. A lost key file is noticed before anything is written.

    `idle_s` as in Database: for processes whose transactions are short.
    Raises SettingInvalid, and sqlalchemy's OperationalError while the database is away.
    """
    database = Database(settings.database_url, idle_s=idle_s)
    database.upgrade()
    # One transaction, so that of two processes that start for the first time only one makes the key.
    with database.write() as session:
        database.lock(session, DEPLOYMENT_LOCK)
        deployment = session.scalar(select(Deployment))
        if deployment is None and not settings.key_file.exists():
            Keyring.generate().store(settings.key_file)
        install_keyring(Keyring.load(settings.key_file))
        if deployment is None:
            session.add(Deployment(key_probe=PROBE))
        else:
            _check_probe(deployment, settings)
    return database


def _check_probe(deployment: Deployment, settings: Settings) -> None:
    try:
        deployment.key_probe  # noqa: B018 - opening it is the check
    except (SealBroken, KeyMissing) as error:
        raise SettingInvalid(
            "NORTHSTAR_KEY_FILE", "is not the key of this database", "Restore the key file that belongs to it."
        ) from error


def build(settings: Settings) -> Parts:
    """Wire everything for one process. Raises SettingInvalid and ContentInvalid."""
    database = open_database(settings, idle_s=settings.lease_s)
    shared = tokens.tokens(settings.data_dir)
    clock = make_clock(settings, database)
    carrier = None if settings.twilio else _local_carrier(settings, shared, database, clock)
    telegram = BotRunner(settings.telegram.token, base_url=settings.telegram.base_url) if settings.telegram else None
    return Parts(
        settings=settings,
        tokens=shared,
        database=database,
        clock=clock,
        words=make_words(settings),
        policies=load_policies(settings.policies),
        desk=make_desk(settings),
        rasa=RasaClient(settings.rasa_url, shared.rasa, settings.rasa_timeout_s),
        wake=Wake(),
        carrier=carrier,
        telegram=telegram,
        channels=_channels(settings, carrier, telegram),
    )


def make_clock(settings: Settings, database: Database) -> Clock:
    """The machine's. The demo's exists only beside the local carrier."""
    return DemoClock(database) if settings.twilio is None else SystemClock()


def make_words(settings: Settings) -> Words:
    defaults = {
        "clinic": settings.clinic,
        "url": f"{settings.public_url}/chat",
        "nurse_line": settings.nurse_line,
    }
    return Words(make_catalogs(settings), defaults=defaults)


def make_catalogs(settings: Settings) -> Catalogs:
    """Every language's words. Without a setting only those that a qualified person has read are released."""
    if settings.languages is not None:
        return Catalogs.load(released=settings.languages)
    return Catalogs.load(released=tuple(code for code, each in load_languages().items() if each.status == REVIEWED))


def make_desk(settings: Settings) -> Desk:
    catalogs = make_catalogs(settings)
    return Desk(
        wishes=Wishes(settings.intents),
        understander=Understander(RedFlags(settings.intents), Keywords(settings.intents)),
        numbers=load_numbers(),
        languages={code: language.native_name for code, language in catalogs.languages.items()},
        released=catalogs.released,
        phone=settings.clinic_phone,
    )


def _channels(
    settings: Settings, carrier: LocalCarrier | None, telegram: BotRunner | None
) -> dict[ChannelName, Channel]:
    behind = carrier or _twilio_carrier(settings)
    channels: dict[ChannelName, Channel] = {
        ChannelName.SMS: TwilioChannel(behind, f"{settings.public_url}{STATUS_PATH}"),
        ChannelName.WEBCHAT: WebchatChannel(),
    }
    if telegram is not None:
        channels[ChannelName.TELEGRAM] = TelegramChannel(telegram)
    return channels


def make_limits(settings: Settings) -> Limits:
    """What each sender may send a second. The local carrier takes everything."""
    limits: dict[ChannelName, RateLimit] = {}
    if (twilio := settings.twilio) is not None:
        name = f"{ChannelName.SMS}:{twilio.sender}"
        limits[ChannelName.SMS] = RateLimit(name=name, per_second=twilio.per_second, burst=twilio.per_second)
    if (telegram := settings.telegram) is not None:
        name = f"{ChannelName.TELEGRAM}:{telegram.bot_name}"
        limits[ChannelName.TELEGRAM] = RateLimit(name=name, per_second=TELEGRAM_PER_S, burst=TELEGRAM_PER_S)
    return limits


def _twilio_carrier(settings: Settings) -> TwilioCarrier:
    twilio = settings.twilio
    if twilio is None:
        raise SettingInvalid("NORTHSTAR_TWILIO_ACCOUNT_SID", "is missing", "Set it.")
    return TwilioCarrier(twilio.account_sid, twilio.auth_token, twilio.sender)


def _local_carrier(settings: Settings, shared: Tokens, database: Database, clock: Clock) -> LocalCarrier:
    return LocalCarrier(
        database,
        clock,
        account_sid=shared.carrier_account_sid,
        auth_token=shared.carrier_auth_token,
        number=settings.local_carrier_number,
        webhook_url=f"{settings.public_url}{MESSAGES_PATH}",
    )


def carrier_token(settings: Settings, shared: Tokens) -> str:
    return settings.twilio.auth_token if settings.twilio else shared.carrier_auth_token
