"""What a FHIR server has changed since a time, in the order of the changes.

Each page is asked for by the time at which the last one ended, rather than by its number, wherever the time has moved
on: a server that counts pages by offset would leave one out for each resource that is changed while we read.
Deleted resources do not appear in a search: what was taken of them stays until it is ended or cancelled there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.fhir.answers import Page, Refused, ServerFailed
from bot.fhir.elements import Resource
from bot.fhir.server import FhirServer
from bot.fhir.times import last_updated

PAGE = "200"
# Changes that are stamped later are left to the next sync, so that this one ends; the clocks of a cluster differ.
CLOCKS_DIFFER = timedelta(minutes=5)
# A server may search by whole seconds.
COARSE = timedelta(seconds=1)


class NotOffered(Exception):
    """The server has no such type."""


@dataclass(kw_only=True)
class _Reading:
    """How far a type is read: all before `asked_from`. `seen` holds id and version of what was changed at `last`."""

    kind: str
    ends_at: datetime
    asked_from: datetime | None
    last: datetime | None
    seen: set[tuple[object, object]] = field(default_factory=set)
    is_over: bool = False

    def fresh(self, page: Page) -> list[Resource]:
        """What of the page was not seen before. Raises ServerFailed."""
        found: list[Resource] = []
        for resource in page.resources:
            at = self._stamp(resource)
            if self.asked_from is not None and self.asked_from - COARSE <= at < self.asked_from:
                continue
            if self.last is not None and at < self.last:
                raise ServerFailed(
                    f"The FHIR server does not search {self.kind} by _lastUpdated, or does not sort by it."
                )
            if at > self.ends_at:
                self.is_over = True
                break
            if at != self.last:
                self.last, self.seen = at, set()
            version = (resource.get("id"), resource["meta"].get("versionId"))
            if version not in self.seen:
                self.seen.add(version)
                found.append(resource)
        return found

    def _stamp(self, resource: Resource) -> datetime:
        at = last_updated(resource)
        if at is None:
            raise ServerFailed(f"The FHIR server does not say when a {self.kind} was changed (meta.lastUpdated).")
        return at


def changes(server: FhirServer, kind: str, since: datetime | None) -> Iterator[tuple[datetime, list[Resource]]]:
    """Page by page, each with the time of its last change: all earlier changes have come then.

    Raises NotOffered, and ServerFailed when the server cannot be asked like that.
    """
    page = _first(server, kind, since)
    reading = _Reading(kind=kind, ends_at=page.at + CLOCKS_DIFFER, asked_from=since, last=since)
    turned = False
    while True:
        fresh = reading.fresh(page)
        if reading.last is not None and fresh:
            yield reading.last, fresh
        if reading.is_over or page.next_url is None:
            return
        if turned and not fresh:
            raise ServerFailed(f"The FHIR server's pages of {kind} repeat themselves; nothing more can be read.")
        turned = reading.last == reading.asked_from
        if turned:
            page = _next(server, kind, page.next_url)
        else:
            reading.asked_from = reading.last
            page = _first(server, kind, reading.last)


def by_id(server: FhirServer, kind: str, ids: list[str]) -> list[Resource]:
    """Those of the ids that are still there, each once."""
    found: dict[str, Resource] = {}
    page = _usable(server.search(kind, _id=",".join(ids), _count=str(len(ids))), kind)
    while True:
        fresh = {str(resource.get("id")): resource for resource in page.resources}
        if page.next_url is None or fresh.keys() <= found.keys():
            found |= fresh
            return [found[each] for each in ids if each in found]
        found |= fresh
        page = _next(server, kind, page.next_url)


def _first(server: FhirServer, kind: str, since: datetime | None) -> Page:
    parameters = {"_sort": "_lastUpdated", "_count": PAGE}
    if since is not None:
        exactly = since.isoformat(timespec="microseconds" if since.microsecond % 1000 else "milliseconds")
        parameters["_lastUpdated"] = f"ge{exactly.replace('+00:00', 'Z')}"
    answer = server.search(kind, **parameters)
    if isinstance(answer, Refused) and (answer.is_gone or "not-supported" in answer.codes):
        raise NotOffered(kind)
    return _usable(answer, kind)


def _next(server: FhirServer, kind: str, url: str) -> Page:
    return _usable(server.turn(kind, url), kind)


def _usable(answer: Page | Refused, kind: str) -> Page:
    if isinstance(answer, Refused):
        raise ServerFailed(
            f"The FHIR server refuses a search for {kind} ({answer}). "
            "It has to allow searches by _lastUpdated and _id, and _sort=_lastUpdated."
        )
    return answer
