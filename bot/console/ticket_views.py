"""The ticket page and what can be done on it: claim, reply, resolve. Every post ends in a redirect."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.twilio.segments import GSM_7, GSM_7_EXTENDED, count_segments
from bot.console.auth import SignedIn
from bot.console.desk import Desk
from bot.console.panel import read_panel
from bot.console.queue import read_counts
from bot.console.queue_views import shell
from bot.console.ticket import read_ticket
from bot.console.watch import ticket_prints
from bot.domain.enums import Author
from bot.domain.errors import NotAddressable, TicketTaken
from bot.handoff import tickets
from bot.handoff.tickets import LONGEST_REPLY
from bot.records import Communication, Ticket
from bot.web.live import mark, stream_changes
from bot.web.pages import Form, page

NOTICES = {
    "claimed": "It is yours. Northstar stays silent here until you resolve it.",
    "sent": "Sent. You see below when it is delivered.",
    "taken": "Someone else was faster, or the ticket changed. Here is how it is now.",
    "resolved": "Resolved. Northstar answers this person again.",
}
PROBLEMS = {
    "empty": "Write something first; nothing was sent.",
    "too_long": f"That is too long. One message holds {LONGEST_REPLY} characters; nothing was sent.",
    "taken": "This ticket is not yours any more, so nothing was sent. Your text is still here.",
    "opted_out": "This person stopped all messages, so nothing was sent. Try another way to reach them.",
}
STATUS = {"empty": 422, "too_long": 422, "taken": 409, "opted_out": 409}


class TicketViews:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: Request) -> Response:
        coordinator = await self._desk.signed_in(request)
        notice = NOTICES.get(request.query_params.get("notice", ""))
        whole = "all" in request.query_params
        return await run_in_threadpool(self._page, coordinator, _ticket_id(request), notice=notice, whole=whole)

    async def changes(self, request: Request) -> Response:
        await self._desk.signed_in(request)
        ticket_id, desk = _ticket_id(request), self._desk
        return stream_changes(request, lambda: ticket_prints(desk.database, ticket_id, desk.clock.now()))

    async def claim(self, request: Request) -> Response:
        coordinator, form = await self._desk.posted(request)
        ticket_id, version = _ticket_id(request), form.get("version", "")
        if not version.isdecimal():
            raise HTTPException(400)
        try:
            await self._write(
                lambda session: tickets.claim(
                    session, ticket_id, coordinator.coordinator_id, int(version), self._desk.clock.now()
                )
            )
        except TicketTaken:
            return _back_to(ticket_id, "taken")
        return _back_to(ticket_id, "claimed")

    async def reply(self, request: Request) -> Response:
        coordinator, form = await self._desk.posted(request)
        ticket_id = _ticket_id(request)
        try:
            await self._write(lambda session: self._reply(session, ticket_id, coordinator, form))
        except TicketTaken:
            problem = "taken"
        except NotAddressable:
            problem = "opted_out"
        except ValueError as error:
            if str(error) not in PROBLEMS:
                raise
            problem = str(error)
        else:
            self._desk.wake()
            return _back_to(ticket_id, "sent")
        return await run_in_threadpool(self._page, coordinator, ticket_id, problem=problem, draft=form.get("text", ""))

    async def resolve(self, request: Request) -> Response:
        coordinator, _form = await self._desk.posted(request)
        ticket_id = _ticket_id(request)
        try:
            await self._write(
                lambda session: tickets.resolve(
                    session, self._desk.words, ticket_id, coordinator.coordinator_id, self._desk.clock.now()
                )
            )
        except TicketTaken:
            return _back_to(ticket_id, "taken")
        self._desk.wake()
        return RedirectResponse("/console?notice=resolved", status_code=303)

    def _reply(self, session: Session, ticket_id: UUID, coordinator: SignedIn, form: Form) -> None:
        """Send the text once: a second post of the same page and text changes nothing."""
        ticket = session.get(Ticket, ticket_id, with_for_update=True)
        if ticket is None:
            raise HTTPException(404)
        newest = session.scalar(
            select(Communication)
            .where(
                Communication.conversation_id == ticket.conversation_id,
                Communication.author == Author.COORDINATOR,
            )
            .order_by(Communication.id.desc())
            .limit(1)
        )
        text = form.get("text", "")
        if newest is None or str(newest.id) == form.get("after", "") or newest.body != text.strip():
            tickets.reply(session, ticket_id, coordinator.coordinator_id, text, self._desk.clock.now())

    async def _write(self, change: Callable[[Session], object]) -> None:
        def run() -> None:
            with self._desk.database.write() as session:
                change(session)

        await run_in_threadpool(run)

    def _page(
        self,
        coordinator: SignedIn,
        ticket_id: UUID,
        *,
        notice: str | None = None,
        problem: str | None = None,
        draft: str = "",
        whole: bool = False,
    ) -> Response:
        desk, now = self._desk, self._desk.clock.now()
        # First what it looks like, then what it is: a change in between is then shown again, never missed.
        seen = mark(ticket_prints(desk.database, ticket_id, now))
        with desk.database.read() as session:
            ticket = read_ticket(session, desk.words, ticket_id, coordinator, now, whole=whole)
            if ticket is None:
                raise HTTPException(404)
            frame = shell(desk, coordinator, now, read_counts(session, coordinator, now))
            panel = read_panel(session, desk.words, ticket, coordinator, now)
        return page(
            "ticket.html",
            status=STATUS[problem] if problem else 200,
            **frame,
            ticket=ticket,
            panel=panel,
            notice=notice,
            problem=PROBLEMS[problem] if problem else None,
            draft=draft,
            segments=count_segments(draft) if draft else 0,
            longest=LONGEST_REPLY,
            gsm_7="".join(sorted(GSM_7)),
            gsm_7_extended="".join(sorted(GSM_7_EXTENDED)),
            seen=seen,
        )


def _ticket_id(request: Request) -> UUID:
    ticket_id: UUID = request.path_params["ticket_id"]
    return ticket_id


def _back_to(ticket_id: UUID, notice: str) -> Response:
    return RedirectResponse(f"/console/tickets/{ticket_id}?notice={notice}", status_code=303)
