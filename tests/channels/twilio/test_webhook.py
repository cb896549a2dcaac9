"""Twilio's webhooks as Twilio calls them: proven, stored once, and answered with a 5xx when they cannot be stored."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psycopg
import pytest
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from bot.channels.twilio.webhook import LARGEST_FORM, MESSAGES_PATH, STATUS_PATH
from bot.domain.enums import CommunicationStatus, TicketReason
from bot.records import Communication, Conversation, engine
from tests.support.carriers import ScriptedCarrier
from tests.support.cast import AMINA, Cast
from tests.support.clinic import PUBLIC_URL, Clinic, at_once, settings_in

PAYLOADS = Path(__file__).parent / "payloads"
Fields = list[tuple[str, str]]


def payload(name: str, **changes: str) -> Fields:
    document: dict[str, str] = json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))
    return list((document | changes).items())


def signature(clinic: Clinic, fields: Fields, path: str = MESSAGES_PATH, base: str = PUBLIC_URL) -> str:
    validator = RequestValidator(clinic.parts.tokens.carrier_auth_token)
    return str(validator.compute_signature(f"{base}{path}", ImmutableMultiDict(fields)))


def post(
    clinic: Clinic, fields: Fields, *, path: str = MESSAGES_PATH, signed: str | None = None, **headers: str
) -> httpx.Response:
    """Posts as Twilio does. `signed` replaces the right signature; "" leaves the header out."""
    signed = signature(clinic, fields, path) if signed is None else signed
    if signed:
        headers["X-Twilio-Signature"] = signed
    headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    return clinic.web.post(path, content=urlencode(fields).encode(), headers=headers)


def test_a_signed_message_is_stored_and_answered_with_empty_twiml(clinic: Clinic, cast: Cast) -> None:
    response = post(clinic, payload("message"))
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/xml")
    assert response.text == '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
    (message,) = clinic.inbound()
    assert message.body == "When is my next visit? Ünïcode & + % ="
    assert message.provider_id == "SM11111111111111111111111111111111"
    assert message.status is CommunicationStatus.RECEIVED
    assert clinic.conversation(AMINA).patient_id == cast.amina


def test_bytes_that_are_no_utf8_are_stored_with_a_mark_in_their_place(clinic: Clinic, cast: Cast) -> None:
    read = payload("message", Body="\ufffd\ufffd hello")
    headers = {"X-Twilio-Signature": signature(clinic, read), "Content-Type": "application/x-www-form-urlencoded"}
    content = urlencode(payload("message", Body="BODY")).replace("BODY", "%FF%FE+hello").encode()
    assert clinic.web.post(MESSAGES_PATH, content=content, headers=headers).status_code == 200
    assert [message.body for message in clinic.inbound()] == ["\ufffd\ufffd hello"]


@pytest.mark.parametrize("signed", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "\x7f", "é"])
def test_unsigned_and_wrongly_signed_is_403_and_leaves_no_row(clinic: Clinic, cast: Cast, signed: str) -> None:
    headers = {"X-Twilio-Signature": signed.encode("utf-8")} if signed else {}
    content = urlencode(payload("message")).encode()
    for path in (MESSAGES_PATH, STATUS_PATH):
        assert clinic.web.post(path, content=content, headers=headers).status_code == 403
    assert clinic.rows(Communication) == []
    assert clinic.rows(Conversation) == []


@pytest.mark.parametrize(
    "tampered",
    [
        {"Body": "another text"},
        {"From": "+12125550199"},
        {"MessagingServiceSid": ""},
        {"FromZip": "10799"},
        {"Extra": ""},
    ],
)
def test_any_field_that_was_touched_breaks_the_signature(clinic: Clinic, cast: Cast, tampered: dict[str, str]) -> None:
    signed = signature(clinic, payload("message"))
    assert post(clinic, payload("message", **tampered), signed=signed).status_code == 403
    assert clinic.inbound() == []


def test_another_accounts_signature_does_not_pass(clinic: Clinic, cast: Cast) -> None:
    forged = RequestValidator("another-token").compute_signature(
        f"{PUBLIC_URL}{MESSAGES_PATH}", dict(payload("message"))
    )
    assert post(clinic, payload("message"), signed=forged).status_code == 403


def test_the_signature_is_checked_against_the_public_url_whatever_stands_in_between(clinic: Clinic, cast: Cast) -> None:
    assert post(clinic, payload("message"), Host="internal:9999", **{"X-Forwarded-Proto": "http"}).status_code == 200
    elsewhere = signature(clinic, payload("message"), base="https://elsewhere.example.org")
    assert post(clinic, payload("message"), signed=elsewhere, Host="elsewhere.example.org").status_code == 403


def test_blank_and_repeated_fields_are_part_of_the_signature(clinic: Clinic, cast: Cast) -> None:
    fields = [*payload("message"), ("Tag", "b"), ("Tag", "a"), ("Tag", "")]
    assert post(clinic, fields).status_code == 200
    signed = signature(clinic, fields)
    assert post(clinic, fields[:-1], signed=signed).status_code == 403


def test_media_are_kept_as_types_only(clinic: Clinic, cast: Cast) -> None:
    assert post(clinic, payload("media")).status_code == 200
    (message,) = clinic.inbound()
    assert message.detail["media"] == ["image/jpeg", "audio/amr"]
    assert "api.example.org" not in json.dumps(message.detail)


@pytest.mark.parametrize(
    "changes",
    [
        {"From": ""},
        {"From": "not a number"},
        {"MessageSid": ""},
        {"NumMedia": "many"},
        {"NumMedia": "-1"},
    ],
)
def test_a_form_that_makes_no_sense_is_400(clinic: Clinic, cast: Cast, changes: dict[str, str]) -> None:
    assert post(clinic, payload("message", **changes)).status_code == 400
    assert clinic.inbound() == []


def test_a_form_without_a_sender_is_400(clinic: Clinic, cast: Cast) -> None:
    assert post(clinic, [("MessageSid", "SM1"), ("Body", "hello")]).status_code == 400


def test_what_is_no_form_is_400(clinic: Clinic, cast: Cast) -> None:
    headers = {"X-Twilio-Signature": "x"}
    for body in (b"\xff\xfe\x00", "&".join(f"f{number}=1" for number in range(300)).encode()):
        assert clinic.web.post(MESSAGES_PATH, content=body, headers=headers).status_code == 400
    for body in (b"", b"{}", b"a" * 1000):
        assert clinic.web.post(MESSAGES_PATH, content=body, headers=headers).status_code == 403


def test_a_huge_body_is_413_before_it_is_read_to_its_end(clinic: Clinic, cast: Cast) -> None:
    headers = {"X-Twilio-Signature": "x"}
    response = clinic.web.post(MESSAGES_PATH, content=b"a" * (LARGEST_FORM + 1), headers=headers)
    assert response.status_code == 413
    assert clinic.inbound() == []


def test_a_message_as_long_as_any_carrier_allows_passes(clinic: Clinic, cast: Cast) -> None:
    body = "ế" * 10_000
    assert post(clinic, payload("message", Body=body)).status_code == 200
    assert clinic.inbound()[0].body == body


def test_nul_means_nothing_and_is_left_out(clinic: Clinic, cast: Cast) -> None:
    assert post(clinic, payload("message", Body="a\x00b")).status_code == 200
    assert clinic.inbound()[0].body == "ab"


def test_get_is_not_how_messages_come(clinic: Clinic, cast: Cast) -> None:
    assert clinic.web.get(MESSAGES_PATH).status_code == 405


def test_fifty_deliveries_at_once_are_all_taken_and_stored_once(clinic: Clinic, cast: Cast) -> None:
    fields = payload("message")
    signed = signature(clinic, fields)
    codes = at_once(50, lambda _: post(clinic, fields, signed=signed).status_code)
    assert codes == [200] * 50
    assert len(clinic.inbound()) == 1
    clinic.work()
    assert len(clinic.outbound()) == 1


def test_a_short_code_may_write(clinic: Clinic, cast: Cast) -> None:
    assert post(clinic, payload("message", From="12345")).status_code == 200
    assert clinic.conversation("12345").patient_id is None


def sent_message(clinic: Clinic) -> Communication:
    """A greeting that the carrier has taken and that waits for its receipt."""
    clinic.sms_over(ScriptedCarrier())
    clinic.rasa.understands("hello", "greet", {"utterance": "greet", "params": {}})
    assert post(clinic, payload("message", Body="hello")).status_code == 200
    clinic.work()
    (row,) = clinic.outbound()
    assert row.status is CommunicationStatus.SENT
    return row


def test_a_receipt_with_our_id_in_its_signed_query_is_recorded(clinic: Clinic, cast: Cast) -> None:
    row = sent_message(clinic)
    path = f"{STATUS_PATH}?communication={row.id}"
    assert post(clinic, payload("status_delivered"), path=path).status_code == 204
    assert clinic.row(Communication, row.id).status is CommunicationStatus.DELIVERED
    without_query = signature(clinic, payload("status_delivered"), STATUS_PATH)
    assert post(clinic, payload("status_delivered"), path=path, signed=without_query).status_code == 403


def test_a_receipt_of_failure_becomes_a_ticket_once(clinic: Clinic, cast: Cast) -> None:
    row = sent_message(clinic)
    path = f"{STATUS_PATH}?communication={row.id}"
    for _ in range(2):
        assert post(clinic, payload("status_failed"), path=path).status_code == 204
    failed = clinic.row(Communication, row.id)
    assert (failed.status, failed.error_code) == (CommunicationStatus.FAILED, "30006")
    ticket = clinic.ticket()
    assert (ticket.reason, ticket.facts["error"]) == (TicketReason.UNDELIVERED, "30006")


@pytest.mark.parametrize("status", ["queued", "sending", "accepted", "a-new-status"])
def test_a_status_on_the_way_is_taken_and_changes_nothing(clinic: Clinic, cast: Cast, status: str) -> None:
    row = sent_message(clinic)
    path = f"{STATUS_PATH}?communication={row.id}"
    assert post(clinic, payload("status_delivered", MessageStatus=status), path=path).status_code == 204
    assert clinic.row(Communication, row.id).status is CommunicationStatus.SENT


def test_a_receipt_for_a_message_that_we_do_not_know_is_taken(clinic: Clinic, cast: Cast) -> None:
    path = f"{STATUS_PATH}?communication=not-an-id"
    assert post(clinic, payload("status_delivered"), path=path).status_code == 204


def test_a_receipt_without_a_status_is_400(clinic: Clinic, cast: Cast) -> None:
    assert post(clinic, payload("status_delivered", MessageStatus=""), path=STATUS_PATH).status_code == 400


@pytest.fixture
def impatient(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    """A clinic that waits a tenth of a second for a lock, not five."""
    monkeypatch.setattr(engine, "LOCK_WAIT_S", 0.1)
    clinic = Clinic(settings_in(tmp_path, database_url))
    clinic.cast()
    yield clinic
    clinic.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_locked_database_is_503_and_the_redelivery_is_stored(impatient: Clinic) -> None:
    other_process = sqlite3.connect(str(impatient.database.url.database), isolation_level=None)
    other_process.execute("BEGIN IMMEDIATE")
    response = post(impatient, payload("message"))
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    other_process.execute("ROLLBACK")
    other_process.close()
    assert impatient.inbound() == []
    assert post(impatient, payload("message")).status_code == 200
    assert len(impatient.inbound()) == 1


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_database_that_is_away_is_503_and_the_redelivery_is_stored(
    impatient: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = engine.Database("postgresql://northstar@127.0.0.1:1/nowhere?connect_timeout=1")
    with monkeypatch.context() as patch:
        for name in ("engine", "_immediate"):
            patch.setattr(impatient.database, name, getattr(away, name))
        response = post(impatient, payload("message"))
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        assert impatient.web.get("/health").status_code == 503
    assert post(impatient, payload("message")).status_code == 200
    assert len(impatient.inbound()) == 1


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_server_that_hung_up_is_connected_to_again(impatient: Clinic) -> None:
    """A restart or a failover ends every connection of the pool."""
    url = impatient.database.url
    with psycopg.connect(f"postgresql://northstar@/postgres?host={url.query['host']}", autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (url.database,))
    assert post(impatient, payload("message")).status_code == 200
    assert len(impatient.inbound()) == 1
