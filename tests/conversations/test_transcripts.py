"""Every transcript of this folder through the real model: what a person receives and what is stored.

A transcript says `now` (and `seeded`, when the demo clinic was seeded at an earlier instant), the phone that texts,
and its turns. A turn turns the clock (`at`), texts (`person`, with `media`), or lets Dolores act (`dolores`: claim,
resolve, or what she writes); `bot` is every message that the phone then gets, [] for silence. `misread` names a text
that the model does not read rightly yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from bot.handoff import tickets
from bot.records import Appointment, Coordinator, MedicationAdministration, MedicationRequest, Ticket
from bot.yaml_file import LOADER
from tests.support.clinic import Clinic
from tests.support.demo import demo_clinic, open_demo
from tests.support.served_rasa import ServedRasa

pytestmark = pytest.mark.nlu
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Transcript:
    name: str
    content: dict[str, Any]


def transcripts() -> list[Any]:
    found: list[Any] = []
    for path in sorted(FOLDER.glob("*/*.yml")):
        topic = path.relative_to(FOLDER).with_suffix("")
        documents = yaml.load_all(path.read_text("utf-8"), Loader=LOADER)
        found += [parameter(Transcript(f"{topic}: {document['title']}", document)) for document in documents]
    return found


def parameter(transcript: Transcript) -> Any:
    """`misread` names a text that the model does not read rightly yet; the test says so once it does."""
    misread = transcript.content.get("misread")
    marks = [pytest.mark.xfail(raises=AssertionError, reason=f"misread: {misread}")] if misread else []
    return pytest.param(transcript, id=transcript.name, marks=marks)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.fixture
def demo(served_rasa: ServedRasa, sqlite_template: Path, tmp_path: Path) -> Iterator[Clinic]:
    with demo_clinic(served_rasa, sqlite_template, tmp_path) as clinic:
        yield clinic


@pytest.mark.parametrize("transcript", transcripts())
def test_the_conversation_goes_as_written(demo: Clinic, transcript: Transcript) -> None:
    script = transcript.content
    assert script["clinic"] == "demo"
    seeded = instant(script.get("seeded", script["now"]))
    open_demo(demo, instant(script["now"]), seeded=seeded, reminders=script.get("reminders", False))
    said = [[turn, play(demo, script["phone"], turn)] for turn in script["turns"]]
    assert [heard for _, heard in said] == [expected(turn) for turn, _ in said]
    stored = script["stored"]
    assert found_tickets(demo, stored["tickets"]) == stored["tickets"]
    if "appointment" in stored:
        assert found_appointment(demo, script["phone"], stored["appointment"]) == stored["appointment"]
    if "doses" in stored:
        assert found_doses(demo, stored["doses"]) == stored["doses"]
    if "language" in stored:
        assert demo.conversation(script["phone"]).language == stored["language"]


def expected(turn: dict[str, Any]) -> list[str]:
    return [turn["bot"]] if isinstance(turn["bot"], str) else turn["bot"]


def play(demo: Clinic, phone: str, turn: dict[str, Any]) -> list[str]:
    seen = len(demo.received(phone))
    if "at" in turn:
        demo.clock.turn_to(instant(turn["at"]))
        demo.work()
    if "dolores" in turn:
        dolores_acts(demo, turn["dolores"])
        demo.work()
    if "person" in turn:
        demo.text(phone, turn["person"], media=tuple(turn.get("media", ())))
    return demo.received(phone)[seen:]


def dolores_acts(demo: Clinic, act: str) -> None:
    now = demo.clock.now()
    with demo.database.write() as session:
        dolores = session.scalars(select(Coordinator.id).where(Coordinator.username == "dolores")).one()
        ticket = session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
        match act:
            case "claim":
                tickets.claim(session, ticket.id, dolores, ticket.version, now)
            case "resolve":
                tickets.resolve(session, demo.parts.words, ticket.id, dolores, now)
            case words:
                tickets.reply(session, ticket.id, dolores, words, now)


def found_tickets(demo: Clinic, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each ticket, with as much of it as the transcript speaks of."""
    found = [
        {
            "reason": ticket.reason.value,
            "urgency": ticket.urgency.value,
            "status": ticket.status.value,
            "words": ticket.facts["words"],
        }
        for ticket in demo.rows(Ticket)
    ]
    if len(found) != len(wanted):
        return found
    return [{name: ticket[name] for name in want} for ticket, want in zip(found, wanted, strict=True)]


def found_appointment(demo: Clinic, phone: str, wanted: dict[str, Any]) -> dict[str, Any] | None:
    patient = demo.conversation(phone).patient_id
    rows = demo.rows(Appointment, Appointment.patient_id == patient, Appointment.starts_at == instant(wanted["starts"]))
    return next(
        (
            {"starts": wanted["starts"], "status": row.status.value, "participation": row.participation.value}
            for row in rows
        ),
        None,
    )


def found_doses(demo: Clinic, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [want["medication"] for want in wanted]
    found = []
    for dose in demo.rows(MedicationAdministration):
        request = demo.row(MedicationRequest, dose.medication_request_id)
        due = dose.due_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        if request.medication in names and due in [want["due"] for want in wanted]:
            found.append({"medication": request.medication, "due": due, "status": dose.status.value})
    # Another patient's dose of the same medicine stays unanswered.
    answered = [dose for dose in found if dose["status"] != "in-progress"]
    return sorted(answered, key=lambda dose: names.index(dose["medication"]))
