"""kill -9 of the Rasa server in the middle of a turn, and the emergency reply that never needs it."""

import pytest

from bot.domain.enums import TicketReason, Urgency
from tests.chaos.conftest import Clinic
from tests.chaos.stored import settled
from tests.support.processes import eventually

# Which database stands behind makes no difference to the Rasa server.
pytestmark = [pytest.mark.nlu, pytest.mark.parametrize("served", ["sqlite"], indirect=True)]

BRUNO, RUTH, JOSE, PIERRE = "+15550100201", "+15550100202", "+15550100105", "+15550100112"


def _kill_in_the_middle_of_a_turn(clinic: Clinic, phone: str, text: str) -> None:
    asked = clinic.proxy.turns
    clinic.rasa.freeze()
    clinic.site.text(phone, text)
    eventually(lambda: clinic.proxy.turns > asked, what="the turn")
    clinic.rasa.kill()


def test_a_turn_whose_model_died_becomes_one_ticket_and_the_next_is_answered(clinic: Clinic) -> None:
    clinic.site.start_seasoned_worker()
    _kill_in_the_middle_of_a_turn(clinic, RUTH, "When is the next appointment?")

    found = settled(clinic.site, RUTH, texts=1)
    assert [ticket.reason for ticket in found.tickets] == [TicketReason.MODEL_SILENT]
    assert "person" in found.outbound[0].body

    # Danger needs no model.
    assert "911" in clinic.site.ask(PIERRE, "I have chest pain and I can't breathe", within_s=5.0)
    (urgent,) = settled(clinic.site, PIERRE, texts=1).tickets
    assert (urgent.reason, urgent.urgency) == (TicketReason.EMERGENCY, Urgency.URGENT)

    clinic.restart_rasa()
    assert "11:00" in clinic.site.ask(RUTH, "When is the next appointment?")
    assert len(settled(clinic.site, RUTH, texts=2).tickets) == 1


def test_a_turn_waits_for_a_model_that_comes_back(clinic: Clinic) -> None:
    clinic.site.start_worker()
    _kill_in_the_middle_of_a_turn(clinic, BRUNO, "What medicines does he take?")
    clinic.restart_rasa()

    found = settled(clinic.site, BRUNO, texts=1)
    assert "metformin" in found.outbound[0].body.lower()
    assert found.tickets == []


def test_an_emergency_is_answered_while_the_model_hangs(clinic: Clinic) -> None:
    clinic.site.start_worker()
    clinic.site.ask(JOSE, "¿Cuándo es mi próxima cita?")
    clinic.rasa.freeze()

    assert "911" in clinic.site.ask(JOSE, "me duele mucho el pecho y no puedo respirar", within_s=5.0)

    (ticket,) = settled(clinic.site, JOSE, texts=2).tickets
    assert (ticket.reason, ticket.urgency) == (TicketReason.EMERGENCY, Urgency.URGENT)
