"""The brief: who needs a person, urgent first. The same list, narrowed, is the queue and one's own tickets."""

from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot.console.auth import SignedIn
from bot.console.desk import Desk
from bot.console.phrases import count_people, exactly
from bot.console.queue import Counts, Queue, read_counts, read_queue
from bot.console.watch import queue_prints
from bot.domain.clock import zone
from bot.web.live import mark, stream_changes
from bot.web.pages import page

VIEWS = {"brief": "Brief", "unclaimed": "Unclaimed", "mine": "Mine"}
# Sentences for what just happened, by the word in the address; nothing else of it is ever shown.
NOTICES = {
    "resolved": "Resolved. Northstar answers this person again.",
    "gone": "That ticket is not there.",
}


class QueueViews:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        coordinator = await self._desk.signed_in(request)
        view = request.query_params.get("view", "brief")
        notice = NOTICES.get(request.query_params.get("notice", ""))
        return await run_in_threadpool(self._page, coordinator, view if view in VIEWS else "brief", notice)

    async def changes(self, request: Request) -> Response:
        await self._desk.signed_in(request)
        return stream_changes(request, lambda: queue_prints(self._desk.database, self._desk.clock.now()))

    def _page(self, coordinator: SignedIn, view: str, notice: str | None) -> Response:
        now = self._desk.clock.now()
        # First what it looks like, then what it is: a change in between is then shown again, never missed.
        seen = mark(queue_prints(self._desk.database, now))
        with self._desk.database.read() as session:
            queue = read_queue(session, coordinator, now)
            counts = read_counts(session, coordinator, now)
        return page(
            "queue.html",
            **shell(self._desk, coordinator, now, counts),
            view=view,
            queue=queue,
            headline=headline(coordinator, now, queue),
            notice=notice,
            seen=seen,
        )


def shell(desk: Desk, coordinator: SignedIn, now: datetime, counts: Counts) -> dict[str, Any]:
    """What the frame around every page of the console shows."""
    local = now.astimezone(zone(coordinator.time_zone))
    return {
        "clinic": desk.clinic,
        "coordinator": coordinator.name,
        "csrf": coordinator.csrf_token,
        "desk_time": f"{local:%H:%M}",
        "desk_time_exact": exactly(now, coordinator.time_zone),
        "desk_is_open": desk.hours.is_open(now),
        "counts": counts,
    }


def headline(coordinator: SignedIn, now: datetime, queue: Queue) -> str:
    """The sentence that says what matters."""
    hour = now.astimezone(zone(coordinator.time_zone)).hour
    greeting = "Good morning" if 4 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"
    hello = f"{greeting}, {coordinator.given_name}."
    if queue.now:
        verb = "needs" if len(queue.now) == 1 else "need"
        return f"{hello} {count_people(len(queue.now))} {verb} you now."
    waiting = len(queue.unclaimed) + sum(not item.is_answered for item in queue.mine)
    if waiting:
        verb = "waits" if waiting == 1 else "wait"
        return f"{hello} Nothing urgent. {count_people(waiting)} {verb} for an answer."
    return f"{hello} Nobody is waiting for you."
