"""The resources' pages: the list, and one form to add, change and retire. Every change ends in a redirect."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.auth import SignedIn
from bot.console.desk import Desk
from bot.console.phrases import at_desk, language_name
from bot.console.queue import read_counts
from bot.console.queue_views import shell
from bot.console.resource_form import PARTS, Draft, Problems, columns, draft_of, empty, find_problems, typed
from bot.console.resources import TOPICS, desk_day, is_offered, read_resources
from bot.i18n.languages import SOURCE
from bot.records import ClinicResource, Location
from bot.web.pages import Form, page

LIST = "/console/resources"
NOTICES = {
    "saved": "Saved. It is offered from now on.",
    "ended": "Saved. Its last day is over, so it is not offered.",
    "retired": "Retired. It is not offered any more; save it again to bring it back.",
    "changed": "Somebody else changed it meanwhile, so nothing was done. Here is how it is now.",
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the form shows besides the stored row: what is typed, what is wrong, what somebody else stored since."""

    draft: Draft
    problems: Problems = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    changed: bool = False


class ResourceViews:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show_list(self, request: Request) -> Response:
        coordinator = await self._desk.signed_in(request)
        notice = NOTICES.get(request.query_params.get("notice", ""))
        query = request.query_params.get("q", "").strip()[:100]
        return await run_in_threadpool(self._list, coordinator, query, notice)

    async def show(self, request: Request) -> Response:
        coordinator = await self._desk.signed_in(request)
        notice = NOTICES.get(request.query_params.get("notice", ""))
        return await run_in_threadpool(self._form, coordinator, _resource_id(request), notice=notice)

    async def save(self, request: Request) -> Response:
        """Add or change. What was typed stays on the page when it cannot be stored."""
        coordinator, form = await self._desk.posted(request)
        return await run_in_threadpool(self._save, coordinator, _resource_id(request), form)

    async def retire(self, request: Request) -> Response:
        coordinator, form = await self._desk.posted(request)
        resource_id, version = _resource_id(request), _version(form)
        now = self._desk.clock.now()
        done = await run_in_threadpool(self._change, coordinator, resource_id, version, now, {"retired_at": now})
        address = LIST if done else f"{LIST}/{resource_id}"
        return RedirectResponse(f"{address}?notice={'retired' if done else 'changed'}", status_code=303)

    def _languages(self, row: ClinicResource | None) -> list[str]:
        """English, those in which the clinic writes, and those that the entry has already."""
        catalogs = self._desk.words.catalogs
        released = (code for code in catalogs.languages if code in catalogs.released)
        return list(dict.fromkeys([SOURCE, *released, *(row.name if row else ())]))

    def _list(self, coordinator: SignedIn, query: str, notice: str | None) -> Response:
        now = self._desk.clock.now()
        with self._desk.database.read() as session:
            listing = read_resources(session, self._languages(None), desk_day(coordinator, now), query)
            frame = shell(self._desk, coordinator, now, read_counts(session, coordinator, now))
        return page("resources.html", **frame, listing=listing, query=query, notice=notice)

    def _save(self, coordinator: SignedIn, resource_id: UUID | None, form: Form) -> Response:
        now = self._desk.clock.now()
        today = desk_day(coordinator, now)
        with self._desk.database.read() as session:
            row = _row(session, resource_id)
            locations = list(session.scalars(select(Location.id)))
        draft = typed(form, self._languages(row))
        problems = find_problems(draft, locations=locations, earliest=today if row is None else None)
        if problems:
            return self._form(coordinator, resource_id, Shown(draft=draft, problems=problems), version=_version(form))
        values = columns(draft) | {"retired_at": None}
        if not self._change(coordinator, resource_id, _version(form), now, values):
            return self._form(coordinator, resource_id, Shown(draft=draft, changed=True))
        notice = "saved" if values["expires_on"] >= today else "ended"
        return RedirectResponse(f"{LIST}?notice={notice}", status_code=303)

    def _change(
        self, coordinator: SignedIn, resource_id: UUID | None, version: int, now: datetime, values: dict[str, Any]
    ) -> bool:
        """Store a new row, or the values in the row as it was at `version`. False when it changed since."""
        values = values | {"version": version + 1, "updated_at": now, "updated_by_id": coordinator.coordinator_id}
        with self._desk.database.write() as session:
            if resource_id is None:
                session.add(ClinicResource(**values))
                return True
            this = update(ClinicResource).where(ClinicResource.id == resource_id, ClinicResource.version == version)
            return session.scalar(this.values(**values).returning(ClinicResource.id)) is not None

    def _form(
        self,
        coordinator: SignedIn,
        resource_id: UUID | None,
        shown: Shown | None = None,
        *,
        version: int | None = None,
        notice: str | None = None,
    ) -> Response:
        now = self._desk.clock.now()
        with self._desk.database.read() as session:
            row = _row(session, resource_id)
            places = session.execute(select(Location.id, Location.name).order_by(Location.name)).all()
            frame = shell(self._desk, coordinator, now, read_counts(session, coordinator, now))
        languages = self._languages(row)
        stored = draft_of(row, languages) if row else empty(languages)
        shown = shown or Shown(draft=stored)
        return page(
            "resource.html",
            status=409 if shown.changed else 422 if shown.problems else 200,
            **frame,
            **_about(row, coordinator, now),
            shown=_with_stored(shown, stored) if shown.changed else shown,
            version=version if version is not None else row.version if row else 0,
            locations=[(str(location_id), name) for location_id, name in places],
            tongues=[self._tongue(code) for code in languages],
            notice=notice,
        )

    def _tongue(self, code: str) -> dict[str, str]:
        language = self._desk.words.catalogs.languages.get(code)
        return {
            "code": code,
            "english": language_name(code),
            "own": language.native_name if language else code,
            "direction": language.direction if language else "auto",
        }


def _about(row: ClinicResource | None, coordinator: SignedIn, now: datetime) -> dict[str, Any]:
    """Which it is, who changed it last and whether it is offered; and what there is to choose from."""
    return {
        "resource_id": row.id if row else None,
        "topics": TOPICS,
        "parts": PARTS,
        "updated": at_desk(row.updated_at, coordinator.time_zone, now) if row else None,
        "updated_by": row.updated_by.name if row and row.updated_by else None,
        "is_retired": row is not None and row.retired_at is not None,
        "is_offered": row is not None and is_offered(row, desk_day(coordinator, now)),
    }


def _with_stored(shown: Shown, stored: Draft) -> Shown:
    """The same, and beside each field that is typed otherwise what is stored now."""
    fields = dict.fromkeys(stored.fields, "") | dict(shown.draft.fields)
    differing = {name: text for name, text in stored.fields.items() if fields[name].strip() != text}
    return Shown(draft=Draft(languages=stored.languages, fields=fields), stored=differing, changed=True)


def _row(session: Session, resource_id: UUID | None) -> ClinicResource | None:
    """The entry, None for a new one. Raises HTTPException 404 when it is gone."""
    if resource_id is None:
        return None
    row = session.get(ClinicResource, resource_id, options=[joinedload(ClinicResource.updated_by)])
    if row is None:
        raise HTTPException(404)
    return row


def _resource_id(request: Request) -> UUID | None:
    return cast("UUID | None", request.path_params.get("resource_id"))


def _version(form: Form) -> int:
    version = form.get("version", "")
    if not version.isdecimal():
        raise HTTPException(400)
    return int(version)
