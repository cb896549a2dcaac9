"""What all pages share: templates, headers, forms with a limit, guarded posts, calm error pages."""

import hmac
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import ImmutableMultiDict, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BOT = Path(__file__).resolve().parents[1]
STATIC = BOT / "web" / "static"
LARGEST_FORM = 128 * 1024  # bytes; the longest is a resource in twelve languages, nine bytes to a character
MOST_FIELDS = 100

# No inline style or script anywhere, nothing from another host, never inside a frame.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

Form = ImmutableMultiDict[str, str]

_environment = Environment(
    loader=FileSystemLoader([BOT / "web" / "templates", BOT / "console" / "templates"]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

# Status: (what happened, what to do next).
ERRORS = {
    400: ("This could not be read", "Go back, reload the page and try again."),
    401: ("You are signed out", "Sign in again; what you typed on this page is kept here."),
    403: ("This is not open to you", "Go back, reload the page and try again. If it stays so, sign in anew."),
    404: ("There is nothing here", "The address may be mistyped, or what was here is gone."),
    405: ("This cannot be done here", "Go back and use the buttons of the page."),
    413: ("This is too long to send", "Nothing was sent. Go back and send a shorter text."),
    429: ("Too many tries", "Wait a few minutes, then try again."),
    500: ("Something broke on our side", "Nothing you did is lost on purpose. Try again in a minute."),
    503: ("The records cannot be reached just now", "Nothing was changed. Try again in a minute."),
}


def page(template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Render a template of `web/templates` or `console/templates`."""
    html = _environment.get_template(template).render(context)
    return HTMLResponse(html, status_code=status)


def static_routes() -> list[BaseRoute]:
    """`/static`: style, scripts and htmx, shared by all pages."""
    return [Mount("/static", StaticFiles(directory=STATIC), name="static")]


async def read_form(request: Request) -> Form:
    """The url-encoded fields of a post. Raises HTTPException 413 when it is too long, 400 when it is no form.

    Line ends become plain ones: browsers send a carriage return with each, which would count as a character.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413)
    try:
        fields = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise HTTPException(400) from error
    # PostgreSQL refuses NUL in text; it means nothing in a message.
    return ImmutableMultiDict((key, value.replace("\r\n", "\n").replace("\x00", "")) for key, value in fields)


def require_same_token(given: str, expected: str) -> None:
    """Against posts that another site makes a browser send. Compares in constant time. Raises HTTPException 403."""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise HTTPException(403)


def require_same_origin(request: Request) -> None:
    """For pages without a session. Raises HTTPException 403 when the browser says another site asked."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403)


def wants_fragment(request: Request) -> bool:
    """Whether htmx asks, for a part of a page."""
    return request.headers.get("HX-Request") == "true"


async def error_page(request: Request, error: Exception) -> Response:
    """An exception handler for HTTPException and for everything else (500). Says nothing of the cause."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if 300 <= status < 400:
        return Response(status_code=status, headers=headers)
    title, advice = ERRORS.get(status, ERRORS[500] if status >= 500 else ERRORS[400])
    if "text/html" not in request.headers.get("accept", ""):
        return PlainTextResponse(f"{title}. {advice}", status_code=status, headers=headers)
    response = page("error.html", status=status, title=title, advice=advice, code=status)
    # The 500 page is made outside every middleware, so it brings the security headers itself.
    response.headers.update({**SECURITY_HEADERS, **headers})
    return response


class SecurityHeaders:
    """Middleware: the headers above on every answer; pages are never kept in a cache."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                is_file = scope["path"].startswith(("/static/", "/console/static/"))
                headers.setdefault("Cache-Control", "no-cache" if is_file else "no-store")
            await send(message)

        await self._app(scope, receive, send_guarded if scope["type"] == "http" else send)
