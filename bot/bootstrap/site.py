"""The web app: webhooks, pages and the action route over the same parts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute

from actions import all_actions
from bot.bootstrap.parts import Parts, carrier_token
from bot.channels.base import AcceptMessage, InboundMessage, Receipt
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.webhook import WEBHOOK_PATH, TelegramWebhook
from bot.channels.twilio.webhook import TwilioWebhooks
from bot.console.routes import console_routes
from bot.conversation import inbox
from bot.conversation.sign_in import SignIn
from bot.domain.enums import CommunicationStatus, Disclosure
from bot.handoff.undelivered import report_lost_message
from bot.outbox import apply_receipt
from bot.records.demo_clock import DemoClock
from bot.web.actions_route import actions_route
from bot.web.app import make_app
from bot.web.chat import chat_routes
from bot.web.handsets import handset_routes
from bot.web.pages import static_routes


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
            auth_token=carrier_token(settings, parts.tokens),
            database=parts.database,
            clock=parts.clock,
            wake=parts.wake,
        )
    return routes


def _channel_routes(parts: Parts) -> list[BaseRoute]:
    async def accept_receipt(receipt: Receipt) -> None:
        await run_in_threadpool(_take_receipt, parts, receipt)

    webhooks = TwilioWebhooks(
        carrier_token(parts.settings, parts.tokens), parts.settings.public_url, _acceptor(parts), accept_receipt
    )

    def open_session() -> AbstractContextManager[Session]:
        return parts.database.read()

    actions = all_actions(open_session, parts.clock, parts.policies.clock_times, parts.settings.map_link)
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
            report_lost_message(session, moved, now, parts.settings.office_hours)


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
