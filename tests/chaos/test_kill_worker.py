"""kill -9 of the worker: whatever it was doing, each text is answered once and opens at most one ticket."""

import time

import pytest

from bot.domain.enums import CommunicationStatus, TicketReason
from tests.chaos.conftest import Clinic
from tests.chaos.stored import settled, thread
from tests.support.processes import LEASE_S, eventually

pytestmark = pytest.mark.nlu

SAMUEL, THABO, ROBERT, MARIA = "+15550100114", "+15550100110", "+15550100102", "+15550100104"
# Of his several visits the one with her.
WISH = "Monday morning with Dr. Chen"


def test_a_text_stored_while_no_worker_lives_is_answered_once_by_the_next_one(clinic: Clinic) -> None:
    clinic.site.start_worker().kill()
    sid = clinic.site.text(SAMUEL, "When is my next appointment?")
    clinic.site.text(SAMUEL, "When is my next appointment?", sid)  # the provider delivers it again
    (waiting,) = thread(clinic.site, SAMUEL).inbound
    assert waiting.status is CommunicationStatus.RECEIVED

    clinic.site.start_worker()

    found = settled(clinic.site, SAMUEL, texts=1)
    assert "11:00" in found.outbound[0].body
    assert found.tickets == []


def test_a_worker_killed_in_the_middle_of_a_turn_leaves_one_answer_and_one_ticket(clinic: Clinic) -> None:
    worker, asked = clinic.site.start_worker(), clinic.proxy.turns
    clinic.rasa.freeze()
    clinic.site.text(THABO, "I want to talk to a person")
    eventually(lambda: clinic.proxy.turns > asked, what="the turn")
    worker.kill()
    clinic.rasa.thaw()
    (cut_short,) = thread(clinic.site, THABO).inbound
    assert cut_short.status is CommunicationStatus.IN_PROGRESS

    clinic.site.start_worker()

    found = settled(clinic.site, THABO, texts=1)
    assert [ticket.reason for ticket in found.tickets] == [TicketReason.PERSON]
    assert found.inbound[0].attempts == 2


def test_two_workers_started_after_the_kill_still_answer_once(clinic: Clinic) -> None:
    worker, asked = clinic.site.start_worker(), clinic.proxy.turns
    clinic.rasa.freeze()
    clinic.site.text(MARIA, "¿Cuándo es mi próxima cita?")
    eventually(lambda: clinic.proxy.turns > asked, what="the turn")
    worker.kill()
    clinic.rasa.thaw()

    clinic.site.start_worker()
    clinic.site.start_worker()

    settled(clinic.site, MARIA, texts=1)
    time.sleep(LEASE_S)  # a second answer would come once a lease has run out
    found = settled(clinic.site, MARIA, texts=1)
    assert "9:30" in found.outbound[0].body
    assert found.tickets == []


def test_a_form_does_not_read_the_same_answer_twice(clinic: Clinic) -> None:
    worker = clinic.site.start_worker()
    question = clinic.site.ask(ROBERT, "I need to reschedule my appointment")
    with clinic.proxy.keeping_back_the_next_answer():
        clinic.site.text(ROBERT, WISH)
        # Rasa has read it, left the form and written that down; we have stored nothing.
        eventually(clinic.proxy.answered.is_set, what="Rasa's answer")
        worker.kill()
    assert thread(clinic.site, ROBERT).tickets == []

    clinic.site.start_worker()

    found = settled(clinic.site, ROBERT, texts=2)
    (ticket,) = found.tickets
    assert ticket.reason is TicketReason.RESCHEDULE
    assert ticket.facts["asked"]["preferred_times"] == WISH
    assert ticket.facts["words"] == [WISH]
    # The form is over and forgotten: asking again begins at its question.
    assert clinic.site.ask(ROBERT, "I need to reschedule my appointment") == question
