"""The only place where parts are wired together. Tests build the same parts through the same functions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute

from actions import all_actions
from bot import tokens
from bot.channels.base import AcceptMessage, Channel, InboundMessage, Receipt
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.runner import BotRunner
from bot.channels.telegram.webhook import WEBHOOK_PATH, TelegramWebhook
from bot.channels.twilio.carrier import TwilioCarrier
from bot.channels.twilio.channel import TwilioChannel
from bot.channels.twilio.local_carrier import LocalCarrier
from bot.channels.twilio.webhook import MESSAGES_PATH, STATUS_PATH, TwilioWebhooks
from bot.channels.webchat.channel import WebchatChannel
from bot.console.routes import console_routes
from bot.conversation import inbox
from bot.conversation.apply import Office
from bot.conversation.emergency import load_numbers
from bot.conversation.keywords import Keywords
from bot.conversation.red_flags import RedFlags
from bot.conversation.sign_in import SignIn
from bot.conversation.steps import Desk
from bot.conversation.turn import Turns
from bot.conversation.understanding import Understander
from bot.dialogue.client import RasaClient
from bot.domain.clock import Clock, SystemClock
from bot.domain.enums import ChannelName, CommunicationStatus, Disclosure, TicketReason
from bot.domain.errors import SealBroken, SettingInvalid
from bot.handoff.tickets import open_ticket
from bot.i18n.catalogs import Catalogs
from bot.i18n.render import Words
from bot.outbox import apply_receipt
from bot.outbox.deliver import Deliverer
from bot.records import Communication, Conversation, Deployment
from bot.records.demo_clock import DemoClock
from bot.records.engine import Database
from bot.records.types import Keyring, install_keyring
from bot.reminders.due import DueTimers
from bot.reminders.policies import Policies, load_policies
from bot.settings import Settings
from bot.tokens import Tokens
from bot.web.actions_route import actions_route
from bot.web.app import make_app
from bot.web.chat import chat_routes
from bot.web.handsets import handset_routes
from bot.web.pages import static_routes
from bot.worker import Wake, Worker

PROBE = "northstar"
SENDERS = 8


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


def open_database(settings: Settings) -> Database:
    """The database with the keys that open it. A lost key file is noticed before anything is written.

    Raises SettingInvalid, and sqlalchemy's OperationalError while the database is away.
    """
    database = Database(settings.database_url)
    database.upgrade()
    with database.read() as session:
        deployment = session.scalar(select(Deployment))
    if deployment is None and not settings.key_file.exists():
        Keyring.generate().store(settings.key_file)
    install_keyring(Keyring.load(settings.key_file))
    if deployment is None:
        with database.write() as session:
            session.add(Deployment(key_probe=PROBE))
    else:
        _check_probe(deployment, settings)
    return database


def _check_probe(deployment: Deployment, settings: Settings) -> None:
    try:
        deployment.key_probe  # noqa: B018 - opening it is the check
    except (SealBroken, KeyError) as error:
        raise SettingInvalid(
            "NORTHSTAR_KEY_FILE", "is not the key of this database", "Restore the key file that belongs to it."
        ) from error


def build(settings: Settings) -> Parts:
    """Wire everything for one process. Raises SettingInvalid and ContentInvalid."""
    database = open_database(settings)
    shared = tokens.tokens(settings.data_dir)
    # The demo's clock exists only beside the local carrier.
    clock: Clock = DemoClock(database) if settings.twilio is None else SystemClock()
    carrier = None if settings.twilio else _local_carrier(settings, shared, database, clock)
    telegram = BotRunner(settings.telegram.token, base_url=settings.telegram.base_url) if settings.telegram else None
    return Parts(
        settings=settings,
        tokens=shared,
        database=database,
        clock=clock,
        words=make_words(settings),
        policies=load_policies(),
        desk=make_desk(settings),
        rasa=RasaClient(settings.rasa_url, shared.rasa, settings.rasa_timeout_s),
        wake=Wake(),
        carrier=carrier,
        telegram=telegram,
        channels=_channels(settings, carrier, telegram),
    )


def make_words(settings: Settings) -> Words:
    defaults = {
        "clinic": settings.clinic,
        "url": f"{settings.public_url}/chat",
        "nurse_line": settings.nurse_line,
    }
    return Words(Catalogs.load(), defaults=defaults)


def make_desk(settings: Settings) -> Desk:
    languages = Catalogs.load().languages
    return Desk(
        understander=Understander(RedFlags(settings.intents), Keywords(settings.intents)),
        numbers=load_numbers(),
        languages={code: language.native_name for code, language in languages.items()},
        phone=settings.clinic_phone,
    )


def make_worker(parts: Parts, *, model_starts_within: timedelta = timedelta()) -> Worker:
    """The loop of this process: inbox, timers, outbox. So long may the Rasa server take to start."""
    settings = parts.settings
    turns = Turns(
        database=parts.database,
        clock=parts.clock,
        desk=parts.desk,
        office=Office(words=parts.words, hours=settings.office_hours, has_nurse_line=settings.nurse_line is not None),
        rasa=parts.rasa,
        policy=settings.disclosure,
        model_starts_until=datetime.now(UTC) + model_starts_within,
    )
    deliverer = Deliverer(
        parts.database,
        parts.channels,
        parts.clock,
        ThreadPoolExecutor(max_workers=SENDERS, thread_name_prefix="send"),
        lambda session, lost, now: report_lost_message(session, lost, now, settings),
        settings.lease_s,
    )
    timers = DueTimers(
        database=parts.database,
        clock=parts.clock,
        words=parts.words,
        policies=parts.policies,
        hours=settings.office_hours,
        policy=settings.disclosure,
        default_language=settings.language,
        lease_s=settings.lease_s,
    )
    return Worker(parts.database, turns, deliverer, timers, parts.wake, lease_s=settings.lease_s)


def report_lost_message(session: Session, lost: Communication, now: datetime, settings: Settings) -> None:
    """A message that did not arrive becomes a ticket, in the transaction that gives it up."""
    conversation = session.get_one(Conversation, lost.conversation_id)
    open_ticket(
        session,
        conversation,
        TicketReason.UNDELIVERED,
        patient_id=conversation.patient_id,
        facts={"words": [], "did": [key for key, _ in lost.detail["says"]], "error": lost.error_code},
        now=now,
        hours=settings.office_hours,
    )


def make_web(
    parts: Parts, *, on_start: Callable[[], None] | None = None, on_stop: Callable[[], None] | None = None
) -> Starlette:
    """The web app of this process. `on_start` and `on_stop` frame its life, beside Telegram's."""
    updates, routes = _telegram_updates(parts)

    def start() -> None:
        for begin in (*updates.starts, *((on_start,) if on_start else ())):
            begin()

    def stop() -> None:
        for end in (*((on_stop,) if on_stop else ()), *updates.stops):
            end()

    return make_app(
        routes=[*_channel_routes(parts), *routes, *_page_routes(parts), *static_routes()],
        database=parts.database,
        rasa=parts.rasa,
        home="/phone" if parts.carrier is not None else "/console",
        on_start=start,
        on_stop=stop,
    )


def _page_routes(parts: Parts) -> list[BaseRoute]:
    settings = parts.settings
    sign_in = SignIn(
        parts.database,
        parts.words,
        parts.clock,
        parts.wake,
        default_language=settings.language,
        default_region=settings.country,
        telegram_bot=settings.telegram.bot_name if settings.telegram else None,
    )
    routes = [
        *console_routes(
            database=parts.database,
            clock=parts.clock,
            words=parts.words,
            hours=settings.office_hours,
            clinic=settings.clinic,
            wake=parts.wake,
            secure_cookies=settings.secure_cookies,
        ),
        *chat_routes(
            database=parts.database,
            clock=parts.clock,
            accept=_acceptor(parts),
            sign_in=sign_in,
            clinic=settings.clinic,
            secure_cookies=settings.secure_cookies,
        ),
    ]
    if parts.carrier is not None and isinstance(parts.clock, DemoClock):
        routes += handset_routes(
            carrier=parts.carrier,
            auth_token=_carrier_token(settings, parts.tokens),
            database=parts.database,
            clock=parts.clock,
            wake=parts.wake,
        )
    return routes


def _channel_routes(parts: Parts) -> list[BaseRoute]:
    async def accept_receipt(receipt: Receipt) -> None:
        await run_in_threadpool(_take_receipt, parts, receipt)

    webhooks = TwilioWebhooks(
        _carrier_token(parts.settings, parts.tokens), parts.settings.public_url, _acceptor(parts), accept_receipt
    )

    def open_session() -> AbstractContextManager[Session]:
        return parts.database.read()

    actions = all_actions(open_session, parts.clock, parts.policies.clock_times)
    return [*webhooks.routes(), actions_route(actions, parts.tokens.actions)]


def _acceptor(parts: Parts) -> AcceptMessage:
    def store(message: InboundMessage) -> bool:
        urgent = parts.desk.understander.sees_danger(message.text)
        return inbox.accept(parts.database, parts.clock, parts.settings.language, message, urgent=urgent)

    async def accept(message: InboundMessage) -> bool:
        new = await run_in_threadpool(store, message)
        if new:
            parts.wake()
        return new

    return accept


def _take_receipt(parts: Parts, receipt: Receipt) -> None:
    now = parts.clock.now()
    with parts.database.write() as session:
        moved = apply_receipt(session, receipt, now)
        if moved is not None and moved.status is CommunicationStatus.FAILED:
            report_lost_message(session, moved, now, parts.settings)


@dataclass(frozen=True, kw_only=True)
class _Updates:
    starts: tuple[Callable[[], None], ...] = ()
    stops: tuple[Callable[[], None], ...] = ()


def _telegram_updates(parts: Parts) -> tuple[_Updates, list[BaseRoute]]:
    """How Telegram's updates reach us: by webhook or by polling, as one setting says."""
    runner, telegram = parts.telegram, parts.settings.telegram
    if runner is None or telegram is None:
        return _Updates(), []

    def refuse_group(chat_id: int) -> None:
        text = parts.words.render("private_chats_only", {}, parts.settings.language, Disclosure.GENERIC).text
        runner.refuse_group(chat_id, text)

    if telegram.webhook:
        webhook = TelegramWebhook(
            parts.tokens.telegram_webhook,
            _acceptor(parts),
            on_group=refuse_group,
            answer_callback=runner.answer_callback,
        )

        def register() -> None:
            runner.set_webhook(f"{parts.settings.public_url}{WEBHOOK_PATH}", parts.tokens.telegram_webhook)

        return _Updates(starts=(runner.start, register), stops=(runner.stop,)), list(webhook.routes())
    poller = Poller(runner, _acceptor(parts), on_group=refuse_group)
    return _Updates(starts=(runner.start, poller.start), stops=(poller.stop, runner.stop)), []


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


def _carrier_token(settings: Settings, shared: Tokens) -> str:
    return settings.twilio.auth_token if settings.twilio else shared.carrier_auth_token
