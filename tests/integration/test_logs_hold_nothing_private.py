"""A conversation from hello to hand-off, logged at debug: ids, outcomes and durations, and nothing else."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.channels.base import ChannelError
from bot.handoff import tickets
from bot.records import Appointment
from bot.reminders.schedule import schedule_appointment, schedule_doses
from tests.support.carriers import ScriptedCarrier
from tests.support.cast import AMINA, BRUNO, CHEN, Cast
from tests.support.clinic import Clinic

PRIVATE = [
    "Amina",
    "Bruno",
    "Diallo",
    "Nguyen",
    "metformin",
    "lisinopril",
    "2125550101",
    "2125550102",
    "2125550199",
    "555-0101",
    "fence",
    "chest",
    "tulip",
    "orchid",
    "November",
    "Harbor",
    "10:30",
    "Dolores",
]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Every line of structlog, and of every library, at debug."""
    lines: list[str] = []

    def keep(_logger: object, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        lines.append(json.dumps(event, default=repr, ensure_ascii=False))
        raise structlog.DropEvent

    caplog.set_level(logging.DEBUG)
    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.format_exc_info, keep],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        cache_logger_on_first_use=False,
    )
    yield lines
    structlog.configure(**before)


def test_a_whole_conversation_leaves_no_text_name_number_or_drug_in_the_logs(
    clinic: Clinic, cast: Cast, logged: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    clinic.rasa.understands("my medicines", "list_medications", action="action_medication_list")
    clinic.rasa.hands_over("orchid please", "talk_to_person", "person")
    clinic.text(AMINA, "my medicines")
    clinic.text(AMINA, "purple fence")
    clinic.text(AMINA, "my chest hurts")
    clinic.text(CHEN, "tulip")
    clinic.text(BRUNO, "orchid please", media=("image/jpeg",))
    clinic.text(AMINA, "orchid please")
    ticket = clinic.tickets()[-1]
    with clinic.database.write() as session:
        tickets.claim(session, ticket.id, cast.dolores, ticket.version, clinic.clock.now())
        tickets.reply(session, ticket.id, cast.dolores, "tulip, this is Dolores", clinic.clock.now())
        schedule_doses(session, clinic.parts.policies, cast.amina, clinic.clock.now())
        schedule_appointment(
            session, clinic.parts.policies, session.get_one(Appointment, cast.visit), clinic.clock.now()
        )
    clinic.work()
    clinic.clock.forward(hours=22)
    clinic.work()
    clinic.text(BRUNO, "STOP")
    assert_nothing_private([*logged, caplog.text], least=15)


def test_faults_are_logged_by_their_place_alone(
    clinic: Clinic,
    cast: Cast,
    logged: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Leaky(ScriptedCarrier):
        def create_message(self, *, to: str, body: str, status_callback: str) -> str:
            raise ValueError(f"cannot send {body!r} to {to}")

    clinic.sms_over(Leaky(script=[ChannelError("x")]))
    clinic.rasa.silent = True
    clinic.text(AMINA, "tulip")
    monkeypatch.setattr(type(clinic.parts.desk.understander), "sees_danger", _broken)
    form = clinic.carrier.inbound_form("SM7", AMINA, "orchid")
    url = clinic.carrier.webhook_url
    answer = clinic.web.post(url, data=form, headers={"X-Twilio-Signature": clinic.carrier.sign(url, form)})
    assert answer.status_code == 500
    assert "orchid" not in answer.text
    clinic.web.post(url, data=form, headers={"X-Twilio-Signature": "wrong"})
    assert_nothing_private([*logged, caplog.text], least=3)


def _broken(_self: object, text: str) -> bool:
    raise RuntimeError(f"a defect at {text!r}")


def assert_nothing_private(logged: list[str], *, least: int) -> None:
    assert len(logged) >= least, logged
    everything = "\n".join(logged)
    for private in PRIVATE:
        assert private not in everything, private
