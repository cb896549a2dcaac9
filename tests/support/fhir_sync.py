"""A sync of a clinic with a FHIR server, real or played by a function."""

from collections.abc import Callable

import httpx

from bot.bootstrap import make_sync
from bot.fhir.answers import ServerFailed
from bot.fhir.report import Report, Written
from bot.fhir.server import FhirServer
from tests.support.clinic import Clinic
from tests.support.fhir import Resource
from tests.support.real_fhir import HTTP

BASE = "https://fhir.example.org/r4"
STAMP = "2026-11-20T10:00:00.000Z"

Handler = Callable[[httpx.Request], httpx.Response]


def sync(clinic: Clinic, base: str, *, everything: bool = False) -> Report:
    """Pull from a server on loopback and write back."""
    return sync_with(clinic, FhirServer(base=base, http=HTTP), everything=everything)


def sync_with(clinic: Clinic, server: FhirServer, *, everything: bool = False) -> Report:
    report = Report()
    pull, back = make_sync(
        clinic.parts.settings,
        clinic.database,
        server,
        report,
        dose_reminders=False,
        say=lambda what, done, total: None,
    )
    pull.importing.now = back.now = clinic.clock.now()
    pull.run(everything=everything)
    back.run()
    return report


def failure(clinic: Clinic, server: FhirServer) -> str:
    """What somebody is told when the sync fails."""
    try:
        sync_with(clinic, server)
    except ServerFailed as failed:
        return str(failed)
    raise AssertionError("the sync did not fail")


def played(handler: Handler, waits: list[float] | None = None) -> FhirServer:
    """A server that a function plays; what would be waited goes into `waits`."""
    seen = [] if waits is None else waits
    http = httpx.Client(transport=httpx.MockTransport(handler))
    return FhirServer(base=BASE, http=http, wait=seen.append)


def stamped(resource: Resource, at: str = STAMP, version: str = "1") -> Resource:
    return {**resource, "meta": {"versionId": version, "lastUpdated": at}}


def page(*resources: Resource, following: str | None = None) -> httpx.Response:
    links = [] if following is None else [{"relation": "next", "url": following}]
    entries = [{"resource": each} for each in resources]
    return httpx.Response(200, json={"resourceType": "Bundle", "type": "searchset", "entry": entries, "link": links})


def only(kind: str, answer: Handler) -> Handler:
    """Nothing of any other type."""

    def handle(request: httpx.Request) -> httpx.Response:
        return answer(request) if request.url.path.split("/")[2] == kind else page()

    return handle


def counts(report: Report) -> dict[str, int]:
    """What was written back, by type and outcome."""
    return {f"{kind} {Written(how).value}": count for (kind, how), count in sorted(report.written.items())}
