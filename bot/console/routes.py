"""The console's addresses, all below /console."""

from collections.abc import Callable
from pathlib import Path

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.console.desk import Desk
from bot.console.login_views import LoginViews
from bot.console.queue_views import QueueViews
from bot.console.resource_views import LIST, ResourceViews
from bot.console.ticket_views import TicketViews
from bot.domain.clock import Clock
from bot.handoff.hours import OfficeHours
from bot.i18n.render import Words
from bot.records.engine import Database

STATIC = Path(__file__).with_name("static")


def console_routes(
    *,
    database: Database,
    clock: Clock,
    words: Words,
    hours: OfficeHours,
    clinic: str,
    wake: Callable[[], None],
    secure_cookies: bool,
) -> list[BaseRoute]:
    """Absolute paths. `wake` is called after a commit that queued a message; `secure_cookies` where HTTPS is used."""
    desk = Desk(
        database=database,
        clock=clock,
        words=words,
        hours=hours,
        clinic=clinic,
        wake=wake,
        secure_cookies=secure_cookies,
    )
    login, queue, ticket, resource = LoginViews(desk), QueueViews(desk), TicketViews(desk), ResourceViews(desk)
    one = "/console/tickets/{ticket_id:uuid}"
    return [
        Mount("/console/static", StaticFiles(directory=STATIC), name="console-static"),
        Route("/console/login", login.show, methods=["GET"]),
        Route("/console/login", login.log_in, methods=["POST"]),
        Route("/console/logout", login.log_out, methods=["POST"]),
        Route("/console", queue.show, methods=["GET"]),
        Route("/console/changes", queue.changes, methods=["GET"]),
        Route(one, ticket.show, methods=["GET"]),
        Route(f"{one}/changes", ticket.changes, methods=["GET"]),
        Route(f"{one}/claim", ticket.claim, methods=["POST"]),
        Route(f"{one}/reply", ticket.reply, methods=["POST"]),
        Route(f"{one}/resolve", ticket.resolve, methods=["POST"]),
        Route(LIST, resource.show_list, methods=["GET"]),
        Route(f"{LIST}/new", resource.show, methods=["GET"]),
        Route(f"{LIST}/new", resource.save, methods=["POST"]),
        Route(f"{LIST}/{{resource_id:uuid}}", resource.show, methods=["GET"]),
        Route(f"{LIST}/{{resource_id:uuid}}", resource.save, methods=["POST"]),
        Route(f"{LIST}/{{resource_id:uuid}}/retire", resource.retire, methods=["POST"]),
    ]
