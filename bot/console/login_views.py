"""Logging in and out. The same words and the same time for an unknown name and a wrong password."""

import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.auth import SESSION_LASTS, check_password, close_session, find_session, open_session
from bot.console.desk import LOGIN, Desk
from bot.web.attempts import Attempts
from bot.web.pages import page, read_form, require_same_token

TRIES, WINDOW_S = 5, 15 * 60.0
WRONG = "That name and password do not fit together. Check both and try again."
TOO_MANY = "Too many tries with this name. Wait 15 minutes, then try again."


class LoginViews:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._failures = Attempts(TRIES, WINDOW_S)
        self._form_cookie = f"{desk.cookie}_form"

    async def show(self, request: Request) -> Response:
        present = request.cookies.get(self._desk.cookie)
        coordinator = await run_in_threadpool(find_session, self._desk.database, present) if present else None
        if coordinator is not None:
            return RedirectResponse("/console", status_code=303)
        return self._page(request)

    async def log_in(self, request: Request) -> Response:
        form = await read_form(request)
        require_same_token(form.get("csrf", ""), request.cookies.get(self._form_cookie, ""))
        username, password = form.get("username", "").strip().lower(), form.get("password", "")
        key = f"{username[:100]} {request.client.host if request.client else ''}"
        if not self._failures.take(key):
            return self._page(request, problem=TOO_MANY, username=username, status=429)
        coordinator_id = await run_in_threadpool(check_password, self._desk.database, username, password)
        if coordinator_id is None:
            return self._page(request, problem=WRONG, username=username, status=401)
        self._failures.forget(key)
        old = request.cookies.get(self._desk.cookie)
        token = await run_in_threadpool(open_session, self._desk.database, coordinator_id, old)
        response = RedirectResponse("/console", status_code=303)
        self._set_cookie(response, self._desk.cookie, token, int(SESSION_LASTS.total_seconds()))
        response.delete_cookie(self._form_cookie, secure=self._desk.secure_cookies, httponly=True, samesite="strict")
        return response

    async def log_out(self, request: Request) -> Response:
        await self._desk.posted(request)
        await run_in_threadpool(close_session, self._desk.database, request.cookies[self._desk.cookie])
        response = RedirectResponse(LOGIN, status_code=303)
        response.delete_cookie(self._desk.cookie, secure=self._desk.secure_cookies, httponly=True, samesite="strict")
        return response

    def _page(self, request: Request, problem: str | None = None, username: str = "", status: int = 200) -> Response:
        token = request.cookies.get(self._form_cookie) or secrets.token_urlsafe(32)
        response = page(
            "login.html",
            status=status,
            clinic=self._desk.clinic,
            csrf=token,
            problem=problem,
            username=username,
        )
        self._set_cookie(response, self._form_cookie, token, 3600)
        return response

    def _set_cookie(self, response: Response, name: str, value: str, max_age_s: int) -> None:
        response.set_cookie(
            name,
            value,
            max_age=max_age_s,
            secure=self._desk.secure_cookies,
            httponly=True,
            samesite="strict",
        )
