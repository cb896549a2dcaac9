"""Every message is stored once and answered once, whatever dies in between."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.channels.base import InboundMessage
from bot.conversation import inbox
from bot.conversation.inbox import LeasedMessage
from bot.domain.enums import ChannelName, CommunicationStatus, TicketReason
from bot.handoff import tickets
from bot.records import Communication, Conversation, Ticket
from tests.support.cast import AMINA, BRUNO, Cast
from tests.support.clinic import Clinic, at_once


def arrive(clinic: Clinic, provider_id: str = "SM1", text: str = "hello", phone: str = AMINA) -> bool:
    message = InboundMessage(channel=ChannelName.SMS, provider_id=provider_id, address=phone, text=text)
    return inbox.accept(clinic.database, clinic.clock, "en", message, urgent=False)


def lease(clinic: Clinic, lease_s: float = 30.0) -> list[LeasedMessage]:
    with clinic.database.write() as session:
        return inbox.claim(session, limit=20, lease_s=lease_s)


def end_leases(clinic: Clinic) -> None:
    with clinic.database.write() as session:
        session.execute(update(Communication).values(lease_until=datetime.now(UTC) - timedelta(seconds=1)))


def test_the_same_message_fifty_times_at_once_has_one_effect(clinic: Clinic, cast: Cast) -> None:
    results = at_once(50, lambda _: arrive(clinic))
    assert results.count(True) == 1
    assert results.count(False) == 49
    clinic.work()
    assert len(clinic.inbound()) == len(clinic.outbound()) == len(clinic.rasa.heard) == 1
    assert len(clinic.rows(Conversation)) == 1
    assert len(clinic.received(AMINA)) == 1


def test_fifty_first_messages_at_once_open_one_conversation_and_are_all_stored(clinic: Clinic, cast: Cast) -> None:
    results = at_once(50, lambda number: arrive(clinic, f"SM{number}"))
    assert results == [True] * 50
    assert len(clinic.inbound()) == 50
    assert len(clinic.rows(Conversation)) == 1


def test_one_turn_at_a_time_in_a_conversation_and_many_beside_each_other(clinic: Clinic, cast: Cast) -> None:
    for number in range(3):
        arrive(clinic, f"A{number}", f"a{number}")
        arrive(clinic, f"B{number}", f"b{number}", BRUNO)
    assert len(lease(clinic)) == 2
    assert lease(clinic) == []


def test_two_workers_never_lease_the_same_message(clinic: Clinic, cast: Cast) -> None:
    for number in range(12):
        arrive(clinic, f"A{number}", "hello", f"+1212555{number:04d}")
    shares = at_once(4, lambda _: lease(clinic))
    leased = [message.communication_id for share in shares for message in share]
    assert len(leased) == len(set(leased)) == 12


def test_a_second_worker_takes_over_and_the_first_ones_late_write_leaves_nothing(clinic: Clinic, cast: Cast) -> None:
    arrive(clinic, text="purple fence")
    (first,) = lease(clinic)
    turns = clinic.worker._turns
    late: list[bool] = []
    real_turn = clinic.rasa.turn

    def slow_turn(*arguments: str) -> object:
        clinic.rasa.turn = real_turn  # type: ignore[method-assign]
        end_leases(clinic)
        (second,) = lease(clinic)
        assert second.fence == first.fence + 1
        late.append(turns.handle(second))
        return real_turn(*arguments)

    clinic.rasa.turn = slow_turn  # type: ignore[assignment]
    assert turns.handle(first) is False
    assert late == [True]
    assert len(clinic.outbound()) == 1
    assert clinic.conversation(AMINA).misunderstandings == 1
    assert clinic.tickets() == []


def test_a_late_ticket_is_not_opened_either(clinic: Clinic, cast: Cast) -> None:
    clinic.rasa.hands_over("person", "talk_to_person", "person")
    arrive(clinic, text="person")
    (first,) = lease(clinic)
    end_leases(clinic)
    (second,) = lease(clinic)
    assert clinic.worker._turns.handle(first) is False
    assert clinic.rows(Ticket) == []
    assert clinic.worker._turns.handle(second) is True
    assert clinic.ticket().reason is TicketReason.PERSON


def test_a_turn_that_died_after_rasa_answered_is_tried_again_with_the_same_turn_id_and_sends_once(
    clinic: Clinic, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(clinic)
    (first,) = lease(clinic)
    turns = clinic.worker._turns
    with monkeypatch.context() as patch:
        patch.setattr(type(turns), "_finish", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            turns.handle(first)
    assert clinic.outbound() == []
    end_leases(clinic)
    clinic.work()
    assert len(clinic.received(AMINA)) == 1
    (text_1, turn_1), (text_2, turn_2) = clinic.rasa.heard
    assert (text_1, turn_1) == (text_2, turn_2)


def test_a_message_that_breaks_every_turn_ends_with_a_person(
    clinic: Clinic, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        clinic.rasa, "turn", lambda *_: (_ for _ in ()).throw(RuntimeError("a defect of ours")), raising=False
    )
    arrive(clinic)
    for _ in range(3):
        (leased,) = lease(clinic)
        with pytest.raises(RuntimeError):
            clinic.worker._turns.handle(leased)
        end_leases(clinic)
    clinic.work()
    assert clinic.ticket().reason is TicketReason.MODEL_SILENT
    assert clinic.inbound()[0].status is CommunicationStatus.HANDLED


def test_while_the_model_starts_a_message_waits_and_is_not_counted_as_tried(clinic: Clinic, cast: Cast) -> None:
    turns = replace(clinic.worker._turns, model_starts_until=datetime.now(UTC) + timedelta(minutes=1))
    clinic.rasa.silent = True
    arrive(clinic)
    (leased,) = lease(clinic)
    assert turns.handle(leased) is False
    (waiting,) = clinic.inbound()
    assert (waiting.status, waiting.attempts) == (CommunicationStatus.IN_PROGRESS, 0)
    assert clinic.tickets() == []
    clinic.rasa.silent = False
    end_leases(clinic)
    clinic.work()
    assert len(clinic.received(AMINA)) == 1


def test_a_model_that_answers_nonsense_while_it_starts_is_not_waited_for(clinic: Clinic, cast: Cast) -> None:
    turns = replace(clinic.worker._turns, model_starts_until=datetime.now(UTC) + timedelta(minutes=1))
    clinic.rasa.understands("hello", "greet")  # no message at all
    arrive(clinic)
    (leased,) = lease(clinic)
    assert turns.handle(leased) is True
    assert [ticket.reason for ticket in clinic.tickets()] == [TicketReason.MODEL_SILENT]


def test_a_ticket_resolved_while_a_message_was_on_its_way_becomes_a_new_one(
    clinic: Clinic, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.rasa.hands_over("person", "talk_to_person", "person")
    clinic.text(AMINA, "person")
    ticket = clinic.ticket()
    with clinic.database.write() as session:
        tickets.claim(session, ticket.id, cast.dolores, ticket.version, clinic.clock.now())
    arrive(clinic, "SM9", "one more thing")
    (leased,) = lease(clinic)
    turns = clinic.worker._turns
    finish = type(turns)._finish

    def resolve_first(self: object, *arguments: object) -> None:
        with clinic.database.write() as session:
            tickets.resolve(session, clinic.parts.words, ticket.id, cast.dolores, clinic.clock.now())
        finish(turns, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(type(turns), "_finish", resolve_first)
    turns.handle(leased)
    assert clinic.ticket().id != ticket.id
    assert clinic.ticket().facts["words"] == ["one more thing"]


def test_the_running_worker_answers_by_itself_and_stops_in_order(clinic: Clinic, cast: Cast) -> None:
    worker = clinic.worker
    worker.start()
    try:
        assert clinic.carrier.send_from_handset(AMINA, "hello") == 200
        deadline = time.monotonic() + 5
        while not clinic.received(AMINA) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(clinic.received(AMINA)) == 1
    finally:
        worker.stop()
    assert clinic.inbound()[0].status is CommunicationStatus.HANDLED
