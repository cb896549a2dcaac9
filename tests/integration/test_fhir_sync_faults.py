"""A FHIR server that misbehaves: waited for, or named in a sentence; nothing is lost, repeated or told to others."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.domain.enums import CommunicationStatus, ParticipationStatus
from bot.fhir.answers import ServerFailed
from bot.fhir.report import Outcome
from bot.fhir.server import ATTEMPTS, FhirServer
from bot.records import Appointment, Communication, FhirResource, FhirSync, Patient
from tests.support.clinic import Clinic
from tests.support.fhir import Resource, amina, nguyen, resource, riverside, visit
from tests.support.fhir_sync import BASE, counts, failure, only, page, played, stamped, sync_with

Handler = Callable[[httpx.Request], httpx.Response]
PATIENT = page(stamped(amina()))
HTML = httpx.Response(200, text="<html>Sign in</html>", headers={"Content-Type": "text/html"})
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"code": "invalid", "diagnostics": "Amina Diallo"}]}


def script(*answers: httpx.Response | Exception) -> Handler:
    """Each answer once, the last for ever."""
    left = iter(answers)
    last = [answers[-1]]

    def handle(_request: httpx.Request) -> httpx.Response:
        answer = next(left, last[0])
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return handle


def test_a_server_that_is_busy_is_asked_again_when_it_says(clinic: Clinic) -> None:
    waits: list[float] = []
    busy = httpx.Response(429, headers={"Retry-After": "7"})
    report = sync_with(clinic, played(only("Patient", script(busy, busy, PATIENT)), waits))
    assert report.counts["Patient", Outcome.NEW] == 1
    assert [7 <= wait <= 8 for wait in waits] == [True, True]


def test_passing_faults_are_outlasted_with_growing_pauses(clinic: Clinic) -> None:
    waits: list[float] = []
    faults = (httpx.Response(503), httpx.ConnectError("x"), httpx.ReadTimeout("x"))
    report = sync_with(clinic, played(only("Patient", script(*faults, PATIENT)), waits))
    assert report.counts["Patient", Outcome.NEW] == 1
    assert waits == sorted(waits)
    assert len(waits) == len(faults)


def test_a_fault_that_stays_ends_the_sync_with_a_sentence(clinic: Clinic) -> None:
    waits: list[float] = []
    words = failure(clinic, played(only("Patient", script(httpx.Response(503))), waits))
    assert words.startswith(
        f"The FHIR server is not able to answer (HTTP 503), asked {ATTEMPTS} times. Run the sync again"
    )
    assert len(waits) == ATTEMPTS - 1


WRONG = (
    (httpx.Response(429, headers={"Retry-After": "3600"}), "asks to be left alone for 3600 s"),
    (HTML, "no whole JSON"),
    (httpx.Response(200, content=PATIENT.content[:-9]), "no whole JSON"),
    (httpx.Response(200, json=amina()), "no Bundle"),
    (httpx.Response(302, headers={"Location": "https://elsewhere.example.org"}), "redirects (HTTP 302)"),
    (httpx.Response(401, json=OUTCOME), "wants a sign-in"),
    (httpx.Response(403, json=OUTCOME), "refuses a search for Patient (HTTP 403, invalid)"),
    (httpx.Response(400, json=OUTCOME), "refuses a search for Patient (HTTP 400, invalid)"),
    (page(stamped(amina()), following="https://elsewhere.example.org/r4/Patient?page=2"), "on another host"),
    (page(stamped(amina()), following="https://fhir.example.org:port/"), "no readable address"),
    (page(amina()), "does not say when a Patient was changed"),
    (page(stamped(amina()), stamped(amina(id="b"), "2026-11-19T10:00:00Z")), "does not sort by it"),
)


def test_what_is_wrong_is_said_and_nothing_half_written(clinic: Clinic) -> None:
    asked: list[str] = []
    for answer, words in WRONG:
        answers = script(answer)

        def handle(request: httpx.Request, answers: Handler = answers) -> httpx.Response:
            asked.append(request.url.host)
            return answers(request)

        told = failure(clinic, played(only("Patient", handle)))
        assert words in told
        assert "Diallo" not in told
        assert clinic.rows(Patient) == []
    assert set(asked) == {"fhir.example.org"}


def test_pages_that_repeat_end_the_sync_and_what_came_is_kept(clinic: Clinic) -> None:
    endless = page(stamped(amina()), following=f"{BASE}/Patient?page=2")
    assert "pages of Patient repeat themselves" in failure(clinic, played(only("Patient", script(endless))))
    assert len(clinic.rows(Patient)) == 1


def test_many_changes_of_one_instant_are_followed_from_page_to_page(clinic: Clinic) -> None:
    people = [stamped(amina(id=f"p{number}", telecom=None)) for number in range(6)]

    def handle(request: httpx.Request) -> httpx.Response:
        at = int(request.url.params.get("page", "0"))
        following = f"/r4/Patient?page={at + 1}" if at < 2 else None
        return page(*people[at * 2 : at * 2 + 2], following=following)

    assert sync_with(clinic, played(only("Patient", handle))).counts["Patient", Outcome.NEW] == 6


def test_a_change_while_we_read_pushes_nobody_off_the_pages(clinic: Clinic) -> None:
    """A server that counts pages by offset: the first person is changed after the first page, the others move up."""
    people = {f"p{n}": stamped(amina(id=f"p{n}", telecom=None), f"2026-11-20T10:0{n}:00.000Z") for n in range(6)}
    asked = 0

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        if asked == 2:
            people["p0"] = stamped(people["p0"], "2026-11-20T10:09:00.000Z", version="2")
        since = request.url.params.get("_lastUpdated", "")[2:]
        found = sorted((each for each in people.values() if _at(each) >= since), key=_at)
        offset = int(request.url.params.get("page", "0"))
        following = f"{request.url}&page={offset + 3}" if len(found) > offset + 3 else None
        return page(*found[offset : offset + 3], following=following)

    report = sync_with(clinic, played(only("Patient", handle)))
    assert report.counts["Patient", Outcome.NEW] == 6
    assert report.is_clean


def test_a_server_that_searches_by_whole_seconds_gives_everybody_once(clinic: Clinic) -> None:
    stamps = [f"2026-11-20T10:00:0{n // 2}.{n % 2}00Z" for n in range(6)]
    people = [stamped(amina(id=f"p{n}", telecom=None), at) for n, at in enumerate(stamps)]

    def handle(request: httpx.Request) -> httpx.Response:
        since = request.url.params.get("_lastUpdated", "")[2:21]
        found = [each for each in people if _at(each)[:19] >= since]
        offset = int(request.url.params.get("page", "0"))
        following = f"{request.url}&page={offset + 2}" if len(found) > offset + 2 else None
        return page(*found[offset : offset + 2], following=following)

    report = sync_with(clinic, played(only("Patient", handle)))
    assert report.counts == {("Patient", Outcome.NEW): 6}


def _at(each: Resource) -> str:
    return str(each["meta"]["lastUpdated"])


def test_changes_that_are_stamped_in_the_future_wait_for_the_next_sync(clinic: Clinic) -> None:
    later = page(stamped(amina()), stamped(amina(id="b"), "2999-01-01T00:00:00Z"))
    assert sync_with(clinic, played(only("Patient", script(later)))).counts["Patient", Outcome.NEW] == 1


def test_a_type_that_the_server_does_not_have_is_passed_over(clinic: Clinic) -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/Slot"):
            return httpx.Response(404, json=OUTCOME)
        return PATIENT if request.url.path.endswith("/Patient") else page()

    assert sync_with(clinic, played(handle)).counts["Patient", Outcome.NEW] == 1
    words = failure(clinic, played(script(httpx.Response(404, text="not here"))))
    assert words == "The FHIR server knows none of the types that are read. Is this its FHIR base?"


def test_what_came_before_a_broken_page_is_kept_and_the_next_sync_goes_on_from_there(clinic: Clinic) -> None:
    first = page(stamped(amina(), "2026-11-20T10:00:00.000Z"), following=f"{BASE}/Patient?page=2")
    failure(clinic, played(only("Patient", script(first, HTML))))
    (cursor,) = clinic.rows(FhirSync, FhirSync.resource_type == "Patient")
    assert cursor.last_updated_at is not None
    assert cursor.last_updated_at.isoformat() == "2026-11-20T10:00:00+00:00"
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.params.get("_lastUpdated")))
        return page(stamped(amina(id="b"), "2026-11-20T10:05:00.000Z"))

    report = sync_with(clinic, played(only("Patient", handle)))
    assert asked[0] == "ge2026-11-20T09:58:00.000Z"
    assert report.counts["Patient", Outcome.NEW] == 1
    assert len(clinic.rows(Patient)) == 2


class Visits:
    """A server with Amina's visit, which writes as it is told to."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.visit: Any = stamped(visit())
        self.written: list[httpx.Request] = []
        self._answer = script(*answers)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        kind = request.url.path.split("/")[2]
        if request.method != "GET":
            self.written.append(request)
            return self._answer(request)
        if request.url.path.endswith("/Appointment/visit"):
            return httpx.Response(200, json=self.visit) if self.visit else httpx.Response(410)
        there = {"Patient": amina(), "Practitioner": nguyen(), "Location": riverside(), "Appointment": self.visit}
        return page(stamped(there[kind]) if kind != "Appointment" else self.visit) if there.get(kind) else page()


def answered(clinic: Clinic, server: FhirServer) -> None:
    sync_with(clinic, server)
    (row,) = clinic.rows(Appointment)
    clinic.clock.forward(minutes=5)
    accepted = ParticipationStatus.ACCEPTED
    clinic.change(Appointment, row.id, participation=accepted, participation_at=clinic.clock.now())


def test_a_visit_that_changes_at_the_last_moment_is_left_for_the_next_sync(clinic: Clinic) -> None:
    there = Visits(httpx.Response(412, json=OUTCOME))
    server = played(there)
    answered(clinic, server)
    report = sync_with(clinic, server)
    assert counts(report) == {"Appointment left": 1}
    assert [(remark.resource, remark.rejected) for remark in report.remarks] == [("Appointment/visit", False)]
    (sent,) = there.written
    assert sent.headers["If-Match"] == 'W/"1"'
    assert json.loads(sent.content)["participant"][0]["status"] == "accepted"
    assert counts(sync_with(clinic, server)) == {"Appointment left": 1}


def test_a_visit_that_changes_after_the_pull_is_not_written_to(clinic: Clinic) -> None:
    there = Visits(httpx.Response(500))
    answered(clinic, played(there))
    moved = stamped(visit(start="2026-11-27T09:00:00-05:00"), version="2")

    def move(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/Appointment/visit"):
            return httpx.Response(200, json=moved)
        return there(request)

    assert counts(sync_with(clinic, played(move))) == {"Appointment left": 1}
    assert there.written == []


def test_an_answer_whose_receipt_was_lost_counts_as_written(clinic: Clinic) -> None:
    there = Visits(httpx.ReadTimeout("x"), httpx.Response(412, json=OUTCOME))
    server = played(there)
    answered(clinic, server)

    def lose(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            there.visit = stamped(json.loads(request.content), version="2")
        return there(request)

    assert counts(sync_with(clinic, played(lose))) == {"Appointment updated": 1}
    assert sync_with(clinic, server).written == {}


def test_a_visit_that_is_gone_there_is_said_once(clinic: Clinic) -> None:
    there = Visits(httpx.Response(412))
    server = played(there)
    answered(clinic, server)
    there.visit = None
    assert counts(sync_with(clinic, server)) == {"Appointment left": 1}
    assert sync_with(clinic, server).written == {}


def test_a_server_that_takes_no_messages_is_asked_once_and_it_is_said(clinic: Clinic) -> None:
    there = Visits(httpx.Response(403, json=OUTCOME))
    server = played(there)
    sync_with(clinic, server)
    clinic.rasa.hands_over("purple fence", "talk_to_person", "person")
    clinic.text("+12125550171", "purple fence")
    report = sync_with(clinic, server)
    assert counts(report) == {"Communication refused": 1, "Task refused": 1}
    assert [sent.url.path for sent in there.written] == ["/r4/Communication", "/r4/Task"]
    assert there.written[0].headers["If-None-Exist"].startswith("identifier=urn%3Anorthstar%7C")
    assert not report.is_clean
    assert {entry.resource_type for entry in clinic.rows(FhirResource)}.isdisjoint({"Communication", "Task"})


def test_a_server_that_answers_with_a_place_alone_is_asked_for_what_it_keeps(clinic: Clinic) -> None:
    there = Visits(httpx.Response(201))
    kept: dict[str, Any] = {}

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            kind = request.url.path.split("/")[2]
            kept[f"/r4/{kind}/k1"] = stamped({**json.loads(request.content), "id": "k1"})
            return httpx.Response(201, headers={"Location": f"{BASE}/{kind}/k1/_history/1"})
        return httpx.Response(200, json=kept[request.url.path]) if request.url.path in kept else there(request)

    sync_with(clinic, played(handle))
    clinic.rasa.hands_over("purple fence", "talk_to_person", "person")
    clinic.text("+12125550171", "purple fence")
    clinic.change(Communication, clinic.outbound()[0].id, status=CommunicationStatus.QUEUED)
    report = sync_with(clinic, played(handle))
    assert counts(report) == {"Communication created": 1, "Task created": 1}
    (entry,) = clinic.rows(FhirResource, FhirResource.resource_type == "Task")
    assert (entry.fhir_id, entry.version) == ("k1", "1")


def test_what_a_northstar_wrote_is_not_taken_for_news(clinic: Clinic) -> None:
    own = resource("Communication", "c1", status="completed", identifier=[{"system": "urn:northstar", "value": "1"}])
    assert sync_with(clinic, played(only("Communication", script(page(stamped(own)))))).counts == {}


def test_a_token_that_has_ended_is_renewed_once(clinic: Clinic) -> None:
    tokens: list[bool] = []

    def token(renew: bool) -> str:
        tokens.append(renew)
        return f"token-{sum(tokens)}"

    def handle(request: httpx.Request) -> httpx.Response:
        good = request.headers["Authorization"] == "Bearer token-1"
        return (PATIENT if request.url.path.endswith("/Patient") else page()) if good else httpx.Response(401)

    server = played(handle)
    server.token = token
    assert sync_with(clinic, server).counts["Patient", Outcome.NEW] == 1
    assert tokens.count(True) == 1
    server.token = lambda renew: "revoked"
    with pytest.raises(ServerFailed, match="wants a sign-in"):
        sync_with(clinic, server)
