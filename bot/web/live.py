"""Server-sent events: tell an open page which of its parts changed, and nothing else.

The page then asks for these parts itself, so all that is ever shown passes one door. A stream ends by itself
after a while, so that whoever was signed out stops listening; the page connects again.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from time import monotonic

import structlog
from sqlalchemy.exc import OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
BEAT_EVERY_S = 10.0  # a comment, so that a closed connection is noticed
LONGEST_STREAM_S = 300.0

Fingerprints = Callable[[], Mapping[str, str]]
"""What the parts of a page look like now, by part. Cheap: it runs once a second for each open page."""


def mark(prints: Mapping[str, str]) -> str:
    """One short word for all parts: what a page has seen."""
    joined = "\n".join(f"{part}={prints[part]}" for part in sorted(prints))
    return hashlib.sha256(joined.encode()).hexdigest()[:16]


def stream_changes(request: Request, look: Fingerprints) -> StreamingResponse:
    """Sends an event named after each part that changed since the page was made (`?seen=`, or Last-Event-ID).

    Ends when the visitor leaves, or when the app is stopping: `app.state.stopping`, where there is one, is a
    callable that says so.
    """
    seen = request.headers.get("last-event-id") or request.query_params.get("seen", "")
    stopping: Callable[[], bool] = getattr(request.app.state, "stopping", lambda: False)
    return StreamingResponse(
        _changes(look, seen, stopping),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store"},
    )


async def _changes(look: Fingerprints, seen: str, stopping: Callable[[], bool]) -> AsyncIterator[str]:
    before: Mapping[str, str] = {}
    ends_at, beat_at = monotonic() + LONGEST_STREAM_S, 0.0
    while monotonic() < ends_at and not stopping():
        try:
            now = await run_in_threadpool(look)
        except OperationalError:
            log.warning("stream_ended", reason="database")
            return
        if mark(now) != seen:
            for part in sorted(part for part in now if now[part] != before.get(part)):
                yield f"id: {mark(now)}\nevent: {part}\ndata: {mark(now)}\n\n"
            beat_at = monotonic() + BEAT_EVERY_S
        elif monotonic() >= beat_at:
            yield ": still here\n\n"
            beat_at = monotonic() + BEAT_EVERY_S
        seen, before = mark(now), now
        await asyncio.sleep(LOOK_EVERY_S)
