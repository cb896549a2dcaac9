"""The app's client of the Rasa server, against a small HTTP server that stands in for it."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.dialogue.client import MODEL_TEXT_LIMIT, Danger, DialogueUnavailable, Entity, LanguageGuess, RasaClient

PARSE = {
    "intent": "greet",
    "confidence": 0.9,
    "entities": [{"entity": "person", "value": "Ana", "start": 6, "end": 9}],
    "languages": [{"name": "es", "confidence": 0.8}],
    "danger": {"category": "chest_pain", "probability": 0.02, "severity": None},
}
UNREAD = {"intent": None, "confidence": 0, "entities": [], "languages": [], "danger": None}
GREETING = {"utterance": "greet", "params": {}}


class FakeRasa:
    """Answers every request with `status` and `body` after `delay_s`; keeps what it was sent."""

    def __init__(self) -> None:
        self.status, self.body, self.delay_s = 200, json.dumps({"messages": [GREETING], "parse": PARSE}), 0.0
        self.received: list[tuple[str, str | None, Any]] = []
        self.url = ""


@pytest.fixture
def rasa() -> Iterator[FakeRasa]:
    fake = FakeRasa()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.received.append((self.path, self.headers.get("Authorization"), body))
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            time.sleep(fake.delay_s)
            self.send_response(fake.status)
            self.end_headers()
            with contextlib.suppress(BrokenPipeError):  # the client gave up
                self.wfile.write(fake.body.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield fake
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(rasa: FakeRasa) -> Iterator[RasaClient]:
    client = RasaClient(rasa.url, "secret", timeout_s=0.5)
    yield client
    client.close()


def test_a_turn_carries_its_id_its_language_and_the_token(rasa: FakeRasa, client: RasaClient) -> None:
    reply = client.turn("conversation", "hola Ana", "turn-1", "es")

    assert reply.messages == (GREETING,)
    assert reply.parse.intent == "greet"
    assert reply.parse.entities == (Entity(entity="person", value="Ana", start=6, end=9),)
    assert reply.parse.languages == (LanguageGuess(language="es", probability=0.8),)
    assert reply.parse.danger == Danger(category="chest_pain", probability=0.02, severity=None)
    [(path, authorization, body)] = rasa.received
    assert path == "/webhooks/northstar/webhook"
    assert authorization == "Bearer secret"
    assert body["sender"] == "conversation"
    assert body["metadata"] == {"turn_id": "turn-1", "language": "es", "suits": None}
    assert body["wait_s"] < 0.5, "the server gives up first"


def test_the_model_is_shown_no_more_than_its_limit(rasa: FakeRasa, client: RasaClient) -> None:
    client.turn("conversation", "x" * 10_000, "turn-1", "es")
    assert len(rasa.received[0][2]["message"]) == MODEL_TEXT_LIMIT


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"messages": [], "parse": UNREAD}),
        '{"messages": [{"effect": "clarify"}]}',
        json.dumps({"messages": ["words"], "parse": UNREAD}),
        '[{"text": "words"}]',
        "not json",
        "",
    ],
)
def test_an_empty_or_strange_answer_is_a_failure(rasa: FakeRasa, client: RasaClient, body: str) -> None:
    rasa.body = body
    with pytest.raises(DialogueUnavailable):
        client.turn("conversation", "hello", "turn-1", "en")


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503, 302])
def test_any_status_but_200_is_a_failure(rasa: FakeRasa, client: RasaClient, status: int) -> None:
    rasa.status = status
    with pytest.raises(DialogueUnavailable):
        client.parse("hello")
    assert not client.ready()


def test_silence_ends_at_the_time_out_and_quotes_no_text(rasa: FakeRasa, client: RasaClient) -> None:
    rasa.delay_s = 2.0
    started = time.monotonic()
    with pytest.raises(DialogueUnavailable) as failure:
        client.turn("conversation", "my secret", "turn-1", "en")
    assert time.monotonic() - started < 1.5
    assert "secret" not in str(failure.value)


def test_a_server_that_is_not_there_is_a_failure() -> None:
    client = RasaClient("http://127.0.0.1:9", "secret")
    assert not client.ready()
    with pytest.raises(DialogueUnavailable):
        client.parse("hello")
