"""A FHIR R4 server over HTTP: asks again when that may help, and says what is wrong when it does not.

The token goes to the server's own address only: no redirect is followed, and no link to another host.
"""

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from bot.domain.backoff import backoff_s
from bot.fhir.answers import (
    Page,
    Refused,
    ServerFailed,
    body_of,
    date_of,
    entries_of,
    origin,
    refusal_of,
    retry_after_s,
)
from bot.fhir.elements import Resource

JSON = "application/fhir+json"
# The last time a failed request is sent again; with `backoff_s` that is after a minute or so.
ATTEMPTS = 6
PASSING = frozenset({408, 429, 500, 502, 503, 504})
LONGEST_WAIT_S = 120.0


@dataclass(kw_only=True)
class FhirServer:
    """`base` has no slash at its end. `token` gives a valid one, another when told that the last was refused."""

    base: str
    http: httpx.Client
    token: Callable[[bool], str] | None = None
    wait: Callable[[float], None] = field(default=time.sleep)

    def read(self, kind: str, fhir_id: str) -> Resource | Refused:
        return self._resource(self._send("GET", f"{self.base}/{kind}/{fhir_id}"), kind)

    def search(self, kind: str, **parameters: str) -> Page | Refused:
        return self._page(self._send("GET", str(httpx.URL(f"{self.base}/{kind}", params=parameters))), kind)

    def turn(self, kind: str, url: str) -> Page | Refused:
        """The page at a `next_url`."""
        return self._page(self._send("GET", url), kind)

    def create(self, resource: Resource, identifier: str) -> Resource | Refused:
        """Unless one with that identifier (system|value) is there: then that one, so that trying again is safe."""
        kind = resource["resourceType"]
        query = str(httpx.QueryParams(identifier=identifier))
        sent = self._send("POST", f"{self.base}/{kind}", resource, {"If-None-Exist": query})
        return self._resource(sent, kind)

    def update(self, resource: Resource, version: str | None) -> Resource | Refused:
        """Refused with 412 when the server has another version by now; None where it keeps no versions."""
        kind, fhir_id = resource["resourceType"], resource["id"]
        condition = {} if version is None else {"If-Match": f'W/"{version}"'}
        sent = self._send("PUT", f"{self.base}/{kind}/{fhir_id}", resource, condition)
        return self._resource(sent, kind)

    def _send(
        self, method: str, url: str, body: Resource | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """The answer, a passing failure outlasted. Raises ServerFailed."""
        refused = renew = False
        for attempt in range(1, ATTEMPTS + 1):
            pause: float | None = None
            try:
                response = self.http.request(method, url, json=body, headers=self._headers(headers, renew=renew))
            except httpx.RequestError as error:
                failed = f"cannot be reached ({type(error).__name__})"
            else:
                if response.status_code == httpx.codes.UNAUTHORIZED and self.token is not None and not refused:
                    refused = renew = True
                    continue
                if response.status_code not in PASSING:
                    return response
                failed, pause = f"is not able to answer (HTTP {response.status_code})", retry_after_s(response)
            renew = False
            if attempt < ATTEMPTS:
                self._pause(pause, attempt)
        raise ServerFailed(f"The FHIR server {failed}, asked {ATTEMPTS} times. Run the sync again later: it goes on.")

    def _pause(self, wanted: float | None, attempt: int) -> None:
        if wanted is not None and wanted > LONGEST_WAIT_S:
            raise ServerFailed(f"The FHIR server asks to be left alone for {wanted:.0f} s. Run the sync again then.")
        self.wait(backoff_s(attempt) if wanted is None else wanted + random.random())  # noqa: S311 - keeps no secret

    def _headers(self, more: Mapping[str, str] | None, *, renew: bool) -> dict[str, str]:
        own = {"Accept": JSON, "Content-Type": JSON, "Prefer": "return=representation", **(more or {})}
        return own if self.token is None else {**own, "Authorization": f"Bearer {self.token(renew)}"}

    def _resource(self, response: httpx.Response, kind: str) -> Resource | Refused:
        if response.is_success and not response.content:  # It does not know Prefer, and says at most where it is.
            return self._written(response, kind)
        body = body_of(response)
        if response.is_success and body.get("resourceType") == kind and isinstance(body.get("id"), str):
            return body
        if response.is_success:
            raise ServerFailed(f"The FHIR server answered without the {kind}. Does it follow FHIR R4?")
        return refusal_of(response, body)

    def _written(self, response: httpx.Response, kind: str) -> Resource | Refused:
        place = response.headers.get("Location", response.url.path)
        found = re.search(rf"/{kind}/([A-Za-z0-9.\-]{{1,64}})(?:/_history/.*)?$", place)
        if found is None or response.request.method == "GET":
            raise ServerFailed(f"The FHIR server does not say where it keeps the {kind} that it took.")
        return self.read(kind, found[1])

    def _page(self, response: httpx.Response, kind: str) -> Page | Refused:
        body = body_of(response)
        if not response.is_success:
            return refusal_of(response, body)
        if body.get("resourceType") != "Bundle":
            raise ServerFailed(f"The FHIR server answered a search for {kind} with no Bundle. Is this its FHIR base?")
        resources = tuple(each for each in entries_of(body) if each.get("resourceType") == kind)
        return Page(resources=resources, next_url=self._next(response, body), at=date_of(response))

    def _next(self, response: httpx.Response, bundle: Resource) -> str | None:
        links = bundle.get("link")
        for link in links if isinstance(links, list) else ():
            if isinstance(link, Mapping) and link.get("relation") == "next" and isinstance(link.get("url"), str):
                return self._own(response.url, link["url"])
        return None

    def _own(self, here: httpx.URL, link: str) -> str:
        """The address of a link of this server. Raises ServerFailed for another's."""
        try:
            url = here.join(link)
        except httpx.InvalidURL as error:
            raise ServerFailed("The FHIR server's next page has no readable address.") from error
        if origin(url) != origin(httpx.URL(self.base)):
            raise ServerFailed("The FHIR server's next page is on another host; nothing is asked there.")
        return str(url)
