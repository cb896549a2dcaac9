"""What every view of the console needs, and the door that lets only coordinators in."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.console.auth import SignedIn, find_session
from bot.domain.clock import Clock
from bot.handoff.hours import OfficeHours
from bot.i18n.render import Words
from bot.records.engine import Database
from bot.web.pages import Form, read_form, require_same_token, wants_fragment

LOGIN = "/console/login"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """`wake` is called after a commit that queued a message, so that it is sent at once."""

    database: Database
    clock: Clock
    words: Words
    hours: OfficeHours
    clinic: str
    wake: Callable[[], None]
    secure_cookies: bool

    @property
    def cookie(self) -> str:
        """The session cookie's name; browsers keep `__Host-` cookies to this host and to HTTPS."""
        return "__Host-northstar_console" if self.secure_cookies else "northstar_console"

    async def signed_in(self, request: Request) -> SignedIn:
        """Who asks. Raises HTTPException: 303 to the log-in page, for htmx a 401 that makes it go there."""
        token = request.cookies.get(self.cookie)
        coordinator = await run_in_threadpool(find_session, self.database, token) if token else None
        if coordinator is None:
            if wants_fragment(request):
                raise HTTPException(401, headers={"HX-Redirect": LOGIN})
            raise HTTPException(303, headers={"Location": LOGIN})
        return coordinator

    async def posted(self, request: Request) -> tuple[SignedIn, Form]:
        """Who posts and what. Raises HTTPException 403 when the form is not from one of our pages."""
        coordinator = await self.signed_in(request)
        form = await read_form(request)
        require_same_token(form.get("csrf", ""), coordinator.csrf_token)
        return coordinator, form
