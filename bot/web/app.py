"""The ASGI app: mounts the channels' webhooks, the pages, the action route and health."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.dialogue.client import RasaClient
from bot.domain.errors import place_of
from bot.records.engine import Database
from bot.web.pages import SecurityHeaders, error_page

log = structlog.get_logger(__name__)

RETRY_AFTER_S = "5"


def make_app(
    *,
    routes: Sequence[BaseRoute],
    database: Database,
    rasa: RasaClient,
    home: str,
    on_start: Callable[[], None],
    on_stop: Callable[[], None],
) -> Starlette:
    """The whole app. `home` is where `/` leads; `on_start` and `on_stop` frame the server's life."""

    async def health(request: Request) -> Response:
        """200 while messages can be stored; `model` false means that people are answered by tickets."""
        stored, model = await run_in_threadpool(database.answers), await run_in_threadpool(rasa.ready)
        return JSONResponse({"database": stored, "model": model}, status_code=200 if stored else 503)

    async def go_home(request: Request) -> Response:
        return RedirectResponse(home)

    return Starlette(
        routes=[Route("/", go_home), Route("/health", health), *routes],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={OperationalError: _database_away, HTTPException: error_page, Exception: _broken},
        lifespan=_lifespan(on_start, on_stop),
    )


async def _database_away(request: Request, error: Exception) -> Response:
    """A provider that gets a 5xx delivers again, so nothing is lost while the database is locked or away."""
    log.error("database_unavailable", path=request.url.path)
    return PlainTextResponse(
        "The record cannot be reached. Please try again.", status_code=503, headers={"Retry-After": RETRY_AFTER_S}
    )


async def _broken(request: Request, error: Exception) -> Response:
    """A defect of ours: its place is logged, what it was about is not."""
    log.error("request_failed", path=request.url.path, error=type(error).__name__, at=place_of(error))
    return await error_page(request, error)


def _lifespan(
    on_start: Callable[[], None], on_stop: Callable[[], None]
) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(on_start)
        yield
        await run_in_threadpool(on_stop)

    return lifespan
