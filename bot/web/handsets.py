"""The handsets of the demo. Open to this machine only.

Nothing here reaches into Northstar: a text typed on a handset takes the same signed webhook as a real one, and
what the handset shows is what the carrier was given by the outbox.
"""

import contextlib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import httpx
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.twilio.local_carrier import LocalCarrier
from bot.domain.clock import instant, zone
from bot.domain.enums import TimerKind
from bot.records.demo_clock import DemoClock
from bot.records.engine import Database
from bot.timers import next_due
from bot.web.carrier_messages import CarrierMessages, require_this_machine
from bot.web.live import mark, stream_changes
from bot.web.pages import page, read_form, require_same_origin, wants_fragment
from bot.web.phones import Phone, choose_shown, phone_prints, read_phones, spaced

REMINDERS = (TimerKind.APPOINTMENT_REMINDER, TimerKind.DOSE_REMINDER)
MEDIA = {"image/jpeg": "a picture"}
MORNING = time(8)
NOT_TAKEN = "The clinic’s webhook did not take this text. Send it again in a moment."
NOTHING_DUE = "No reminder is set yet. Wait a moment, or turn to tomorrow."


def handset_routes(
    *,
    carrier: LocalCarrier,
    database: Database,
    clock: DemoClock,
    wake: Callable[[], None],
    auth_token: str,
) -> list[BaseRoute]:
    """Absolute paths. `wake` is called after the clock was turned, so that what is due now is sent now."""
    views = HandsetViews(carrier, database, clock, wake)
    return [
        Route("/phone", views.show, methods=["GET"]),
        Route("/phone/changes", views.changes, methods=["GET"]),
        Route("/phone/handsets/{key}", views.thread, methods=["GET"]),
        Route("/phone/send", views.send, methods=["POST"]),
        Route("/phone/clock", views.turn_clock, methods=["POST"]),
        Route("/carrier/messages", CarrierMessages(carrier, auth_token).show, methods=["GET"]),
    ]


class HandsetViews:
    def __init__(
        self,
        carrier: LocalCarrier,
        database: Database,
        clock: DemoClock,
        wake: Callable[[], None],
    ) -> None:
        self._carrier = carrier
        self._database = database
        self._clock = clock
        self._wake = wake

    async def show(self, request: Request) -> Response:
        require_this_machine(request)
        wanted = request.query_params.getlist("show")
        return await run_in_threadpool(self._page, wanted, request.query_params.get("notice") == "nothing")

    async def changes(self, request: Request) -> Response:
        require_this_machine(request)
        shown = await run_in_threadpool(self._shown, request.query_params.getlist("show"))
        return stream_changes(request, lambda: self._prints(shown))

    async def thread(self, request: Request) -> Response:
        require_this_machine(request)
        return await run_in_threadpool(self._thread, request.path_params["key"], None)

    async def send(self, request: Request) -> Response:
        """Type on a handset. A text or a picture, as a person would; the rest is the carrier's and the clinic's."""
        require_this_machine(request)
        require_same_origin(request)
        form = await read_form(request)
        phone = await run_in_threadpool(self._find, form.get("phone", ""))
        media = [kind for kind in form.getlist("media") if kind in MEDIA]
        problem = None
        if form.get("text", "") or media:
            problem = await run_in_threadpool(self._send, phone, form.get("text", ""), media)
        if wants_fragment(request):
            return await run_in_threadpool(self._thread, phone.key, problem)
        if problem:
            return await run_in_threadpool(self._page, form.getlist("show"), False, problem)
        return _back(form.getlist("show"))

    async def turn_clock(self, request: Request) -> Response:
        """Turn the demo clock forward: `to` is hour, reminder or morning."""
        require_this_machine(request)
        require_same_origin(request)
        form = await read_form(request)
        shown = form.getlist("show")
        until = await run_in_threadpool(self._until, form.get("to", ""), shown)
        if until is None:
            return _back(shown, "nothing")
        # A ValueError means that it is due already: time has caught up between the page and the click.
        with contextlib.suppress(ValueError):
            await run_in_threadpool(self._clock.turn_to, until)
        self._wake()
        return _back(shown)

    def _page(self, wanted: list[str], nothing_due: bool, problem: str | None = None) -> Response:
        with self._database.read() as session:
            phones = read_phones(session)
        shown = choose_shown(phones, wanted)
        seen = mark(self._prints(shown))
        local = self._now_local(shown, phones)
        return page(
            "phone.html",
            status=502 if problem else 200,
            phones=phones,
            shown=shown,
            threads={phone.key: self._bubbles(phone) for phone in shown},
            number=spaced(self._carrier.number),
            clock=f"{local:%a} {local.day} {local:%b}, {local:%H:%M}",
            clock_iso=local.isoformat(),
            place=str(local.tzinfo).rpartition("/")[2].replace("_", " "),
            patients=sum(phone.role == "patient" for phone in phones),
            caregivers=sum(phone.role == "caregiver" for phone in phones),
            seen=seen,
            notice=NOTHING_DUE if nothing_due else None,
            problem=problem,
        )

    def _thread(self, key: str, problem: str | None) -> Response:
        phone = self._find(key)
        return page(
            "phone_thread.html",
            status=502 if problem else 200,
            phone=phone,
            bubbles=self._bubbles(phone),
            problem=problem,
        )

    def _bubbles(self, phone: Phone) -> list[dict[str, object]]:
        time_zone = zone(phone.time_zone) if phone.time_zone else None
        return [
            {
                "id": str(message.id),
                "me": message.from_handset,
                "text": message.body,
                "segments": message.segments,
                "status": message.status,
                "at": message.created_at.astimezone(time_zone).strftime("%H:%M"),
            }
            for message in self._carrier.messages(phone.number)
        ]

    def _send(self, phone: Phone, text: str, media: list[str]) -> str | None:
        """None when the webhook took it, else what to tell."""
        try:
            status = self._carrier.send_from_handset(phone.number, text, media)
        except (httpx.HTTPError, SQLAlchemyError):
            return NOT_TAKEN
        return None if status == 200 else NOT_TAKEN

    def _prints(self, shown: list[Phone]) -> dict[str, str]:
        return {**phone_prints(self._database, shown), "clock": f"{self._clock.now():%Y-%m-%d %H:%M}"}

    def _shown(self, wanted: list[str]) -> list[Phone]:
        with self._database.read() as session:
            return choose_shown(read_phones(session), wanted)

    def _find(self, key: str) -> Phone:
        with self._database.read() as session:
            for phone in read_phones(session):
                if phone.key == key:
                    return phone
        raise HTTPException(404)

    def _now_local(self, shown: list[Phone], phones: list[Phone]) -> datetime:
        """The demo's time where the first shown person lives."""
        names = [phone.time_zone for phone in (*shown, *phones) if phone.time_zone]
        return self._clock.now().astimezone(zone(names[0] if names else "UTC"))

    def _until(self, to: str, wanted: list[str]) -> datetime | None:
        match to:
            case "hour":
                return self._clock.now() + timedelta(hours=1)
            case "reminder":
                with self._database.read() as session:
                    return next_due(session, REMINDERS)
            case "morning":
                with self._database.read() as session:
                    phones = read_phones(session)
                local = self._now_local(choose_shown(phones, wanted), phones)
                tomorrow: date = local.date() + timedelta(days=1)
                return instant(tomorrow, MORNING, str(local.tzinfo))
        raise HTTPException(400)


def _back(shown: list[str], notice: str = "") -> Response:
    query = httpx.QueryParams([*(("show", key) for key in shown), *([("notice", notice)] if notice else [])])
    return RedirectResponse(f"/phone?{query}" if query else "/phone", status_code=303)
