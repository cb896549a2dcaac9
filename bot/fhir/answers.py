"""What a FHIR server answers: a page, a refusal, or something that no FHIR server says.

What it writes into its errors may quote the record: of it only codes are told.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from bot.domain.errors import NorthstarError
from bot.fhir.elements import Resource

ISSUE_CODE = re.compile(r"[a-z-]{1,20}")


class ServerFailed(NorthstarError):
    """The FHIR server could not be used; says what it did. What came before is on record."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """It will not do that: HTTP status, and the codes of its OperationOutcome."""

    status: int
    codes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"HTTP {self.status}" + (f", {' '.join(self.codes)}" if self.codes else "")

    @property
    def is_gone(self) -> bool:
        return self.status in {404, 410}


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a search. `at` is the server's time; `next_url` is an address of the same server."""

    resources: tuple[Resource, ...]
    next_url: str | None
    at: datetime


def version_of(resource: Resource) -> str | None:
    """meta.versionId, where the server keeps versions."""
    meta = resource.get("meta")
    version = meta.get("versionId") if isinstance(meta, Mapping) else None
    return version if isinstance(version, str) else None


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port, which a token is for."""
    default = 443 if url.scheme == "https" else 80
    return url.scheme, url.host, url.port or default


def retry_after_s(response: httpx.Response) -> float | None:
    """RFC 9110 10.2.3: seconds, or a date; None when nothing, or nothing readable, is said."""
    text = response.headers.get("Retry-After", "")
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - date_of(response)).total_seconds())
    except (ValueError, TypeError):
        return None


def body_of(response: httpx.Response) -> Mapping[str, Any]:
    """Raises ServerFailed for what no FHIR server says: HTML, half a document, a redirect."""
    if response.is_redirect:
        raise ServerFailed(
            f"The FHIR server redirects (HTTP {response.status_code}); that is not followed. Name its final address."
        )
    if response.status_code == httpx.codes.UNAUTHORIZED:
        raise ServerFailed("The FHIR server wants a sign-in (HTTP 401). Check NORTHSTAR_FHIR_CLIENT_ID and its scope.")
    try:
        body = response.json()
    except (ValueError, RecursionError) as error:
        if not response.is_success:
            return {}
        raise ServerFailed("The FHIR server answered with no whole JSON. Is this its FHIR base?") from error
    return body if isinstance(body, Mapping) else {}


def refusal_of(response: httpx.Response, body: Mapping[str, Any]) -> Refused:
    """What it says no with; its texts are left out."""
    issues = body.get("issue")
    codes = (issue.get("code") for issue in (issues if isinstance(issues, list) else ()) if isinstance(issue, Mapping))
    told = dict.fromkeys(code for code in codes if isinstance(code, str) and ISSUE_CODE.fullmatch(code))
    return Refused(status=response.status_code, codes=tuple(told))


def entries_of(bundle: Resource) -> Iterator[Resource]:
    """The resources of a Bundle."""
    entries = bundle.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("resource"), Mapping):
            yield entry["resource"]


def date_of(response: httpx.Response) -> datetime:
    """The server's time; ours where it does not say."""
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return datetime.now(UTC)
