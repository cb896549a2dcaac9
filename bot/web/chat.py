"""The web chat: a page for patients on a phone, that works without any script."""

from typing import Any
from uuid import UUID, uuid4

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.base import AcceptMessage, InboundMessage
from bot.conversation.sign_in import SignIn
from bot.conversation.thread import ThreadMessage, read_thread, thread_print
from bot.domain.clock import Clock
from bot.domain.enums import Author, ChannelName
from bot.records.engine import Database
from bot.web.attempts import Attempts
from bot.web.labels import Labels, labels_for
from bot.web.live import mark, stream_changes
from bot.web.pages import Form, page, read_form, require_same_token, wants_fragment
from bot.web.visitor import Chat, Visitor, cookie_name, find_chat, open_chat, remember, visitor_of

RECENT = 200
LONGEST_TEXT = 4000  # characters; longer ones are essays that a person should read, in parts
TEXTS_A_MINUTE = 20
SIGN_INS = 10
SIGN_IN_WINDOW_S = 15 * 60.0


def chat_routes(
    *,
    database: Database,
    clock: Clock,
    accept: AcceptMessage,
    sign_in: SignIn,
    clinic: str,
    secure_cookies: bool,
) -> list[BaseRoute]:
    """Absolute paths. `accept` stores one message and wakes whoever answers it."""
    views = ChatViews(database, clock, accept, sign_in, clinic, secure_cookies)
    return [
        Route("/chat", views.show, methods=["GET"]),
        Route("/chat", views.send, methods=["POST"]),
        Route("/chat/changes", views.changes, methods=["GET"]),
        Route("/chat/code", views.request_code, methods=["POST"]),
        Route("/chat/sign-in", views.confirm, methods=["POST"]),
        Route("/chat/sign-out", views.sign_out, methods=["POST"]),
        Route("/chat/telegram", views.telegram, methods=["POST"]),
    ]


class ChatViews:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        accept: AcceptMessage,
        sign_in: SignIn,
        clinic: str,
        secure_cookies: bool,
    ) -> None:
        self._database = database
        self._clock = clock
        self._accept = accept
        self._sign_in = sign_in
        self._clinic = clinic
        self._secure = secure_cookies
        self._texts = Attempts(TEXTS_A_MINUTE, 60.0)
        self._sign_ins = Attempts(SIGN_INS, SIGN_IN_WINDOW_S)

    async def show(self, request: Request) -> Response:
        asks_code = request.query_params.get("step") == "code"
        return await self._page(request, self._visitor(request), asks_code=asks_code)

    async def changes(self, request: Request) -> Response:
        visitor = self._visitor(request)
        return stream_changes(request, lambda: self._prints(visitor))

    async def send(self, request: Request) -> Response:
        visitor, form = await self._posted(request)
        labels, text = _labels(request), form.get("text", "").strip()
        if len(text) > LONGEST_TEXT:
            return await self._page(request, visitor, problem=labels.too_long, draft=text, status=413)
        if not self._texts.take(visitor.token):
            return await self._page(request, visitor, problem=labels.too_many, draft=text, status=429)
        if text:
            await run_in_threadpool(open_chat, self._database, self._clock, visitor, labels.language)
            await self._accept(
                InboundMessage(
                    channel=ChannelName.WEBCHAT,
                    provider_id=_message_id(visitor, form.get("once", "")),
                    address=visitor.token,
                    text=text,
                )
            )
        if wants_fragment(request):
            return await self._page(request, visitor)
        return RedirectResponse("/chat#end", status_code=303)

    async def request_code(self, request: Request) -> Response:
        visitor, form = await self._posted(request)
        labels = _labels(request)
        if not self._take_sign_in(request):
            return await self._page(request, visitor, problem=labels.too_many, status=429)
        conversation_id = await run_in_threadpool(open_chat, self._database, self._clock, visitor, labels.language)
        await run_in_threadpool(self._sign_in.request_code, conversation_id, form.get("phone", "")[:40])
        return RedirectResponse("/chat?step=code", status_code=303)

    async def confirm(self, request: Request) -> Response:
        visitor, form = await self._posted(request)
        labels = _labels(request)
        chat = await run_in_threadpool(find_chat, self._database, visitor)
        if not self._take_sign_in(request):
            return await self._page(request, visitor, problem=labels.too_many, asks_code=True, status=429)
        code = "".join(form.get("code", "").split())[:20]
        if chat is None or not await run_in_threadpool(self._sign_in.confirm, chat.id, code):
            return await self._page(request, visitor, problem=labels.wrong_code, asks_code=True, status=422)
        return RedirectResponse("/chat", status_code=303)

    async def sign_out(self, request: Request) -> Response:
        """Ends the session and forgets the visitor, so that the next one at this device sees nothing."""
        visitor, _form = await self._posted(request)
        chat = await run_in_threadpool(find_chat, self._database, visitor)
        if chat is not None:
            await run_in_threadpool(self._sign_in.sign_out, chat.id)
        response = RedirectResponse("/chat", status_code=303)
        response.delete_cookie(cookie_name(self._secure), secure=self._secure, httponly=True, samesite="lax")
        return response

    async def telegram(self, request: Request) -> Response:
        visitor, _form = await self._posted(request)
        chat = await run_in_threadpool(find_chat, self._database, visitor)
        link = await run_in_threadpool(self._sign_in.telegram_link, chat.id) if chat else None
        return await self._page(request, visitor, telegram_link=link)

    def _visitor(self, request: Request) -> Visitor:
        return visitor_of(request, secure=self._secure)

    async def _posted(self, request: Request) -> tuple[Visitor, Form]:
        """Raises HTTPException 403 when the form is not from this visitor's page."""
        visitor = self._visitor(request)
        form = await read_form(request)
        if visitor.is_new:
            raise HTTPException(403)
        require_same_token(form.get("csrf", ""), visitor.csrf)
        return visitor, form

    def _take_sign_in(self, request: Request) -> bool:
        return self._sign_ins.take(request.client.host if request.client else "")

    async def _page(self, request: Request, visitor: Visitor, *, status: int = 200, **context: Any) -> Response:
        shown = await run_in_threadpool(self._read, visitor)
        response = page(
            "chat.html",
            status=status,
            clinic=self._clinic,
            labels=_labels(request),
            csrf=visitor.csrf,
            once=str(uuid4()),
            longest=LONGEST_TEXT,
            problem=context.pop("problem", None),
            draft=context.pop("draft", ""),
            asks_code=context.pop("asks_code", False),
            telegram_link=context.pop("telegram_link", None),
            **shown,
        )
        remember(response, visitor, secure=self._secure)
        return response

    def _read(self, visitor: Visitor) -> dict[str, Any]:
        seen = mark(self._prints(visitor))
        chat: Chat | None = find_chat(self._database, visitor)
        messages: list[ThreadMessage] = []
        if chat is not None:
            with self._database.read() as session:
                messages, _ = read_thread(session, chat.id, limit=RECENT)
        newest = messages[-1] if messages else None
        options = newest.options if newest and newest.author is Author.BOT else ()
        return {"messages": messages, "options": options, "name": chat.name if chat else None, "seen": seen}

    def _prints(self, visitor: Visitor) -> dict[str, str]:
        chat = find_chat(self._database, visitor)
        if chat is None:
            return {"talk": ""}
        with self._database.read() as session:
            return {"talk": thread_print(session, chat.id)}


def _labels(request: Request) -> Labels:
    return labels_for(request.headers.get("accept-language", ""))


def _message_id(visitor: Visitor, once: str) -> str:
    """The form's own id, so that posting it twice has one effect; never another visitor's."""
    try:
        unique = UUID(once)
    except ValueError:
        unique = uuid4()
    return f"{visitor.csrf[:16]}-{unique}"
