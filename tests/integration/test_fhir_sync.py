"""`northstar sync fhir` with a real FHIR server (Medplum's): pulled once, written back once, and nothing lost."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.bootstrap import reach_server
from bot.domain.enums import EncounterStatus, ParticipationStatus
from bot.fhir.answers import ServerFailed
from bot.fhir.importing import Import
from bot.fhir.report import Outcome
from bot.fhir.server import FhirServer
from bot.handoff import tickets
from bot.records import (
    Appointment,
    Communication,
    ContactPoint,
    Conversation,
    Encounter,
    FhirResource,
    FhirSync,
    MedicationDispense,
    MedicationRequest,
    Patient,
    Ticket,
    Timer,
)
from tests.support.cast import write_cast
from tests.support.clinic import Clinic, settings_in
from tests.support.dispenses import dispense
from tests.support.fhir import AMINA_PHONE, amina, metformin, nguyen, resource, riverside, to, visit
from tests.support.fhir_sync import counts, sync, sync_with
from tests.support.real_fhir import CLIENT_ID, KEY_ID, RealFhir, Repository
from tests.support.stays import stay

EVERYTHING = (visit(), metformin(), riverside(), nguyen(), amina())


@pytest.fixture
def there(real_fhir: RealFhir) -> Repository:
    """The clinic's own system, with Amina's record, written in an order that refers to what comes later."""
    repository = real_fhir.repository()
    repository.put(*EVERYTHING)
    return repository


def answer(clinic: Clinic, status: ParticipationStatus = ParticipationStatus.ACCEPTED, **later: float) -> None:
    """Amina says here whether she comes."""
    (row,) = clinic.rows(Appointment)
    at = clinic.clock.now() + timedelta(**later)
    clinic.change(Appointment, row.id, participation=status, participation_at=at)


def as_if_long_ago(clinic: Clinic, cursor: FhirSync) -> None:
    """What was pulled lies far behind, so that the overlap does not bring it again."""
    if cursor.last_updated_at is not None:
        clinic.change(FhirSync, cursor.id, last_updated_at=cursor.last_updated_at + timedelta(hours=1))


def status_there(there: Repository) -> list[str]:
    return [participant["status"] for participant in there.get("Appointment", "visit")["participant"]]


def test_a_record_is_pulled_and_the_same_again_changes_nothing(clinic: Clinic, there: Repository) -> None:
    report = sync(clinic, there.base)
    assert report.remarks == []
    assert report.total(Outcome.NEW) == len(EVERYTHING)
    (patient,), (contact,) = clinic.rows(Patient), clinic.rows(ContactPoint)
    assert (patient.given_name, contact.address, contact.patient_id) == ("Amina", AMINA_PHONE, patient.id)
    assert {entry.source for entry in clinic.rows(FhirResource)} == {there.base}
    assert clinic.rows(Timer) != []
    again = sync(clinic, there.base)
    assert again.total(Outcome.UNCHANGED) == len(EVERYTHING)
    assert again.total(Outcome.NEW) == again.total(Outcome.UPDATED) == 0
    assert again.written == {}


def test_only_what_changed_is_asked_for(clinic: Clinic, there: Repository) -> None:
    sync(clinic, there.base)
    for cursor in clinic.rows(FhirSync):
        as_if_long_ago(clinic, cursor)
    assert sync(clinic, there.base).counts == {}
    assert sync(clinic, there.base, everything=True).total(Outcome.UNCHANGED) == len(EVERYTHING)


def test_a_change_there_is_a_change_here(clinic: Clinic, there: Repository) -> None:
    sync(clinic, there.base)
    there.put(visit(start="2026-11-27T09:00:00-05:00", end="2026-11-27T09:30:00-05:00"))
    assert sync(clinic, there.base).counts["Appointment", Outcome.UPDATED] == 1
    (row,) = clinic.rows(Appointment)
    assert row.starts_at.isoformat() == "2026-11-27T14:00:00+00:00"


def test_a_stay_that_ends_there_ends_here_and_an_office_visit_is_passed_over(clinic: Clinic, there: Repository) -> None:
    there.put(stay(), stay("AMB", "office"))
    report = sync(clinic, there.base)
    assert [report.counts["Encounter", each] for each in (Outcome.NEW, Outcome.NOT_READ)] == [1, 1]
    there.put(stay(status="finished", period={"start": "2026-11-21T09:30:00-05:00", "end": "2026-11-22"}))
    assert sync(clinic, there.base).counts["Encounter", Outcome.UPDATED] == 1
    (row,) = clinic.rows(Encounter)
    assert (row.status, row.version) == (EncounterStatus.FINISHED, 2)
    assert sync(clinic, there.base).total(Outcome.UPDATED) == 0


def test_what_a_pharmacy_handed_over_joins_its_prescription_here(clinic: Clinic, there: Repository) -> None:
    there.put(dispense())
    report = sync(clinic, there.base)
    assert (report.remarks, report.counts["MedicationDispense", Outcome.NEW]) == ([], 1)
    (row,), (request,) = clinic.rows(MedicationDispense), clinic.rows(MedicationRequest)
    assert row.medication_request_id == request.id
    there.put(dispense(status="stopped"))
    assert sync(clinic, there.base).counts["MedicationDispense", Outcome.UPDATED] == 1


def test_many_pages_are_all_taken(clinic: Clinic, real_fhir: RealFhir) -> None:
    there = real_fhir.repository()
    there.put(*(resource("Organization", f"o{number}", name="Riverside") for number in range(230)))
    assert sync(clinic, there.base).counts["Organization", Outcome.NEW] == 230


def test_what_refers_to_somebody_who_comes_later_is_asked_for_again(clinic: Clinic, real_fhir: RealFhir) -> None:
    there = real_fhir.repository()
    there.put(metformin(), nguyen())
    assert [remark.resource for remark in sync(clinic, there.base).remarks] == ["MedicationRequest/metformin"]
    (cursor,) = clinic.rows(FhirSync, FhirSync.resource_type == "MedicationRequest")
    assert cursor.again == ["metformin"]
    as_if_long_ago(clinic, cursor)
    there.put(amina())
    report = sync(clinic, there.base)
    assert report.counts["MedicationRequest", Outcome.NEW] == 1
    assert report.is_clean
    assert clinic.row(FhirSync, cursor.id).again == []


def test_an_answer_is_written_to_the_visit_and_nothing_else_of_it_is_changed(clinic: Clinic, there: Repository) -> None:
    sync(clinic, there.base)
    before = there.get("Appointment", "visit")
    answer(clinic, minutes=1)
    assert counts(sync(clinic, there.base)) == {"Appointment updated": 1}
    after = there.get("Appointment", "visit")
    assert status_there(there) == ["accepted", "accepted", "accepted"]
    assert before["participant"][0]["status"] == "needs-action"
    assert {**after, "meta": 0, "participant": 0} == {**before, "meta": 0, "participant": 0}
    again = sync(clinic, there.base)
    assert (again.written, again.counts["Appointment", Outcome.UNCHANGED]) == ({}, 1)
    (row,) = clinic.rows(Appointment)
    assert (row.participation, row.version) == (ParticipationStatus.ACCEPTED, 1)


def test_a_visit_that_was_moved_there_wins_over_the_answer(clinic: Clinic, there: Repository) -> None:
    sync(clinic, there.base)
    answer(clinic, minutes=1)
    there.put(visit(start="2026-11-27T09:00:00-05:00", end="2026-11-27T09:30:00-05:00"))
    assert sync(clinic, there.base).written == {}
    (row,) = clinic.rows(Appointment)
    assert row.participation is ParticipationStatus.NEEDS_ACTION
    assert status_there(there)[0] == "needs-action"


def test_of_two_answers_the_later_one_holds(clinic: Clinic, there: Repository) -> None:
    sync(clinic, there.base)
    declined = [{"actor": to("Patient", "amina"), "status": "declined"}, *visit()["participant"][1:]]
    answer(clinic, days=-3000)
    there.put(visit(participant=declined))
    assert sync(clinic, there.base).written == {}
    (row,) = clinic.rows(Appointment)
    assert row.participation is ParticipationStatus.DECLINED
    answer(clinic, days=3000)
    there.put(visit(participant=declined, description="check-up, fasting"))
    assert counts(sync(clinic, there.base)) == {"Appointment updated": 1}
    assert status_there(there)[0] == "accepted"


def test_messages_and_tickets_are_written_once_and_do_not_come_back(clinic: Clinic, there: Repository) -> None:
    sync(clinic, there.base)
    dolores = clinic.seed(write_cast).dolores
    clinic.rasa.hands_over("purple fence", "talk_to_person", "person")
    clinic.text(AMINA_PHONE, "purple fence")
    report = sync(clinic, there.base)
    assert report.is_clean
    (asked, *answers) = there.all("Communication")
    assert asked["payload"] == [{"contentString": "purple fence"}]
    assert (asked["subject"], asked["sender"]) == (to("Patient", "amina"), to("Patient", "amina"))
    assert all(each["recipient"] == [to("Patient", "amina")] and each["sent"] for each in answers)
    (task,) = there.all("Task")
    assert (task["status"], task["priority"], task["for"]) == ("requested", "routine", to("Patient", "amina"))
    assert task["reasonCode"] == {"text": "person"}
    assert "fence" not in str(task)
    (ticket,) = clinic.rows(Ticket)
    with clinic.database.write() as session:
        tickets.claim(session, ticket.id, dolores, ticket.version, clinic.clock.now())
    assert counts(sync(clinic, there.base)) == {"Task updated": 1}
    with clinic.database.write() as session:
        tickets.resolve(session, clinic.parts.words, ticket.id, dolores, clinic.clock.now())
    clinic.work()
    last = sync(clinic, there.base)
    assert counts(last) == {"Communication created": 1, "Task updated": 1}
    assert there.all("Task")[0]["status"] == "completed"
    assert last.counts.keys().isdisjoint({("Communication", outcome) for outcome in Outcome})
    assert sync(clinic, there.base).written == {}
    assert len(there.all("Task")) == 1


def test_what_was_written_just_before_a_crash_is_not_written_twice(clinic: Clinic, there: Repository) -> None:
    sync(clinic, there.base)
    clinic.rasa.hands_over("purple fence", "talk_to_person", "person")
    clinic.text(AMINA_PHONE, "purple fence")
    sync(clinic, there.base)
    written = {kind: there.all(kind) for kind in ("Communication", "Task")}
    with clinic.database.write() as session:  # As if we had been killed before we could remember it.
        for entry in session.scalars(select(FhirResource).where(FhirResource.resource_type.in_(written))):
            session.delete(entry)
    sync(clinic, there.base)
    assert {kind: there.all(kind) for kind in written} == written
    assert sync(clinic, there.base).written == {}


def test_others_messages_and_codes_stay_here(clinic: Clinic, there: Repository) -> None:
    """Of people who are not that server's, of a phone that two share, and codes to sign in with."""
    clinic.seed(write_cast)
    sync(clinic, there.base)
    clinic.rasa.hands_over("purple fence", "talk_to_person", "person")
    clinic.text("+12125550101", "purple fence")
    clinic.text("+12125550102", "purple fence")
    clinic.text(AMINA_PHONE, "purple fence")
    (row,) = clinic.rows(Conversation, Conversation.address_index == AMINA_PHONE)
    (own,) = clinic.rows(Patient, Patient.id == row.patient_id)
    (other,) = clinic.rows(Patient, Patient.id != own.id)
    with clinic.database.write() as session:
        session.add(
            ContactPoint(channel=row.channel, address=AMINA_PHONE, address_index=AMINA_PHONE, patient_id=other.id)
        )
    report = sync(clinic, there.base)
    assert there.all("Communication") == []
    assert counts(report) == {"Task created": 1}
    with clinic.database.write() as session:
        hers = ContactPoint.patient_id == other.id, ContactPoint.address_index == AMINA_PHONE
        session.execute(delete(ContactPoint).where(*hers))
    clinic.change(Communication, clinic.outbound()[-1].id, unique_key="code:1")
    sync(clinic, there.base)
    (message,) = there.all("Communication")
    assert message["payload"] == [{"contentString": "purple fence"}]


class _Broken(httpx.BaseTransport):
    """The network, until it has answered so many requests."""

    def __init__(self, answers: int) -> None:
        self.left, self._real = answers, httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.left -= 1
        if self.left < 0:
            raise httpx.ConnectError("gone", request=request)
        return self._real.handle_request(request)


def test_wherever_the_network_breaks_the_next_sync_completes_the_record(clinic: Clinic, there: Repository) -> None:
    clinic.seed(write_cast)
    answers = 0
    while True:
        server = FhirServer(base=there.base, http=httpx.Client(transport=_Broken(answers)), wait=lambda _seconds: None)
        try:
            sync_with(clinic, server)
        except ServerFailed:
            numbers = clinic.rows(ContactPoint, ContactPoint.address_index == AMINA_PHONE)
            assert numbers == [], "nobody is answered before the record is whole"
            answers += 5
        else:
            break
    assert answers > 15
    assert len(clinic.rows(ContactPoint, ContactPoint.address_index == AMINA_PHONE)) == 1
    assert len([entry for entry in clinic.rows(FhirResource) if not entry.part]) == len(EVERYTHING)
    (row,) = clinic.rows(Appointment, Appointment.id != clinic.rows(Appointment)[0].id)
    assert [timer for timer in clinic.rows(Timer) if timer.subject.get("appointment") == str(row.id)]


def test_reminders_that_a_crash_prevented_are_set_by_the_next_sync(
    clinic: Clinic, there: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(_import: Import, session: Session, _patient_id: UUID) -> None:
        if session.scalars(select(Appointment.version)).one() == 2:
            raise KeyboardInterrupt

    sync(clinic, there.base)
    there.put(visit(start="2026-11-27T09:00:00-05:00", end="2026-11-27T09:30:00-05:00"))
    with monkeypatch.context() as patch:
        patch.setattr(Import, "_schedule", crash)
        with pytest.raises(KeyboardInterrupt):
            sync(clinic, there.base)
    (row,) = clinic.rows(Appointment)
    of_the_moved = Timer.unique_key.startswith(f"appointment:{row.id}:v2:")
    assert (row.version, clinic.rows(Timer, of_the_moved)) == (2, [])
    sync(clinic, there.base)
    assert clinic.rows(Timer, of_the_moved) != []


@pytest.fixture
def signed_in(clinic: Clinic, real_fhir: RealFhir, tmp_path: Any) -> Clinic:
    """The clinic, whose settings name its key at the server."""
    key_file = tmp_path / "client.pem"
    key_file.write_bytes(real_fhir.pem)
    key_file.chmod(0o600)
    settings = settings_in(
        tmp_path,
        clinic.parts.settings.database_url,
        NORTHSTAR_FHIR_CLIENT_ID=CLIENT_ID,
        NORTHSTAR_FHIR_KEY_FILE=str(key_file),
        NORTHSTAR_FHIR_KEY_ID=KEY_ID,
    )
    clinic.parts = replace(clinic.parts, settings=settings)
    return clinic


def test_a_server_that_wants_a_sign_in_gets_one_anew_when_the_token_ends(signed_in: Clinic, there: Repository) -> None:
    with reach_server(signed_in.parts.settings, there.signed) as server:
        report = sync_with(signed_in, server)
    assert report.total(Outcome.NEW) == len(EVERYTHING)


def test_nothing_of_the_record_and_no_token_is_logged(
    signed_in: Clinic, there: Repository, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "httpx")
    with reach_server(signed_in.parts.settings, there.signed) as server:
        sync_with(signed_in, server)
        signed_in.rasa.hands_over("purple fence", "talk_to_person", "person")
        signed_in.text(AMINA_PHONE, "purple fence")
        caplog.clear()
        answer(signed_in, minutes=1)
        assert len(counts(sync_with(signed_in, server))) == 3
        token = server.token and server.token(False)
    assert token
    assert "httpx" in {record.name for record in caplog.records}
    for private in (token, "Bearer ", "Amina", "Diallo", "Nguyen", "metformin 500", "fence", "5550171"):
        assert private not in caplog.text


def test_a_key_that_the_server_does_not_know_is_said(signed_in: Clinic, there: Repository) -> None:
    client = signed_in.parts.settings.fhir_client
    assert client is not None
    settings = replace(signed_in.parts.settings, fhir_client=replace(client, key_id="another"))
    with (
        reach_server(settings, there.signed) as server,
        pytest.raises(ServerFailed, match=r"did not sign us in \(HTTP 400, invalid_client"),
    ):
        sync_with(signed_in, server)


def test_without_its_key_nobody_is_let_in(clinic: Clinic, there: Repository) -> None:
    with pytest.raises(ServerFailed, match="wants a sign-in"):
        sync(clinic, there.signed)
    assert clinic.rows(Patient) == []
