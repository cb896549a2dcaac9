"""The Rasa server as it is really trained and served: without TensorFlow, through the one door."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bot.dialogue.client import DialogueUnavailable, RasaClient
from tests.contract.nlu_support import (
    ACTION_TOKEN,
    RASA_TOKEN,
    ActionServer,
    RasaProcess,
    action_server,
    answer_with,
    run_door,
    start_server,
    stop_server,
    train_small_model,
)

pytestmark = pytest.mark.nlu

ASKED = {"utterance": "reschedule_ask_times", "params": {}}
HANDED_OVER = {"effect": "open_ticket", "reason": "person"}
CLARIFY = {"effect": "clarify"}
WINDOW = 60
# What one turn adds, at most, to the loaded events before an action sees them.
ONE_TURN = 12


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_small_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def shared_actions() -> Iterator[ActionServer]:
    with action_server() as actions:
        yield actions


@pytest.fixture(scope="module")
def rasa(model: Path, shared_actions: ActionServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RasaProcess]:
    # At debug level: the strictest setting for the tests that look at the log.
    server = start_server(model, tmp_path_factory.mktemp("server"), shared_actions.url, log_level="debug")
    yield server
    stop_server(server)


@pytest.fixture
def actions(shared_actions: ActionServer) -> ActionServer:
    shared_actions.calls.clear()
    shared_actions.authorizations.clear()
    shared_actions.answers = {
        "action_medication_dose": answer_with("medication_dose", medication="Metformin"),
        "action_appointment_when": answer_with("appointment_when"),
        "action_reschedule_submit": answer_with("reschedule_sent"),
        "action_book_submit": answer_with("book_sent"),
    }
    return shared_actions


@pytest.fixture
def say(rasa: RasaProcess) -> Callable[..., tuple[dict[str, Any], ...]]:
    """One new conversation; each call is a turn, with a turn id of its own unless one is given."""
    conversation = str(uuid4())

    def say(text: str, turn_id: str | None = None) -> tuple[dict[str, Any], ...]:
        reply = rasa.client.turn(conversation, text, turn_id or str(uuid4()), "en")
        return tuple(dict(message) for message in reply.messages)

    return say


Say = Callable[..., tuple[dict[str, Any], ...]]


def stored(rasa: RasaProcess, query: str, *parameters: str) -> int:
    with sqlite3.connect(rasa.tracker_path) as database:
        return int(database.execute(query, parameters).fetchone()[0])


def test_a_turn_is_answered_with_data_and_what_was_understood(rasa: RasaProcess, actions: ActionServer) -> None:
    reply = rasa.client.turn(str(uuid4()), "how much metformin do I take?", str(uuid4()), "en")

    assert reply.messages == ({"utterance": "medication_dose", "params": {"medication": "Metformin"}},)
    assert reply.parse.intent == "ask_medication_dose"
    assert 0.3 < reply.parse.confidence <= 1
    [entity] = reply.parse.entities
    assert (entity.entity, entity.value, entity.start, entity.end) == ("medication", "metformin", 9, 18)


def test_an_action_is_called_with_our_token_the_turns_metadata_and_no_domain(
    rasa: RasaProcess, actions: ActionServer
) -> None:
    turn_id = str(uuid4())
    rasa.client.turn(str(uuid4()), "how much metformin do I take?", turn_id, "es")

    [call] = actions.called("action_medication_dose")
    assert actions.authorizations == [f"Bearer {ACTION_TOKEN}"]
    assert call["tracker"]["latest_message"]["metadata"] == {"turn_id": turn_id, "language": "es", "suits": None}
    assert "domain" not in call


def test_a_handoff_is_an_effect_without_words(say: Say, actions: ActionServer) -> None:
    assert say("I want to file a complaint") == ({"effect": "open_ticket", "reason": "complaint"},)
    assert say("let me speak to a person") == (HANDED_OVER,)


def test_parsing_stores_nothing_and_reads_both_languages(rasa: RasaProcess) -> None:
    before = stored(rasa, "SELECT COUNT(*) FROM event")

    assert rasa.client.parse("¿cuándo es mi próxima cita?").intent == "ask_appointment_when"
    assert rasa.client.parse("cuando es mi proxima cita").intent == "ask_appointment_when"
    assert stored(rasa, "SELECT COUNT(*) FROM event") == before


@pytest.mark.parametrize("text", ["", "   ", "???", "👍👍", "/", "x" * 10_000, "\x00", "ا" * 50, "二甲双胍怎么吃"])
def test_any_text_gets_an_answer(say: Say, actions: ActionServer, text: str) -> None:
    assert len(say(text)) == 1


@pytest.mark.parametrize("text", ["/affirm", "/restart", "  /greet", '/ask_medication_dose{"medication": "x"}'])
def test_a_text_that_looks_like_a_command_is_read_as_text(
    rasa: RasaProcess, say: Say, actions: ActionServer, text: str
) -> None:
    parse = rasa.client.parse(text)

    assert parse.confidence < 1
    assert all(entity.value != "x" for entity in parse.entities)
    assert len(say(text)) == 1


def test_times_are_asked_then_handed_over_and_a_second_request_asks_again(say: Say, actions: ActionServer) -> None:
    for times in ("Tuesday afternoon", "any morning"):
        assert say("I need to reschedule my appointment") == (ASKED,)
        assert say(times) == ({"utterance": "reschedule_sent", "params": {}},)
        assert actions.calls[-1]["tracker"]["slots"]["preferred_times"] == times
    assert len(actions.called("action_reschedule_submit")) == 2
    say("when is my next appointment")
    assert actions.calls[-1]["tracker"]["slots"]["preferred_times"] is None


def test_a_request_that_names_the_times_may_be_its_own_answer(say: Say, actions: ActionServer) -> None:
    for text, sent in (
        ("can I move my appointment to thursday evening", "reschedule_sent"),
        ("I want to book a visit, only saturdays work", "book_sent"),
    ):
        assert say(text)[0]["utterance"] in ("reschedule_ask_times", "book_ask_times")
        assert say(text) == ({"utterance": sent, "params": {}},)
        assert actions.calls[-1]["tracker"]["slots"]["preferred_times"] == text


@pytest.mark.parametrize(
    ("way_out", "answer"),
    [("never mind", {"utterance": "nevermind", "params": {}}), ("I want to talk to a person", HANDED_OVER)],
)
def test_the_question_for_times_can_be_left(
    say: Say, actions: ActionServer, way_out: str, answer: dict[str, Any]
) -> None:
    say("I need to reschedule my appointment")

    assert say(way_out) == (answer,)
    assert say("hello there") == ({"utterance": "greet", "params": {}},)
    assert actions.called("action_reschedule_submit") == []


def test_a_turn_tried_again_inside_a_form_is_not_read_twice(say: Say, actions: ActionServer) -> None:
    say("I need to reschedule my appointment")

    first = say("Tuesday afternoon", "the-turn")
    again = say("Tuesday afternoon", "the-turn")

    assert first == again == ({"utterance": "reschedule_sent", "params": {}},)
    times = [call["tracker"]["slots"]["preferred_times"] for call in actions.calls]
    assert times == ["Tuesday afternoon", "Tuesday afternoon"]


def test_a_question_tried_again_leaves_one_open_question(say: Say, actions: ActionServer) -> None:
    assert say("I need to reschedule my appointment", "the-turn") == (ASKED,)
    assert say("I need to reschedule my appointment", "the-turn") == (ASKED,)
    assert say("Tuesday afternoon") == ({"utterance": "reschedule_sent", "params": {}},)


@pytest.mark.parametrize("response", [{"events": "none", "responses": []}, {"responses": ["words"]}, []])
def test_a_bad_action_response_is_refused(say: Say, actions: ActionServer, response: Any) -> None:
    actions.answers["action_medication_dose"] = lambda _call: response

    with pytest.raises(DialogueUnavailable):
        say("how much metformin do I take?")


def test_an_answer_in_words_is_refused(say: Say, actions: ActionServer) -> None:
    actions.answers["action_medication_dose"] = lambda _call: {"events": [], "responses": [{"text": "Two."}]}

    with pytest.raises(DialogueUnavailable):
        say("how much metformin do I take?")


def test_a_turn_that_nobody_waits_for_any_more_leaves_no_trace(rasa: RasaProcess, actions: ActionServer) -> None:
    def too_late(_call: dict[str, Any]) -> dict[str, Any]:
        time.sleep(1.5)
        return {"events": [], "responses": []}

    actions.answers["action_medication_dose"] = too_late
    conversation, turn_id = str(uuid4()), str(uuid4())
    hasty = RasaClient(rasa.base_url, RASA_TOKEN, timeout_s=1.0)

    with pytest.raises(DialogueUnavailable):
        hasty.turn(conversation, "how much metformin do I take?", turn_id, "en")
    hasty.close()
    time.sleep(1.0)

    assert stored(rasa, "SELECT COUNT(*) FROM event WHERE turn_id = ?", turn_id) == 0
    # Its lock is free at once.
    assert rasa.client.turn(conversation, "hello", str(uuid4()), "en").messages


def test_nobody_without_the_token_is_answered(rasa: RasaProcess) -> None:
    turn = {"sender": "a", "message": "hello", "metadata": {"turn_id": "t"}}
    stranger = httpx.Client(base_url=rasa.base_url)

    assert stranger.post("/webhooks/northstar/webhook", json=turn).status_code == 401
    assert stranger.post("/webhooks/northstar/parse", json={"message": "hello"}).status_code == 401
    assert stranger.post("/model/parse", json={"text": "hello"}).status_code == 401
    assert stranger.get("/conversations/a/tracker").status_code == 401
    assert stranger.post("/webhooks/rest/webhook", json=turn).status_code == 404


def test_rasas_own_parse_route_works_for_whoever_has_the_token(rasa: RasaProcess) -> None:
    response = httpx.post(f"{rasa.base_url}/model/parse", params={"token": RASA_TOKEN}, json={"text": "/greet"})

    assert response.status_code == 200
    assert response.json()["intent"]["confidence"] < 1


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"message": "x"}', b'{"sender": "a", "message": 1}', b'{"sender": "a", "message": "x"}'],
)
def test_a_malformed_request_is_named_and_quotes_nothing(rasa: RasaProcess, body: bytes) -> None:
    response = httpx.post(
        f"{rasa.base_url}/webhooks/northstar/webhook",
        content=body,
        headers={"Authorization": f"Bearer {RASA_TOKEN}", "Content-Type": "application/json"},
    )

    assert response.status_code == 400


def test_neither_log_nor_file_holds_what_was_said(rasa: RasaProcess, say: Say, actions: ActionServer) -> None:
    def leaky(_call: dict[str, Any]) -> dict[str, Any]:
        return {"events": [{"event": "Zanahoria"}], "responses": [{"custom": "Zanahoria"}]}

    say("how much metformin does Quetzalcoatl take?")
    actions.answers["action_medication_dose"] = leaky
    with pytest.raises(DialogueUnavailable):
        say("how much metformin does Quetzalcoatl take?")

    log = rasa.log_path.read_text("utf-8")
    files = b"".join(path.read_bytes() for path in rasa.tracker_path.parent.glob("tracker.sqlite3*"))
    for secret in ("Quetzalcoatl", "quetzalcoatl", "metformin", "Zanahoria", RASA_TOKEN, ACTION_TOKEN):
        assert secret not in log
        assert secret.encode() not in files
    assert "rasa.core" in log, "the debug level was on"


def test_the_thousandth_turn_loads_no_more_than_the_first_did(rasa: RasaProcess, actions: ActionServer) -> None:
    conversation = str(uuid4())
    for turn in range(1_000):
        rasa.client.turn(conversation, "when is my next appointment", f"{conversation}-{turn}", "en")

    loaded = [len(call["tracker"]["events"]) for call in actions.calls]
    assert len(loaded) == 1_000
    assert max(loaded) <= WINDOW + ONE_TURN
    kept = stored(rasa, "SELECT COUNT(*) FROM event WHERE sender_id = ?", conversation)
    assert kept <= 2 * WINDOW + ONE_TURN


def test_a_killed_server_is_named_and_the_form_goes_on_after_a_restart(
    model: Path, actions: ActionServer, tmp_path: Path
) -> None:
    conversation = str(uuid4())
    server = start_server(model, tmp_path, actions.url)
    server.client.turn(conversation, "I need to reschedule my appointment", "t1", "en")
    server.kill()

    assert not server.client.ready()
    with pytest.raises(DialogueUnavailable):
        server.client.turn(conversation, "Tuesday afternoon", "t2", "en")
    with pytest.raises(DialogueUnavailable):
        server.client.parse("hello")

    restarted = start_server(model, tmp_path, actions.url)
    try:
        reply = restarted.client.turn(conversation, "Tuesday afternoon", "t2", "en")
        assert reply.messages == ({"utterance": "reschedule_sent", "params": {}},)
        assert (tmp_path / "tracker.key").stat().st_mode & 0o777 == 0o600
    finally:
        stop_server(restarted)


def test_the_door_names_what_is_wrong_and_shows_no_traceback(model: Path, tmp_path: Path) -> None:
    here = str(tmp_path / "nothing")
    serve = ("serve", f"--model={here}", "--port=1", f"--endpoints={here}", f"--credentials={here}")

    for arguments, token, expected in (
        (serve, "", "NORTHSTAR_RASA_TOKEN"),
        (serve, "token", "is not there"),
        (("train", f"--data={here}", f"--config={here}", f"--domain={here}", f"--out={here}"), "", "rules"),
    ):
        outcome = run_door(*arguments, environment={"NORTHSTAR_RASA_TOKEN": token})
        assert outcome.returncode == 2
        assert expected in outcome.stderr
        assert "Traceback" not in outcome.stderr
