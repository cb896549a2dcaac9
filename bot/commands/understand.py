"""`northstar understand`: what texts mean and where they would go, by the code of a real turn."""

import json
import socket
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from bot import tokens
from bot.bootstrap import make_desk
from bot.care.medicine_names import names_a_medicine
from bot.commands.serve import require_model
from bot.conversation.understanding import Understander, Understanding
from bot.dialogue.client import MODEL_TEXT_LIMIT, RasaClient
from bot.dialogue.process import RasaProcess, serve_command, serve_environment
from bot.domain.enums import Route
from bot.domain.errors import NorthstarError
from bot.settings import CHECKOUT, Settings

STARTS_WITHIN_S = 90.0
NOT_A_PERSON = frozenset({Route.ANSWER, Route.CLARIFY})


class InputInvalid(NorthstarError):
    """A line cannot be read; says which and why."""


@dataclass(frozen=True, kw_only=True)
class Line:
    id: str | int | None
    text: str
    language: str


def understand(settings: Settings, source: TextIO, sink: TextIO) -> None:
    """One JSON object a line for each line of the source, in order. Raises InputInvalid."""
    require_model(settings)
    desk = make_desk(settings)
    lines = list(read_lines(source, settings.language, frozenset(desk.languages)))
    with _model(settings) as rasa:
        for line in lines:
            understood = understand_line(desk.understander, rasa, line)
            sink.write(json.dumps(as_json(line, understood), ensure_ascii=False) + "\n")
            sink.flush()


def understand_line(understander: Understander, rasa: RasaClient, line: Line) -> Understanding:
    """As a turn does: danger, keywords, then the intent; an over-long text goes to a person."""
    readable = any(character.isalnum() for character in line.text)
    parse = rasa.parse(line.text, line.language) if readable else None
    early = understander.danger(line.text, line.language, parse) or understander.keyword(line.text, line.language)
    if early is not None:
        return early
    if parse is None:
        return Understanding(language=line.language, route=Route.CLARIFY)
    if len(line.text) > MODEL_TEXT_LIMIT:
        return Understanding(language=line.language, route=Route.HANDOFF)
    understood = understander.with_model(parse, line.language, line.text)
    marked = [entity.value for entity in understood.entities if entity.entity == "medication"]
    if understood.route in NOT_A_PERSON and names_a_medicine(line.text, marked):
        # No record belongs to these texts, so it is on nobody's list, and the bot would leave it to a person.
        return replace(understood, route=Route.HANDOFF)
    return understood


def as_json(line: Line, understood: Understanding) -> dict[str, Any]:
    flag = understood.red_flag
    return {
        "id": line.id,
        "language": understood.language,
        "intent": understood.intent,
        "confidence": round(understood.confidence, 4),
        "entities": [
            {"entity": entity.entity, "value": entity.value, "start": entity.start, "end": entity.end}
            for entity in understood.entities
        ],
        "red_flag": flag.category if flag else None,
        "severity": flag.severity.value if flag else None,
        "keyword": understood.keyword.value if understood.keyword else None,
        "route": understood.route.value,
    }


def read_lines(source: Iterable[str], default_language: str, known: frozenset[str]) -> Iterator[Line]:
    """Plain texts, or JSON objects with `text` and optional `language` and `id`. A language that we do not speak
    is answered in the clinic's. Raises InputInvalid."""
    for number, raw in enumerate(source, start=1):
        text = raw.rstrip("\r\n")
        if not text.lstrip().startswith("{"):
            yield Line(id=number, text=text, language=default_language)
            continue
        try:
            document = json.loads(text)
        except ValueError:
            # A patient may well begin a text with a brace.
            yield Line(id=number, text=text, language=default_language)
            continue
        if not isinstance(document.get("text"), str):
            raise InputInvalid(f"line {number}: the object has no `text`")
        language = document.get("language") or default_language
        spoken = language if language in known else default_language
        yield Line(id=document.get("id", number), text=document["text"], language=spoken)


@contextmanager
def _model(settings: Settings) -> Iterator[RasaClient]:
    """The Rasa server of this deployment when it runs, else one started for this run: one model load."""
    if (settings.data_dir / tokens.FILE_NAME).exists():
        running = RasaClient(settings.rasa_url, tokens.tokens(settings.data_dir).rasa, settings.rasa_timeout_s)
        if running.ready():
            yield running
            running.close()
            return
        running.close()
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        port = _free_port()
        token = tokens.tokens(data_dir).rasa
        environment = serve_environment(
            rasa_token=token, actions_url="http://127.0.0.1:9/actions", actions_token=token, data_dir=data_dir
        )
        process = RasaProcess(serve_command(CHECKOUT, settings.model_dir, port), environment, CHECKOUT)
        process.start()
        client = RasaClient(f"http://127.0.0.1:{port}", token, timeout_s=30.0)
        try:
            _await(client)
            yield client
        finally:
            client.close()
            process.stop()


def _await(client: RasaClient) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not client.ready():
        if time.monotonic() > deadline:
            raise InputInvalid("the model did not start; run: northstar nlu serve, to see why")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
