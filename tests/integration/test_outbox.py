"""What is queued is sent once, in order, and what cannot be sent is heard of by a person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from bot.channels.base import ChannelError, InboundMessage, Receipt
from bot.conversation.inbox import find_or_open
from bot.domain.backoff import FIRST_RETRY_S, LONGEST_RETRY_S, backoff_s
from bot.domain.enums import ChannelName, CommunicationStatus, Disclosure, TicketReason
from bot.outbox import Say, apply_receipt, enqueue
from bot.outbox.claim import claim
from bot.outbox.deliver import Deliverer
from bot.outbox.limits import Limits, RateLimit
from bot.outbox.recording import MAX_ATTEMPTS
from bot.records import Communication, Conversation, TokenBucket
from tests.support.carriers import ScriptedCarrier
from tests.support.cast import AMINA, BRUNO, Cast
from tests.support.clinic import Clinic, at_once
from tests.support.clock import NOW
from tests.support.processes import eventually

SENT, DELIVERED, FAILED = CommunicationStatus.SENT, CommunicationStatus.DELIVERED, CommunicationStatus.FAILED
QUEUED, UNKNOWN = CommunicationStatus.QUEUED, CommunicationStatus.UNKNOWN


def queue(clinic: Clinic, phone: str = AMINA, key: str | None = None, expires_at: datetime | None = None) -> UUID:
    """A greeting to this phone; opens the conversation where there is none."""
    with clinic.database.write() as session:
        address = InboundMessage(channel=ChannelName.SMS, provider_id="", address=phone, text="")
        conversation = find_or_open(session, clinic.clock.now(), "en", address)
        row = enqueue(
            session,
            clinic.parts.words,
            conversation,
            [Say("greet")],
            now=clinic.clock.now(),
            level=Disclosure.GENERIC,
            unique_key=key,
            expires_at=expires_at,
        )
        assert row is not None
        return row.id


def another_deliverer(clinic: Clinic, *, lease_s: float = 30.0, limits: Limits | None = None) -> Deliverer:
    """As a second worker has it, over the same channels."""
    executor = ThreadPoolExecutor(4)
    return Deliverer(
        clinic.database,
        clinic.parts.channels,
        clinic.clock,
        executor,
        lambda session, lost, now: None,
        lease_s=lease_s,
        limits=limits or {},
    )


def deliver_all(deliverer: Deliverer) -> None:
    while deliverer.deliver_batch():
        pass


def status(clinic: Clinic, message: UUID) -> CommunicationStatus:
    return clinic.row(Communication, message).status


def receive(clinic: Clinic, message: UUID | None, what: CommunicationStatus, sid: str = "SM1") -> bool:
    receipt = Receipt(channel=ChannelName.SMS, provider_id=sid, status=what, communication_id=message)
    with clinic.database.write() as session:
        return apply_receipt(session, receipt, clinic.clock.now()) is not None


def test_one_cause_is_queued_once(clinic: Clinic, cast: Cast) -> None:
    queue(clinic, key="appointment:1")
    with clinic.database.write() as session:
        conversation = session.get_one(Conversation, clinic.conversation(AMINA).id)
        again = enqueue(
            session,
            clinic.parts.words,
            conversation,
            [Say("greet")],
            now=NOW,
            level=Disclosure.GENERIC,
            unique_key="appointment:1",
        )
    assert again is None
    assert len(clinic.outbound()) == 1


def test_messages_of_one_conversation_go_out_one_after_the_other(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier()
    clinic.sms_over(carrier)
    first, second = queue(clinic), queue(clinic)
    other = queue(clinic, BRUNO)
    assert clinic.deliver() == 2
    assert [status(clinic, row) for row in (first, second, other)] == [SENT, QUEUED, SENT]
    assert clinic.deliver() == 1
    assert clinic.deliver() == 0


def test_a_message_that_has_to_wait_holds_back_the_later_ones(clinic: Clinic, cast: Cast) -> None:
    clinic.sms_over(ScriptedCarrier(script=[ChannelError("20429", retry_after_s=5)]))
    first, second = queue(clinic), queue(clinic)
    clinic.work()
    assert [status(clinic, row) for row in (first, second)] == [QUEUED, QUEUED]
    clinic.clock.forward(seconds=5)
    clinic.work()
    assert [status(clinic, row) for row in (first, second)] == [SENT, SENT]


def test_a_passing_fault_is_tried_again_later_and_later(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier(script=[ChannelError("connect_timeout"), ChannelError("connect_timeout")])
    clinic.sms_over(carrier)
    message = queue(clinic)
    for least_s in (1.0, 2.0):
        clinic.work()
        row = clinic.row(Communication, message)
        waits = (row.next_attempt_at - clinic.clock.now()).total_seconds()
        assert least_s <= waits <= least_s * 2
        assert (row.status, row.error_code) == (QUEUED, "connect_timeout")
        clinic.clock.forward(seconds=waits)
    clinic.work()
    assert status(clinic, message) is SENT
    assert (carrier.tries, carrier.look_ups, len(carrier.taken)) == (3, 0, 1)


def test_the_wait_doubles_up_to_ten_minutes() -> None:
    for attempt in range(1, 20):
        longest = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** (attempt - 1))
        assert longest / 2 <= backoff_s(attempt) <= longest


def test_after_eight_tries_a_person_hears_of_it(clinic: Clinic, cast: Cast) -> None:
    clinic.sms_over(ScriptedCarrier(script=[ChannelError("connect_timeout")] * 20))
    message = queue(clinic)
    for _ in range(MAX_ATTEMPTS):
        clinic.deliver()
        clinic.clock.forward(minutes=10)
    assert status(clinic, message) is FAILED
    assert clinic.ticket().reason is TicketReason.UNDELIVERED


def test_a_permanent_failure_is_never_tried_again_and_becomes_a_ticket(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier(script=[ChannelError("30006", permanent=True)])
    clinic.sms_over(carrier)
    message = queue(clinic)
    clinic.work()
    clinic.clock.forward(hours=1)
    clinic.work()
    assert (status(clinic, message), carrier.tries) == (FAILED, 1)
    ticket = clinic.ticket()
    assert (ticket.reason, ticket.patient_id) == (TicketReason.UNDELIVERED, cast.amina)
    assert ticket.facts == {"words": [], "did": ["greet"], "error": "30006"}
    assert clinic.timers(kind="ticket_deadline", status="pending")


def test_a_carriers_opt_out_is_remembered(clinic: Clinic, cast: Cast) -> None:
    clinic.sms_over(ScriptedCarrier(script=[ChannelError("21610", permanent=True, opted_out=True)]))
    queue(clinic)
    clinic.work()
    assert clinic.conversation(AMINA).opted_out_at == NOW


def test_an_ambiguous_time_out_is_looked_up_before_it_is_sent_again(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier(script=[ChannelError("timeout", ambiguous=True)], takes_before_failing=True)
    clinic.sms_over(carrier)
    message = queue(clinic)
    clinic.work()
    assert status(clinic, message) is UNKNOWN
    clinic.clock.forward(minutes=1)
    clinic.work()
    assert status(clinic, message) is SENT
    assert (carrier.tries, carrier.look_ups, len(carrier.taken)) == (1, 1, 1)


def test_an_ambiguous_time_out_that_the_carrier_never_saw_is_sent_again(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier(script=[ChannelError("timeout", ambiguous=True)])
    clinic.sms_over(carrier)
    message = queue(clinic)
    clinic.work()
    clinic.clock.forward(minutes=1)
    clinic.work()
    assert status(clinic, message) is SENT
    assert (carrier.tries, carrier.look_ups, len(carrier.taken)) == (2, 1, 1)


def test_an_adapters_own_defect_is_ambiguous_and_stops_nobody_else(clinic: Clinic, cast: Cast) -> None:
    class Broken(ScriptedCarrier):
        def create_message(self, *, to: str, body: str, status_callback: str) -> str:
            if to == AMINA:
                raise ZeroDivisionError(body)
            return super().create_message(to=to, body=body, status_callback=status_callback)

    clinic.sms_over(Broken())
    mine, other = queue(clinic), queue(clinic, BRUNO)
    clinic.deliver()
    assert [status(clinic, row) for row in (mine, other)] == [UNKNOWN, SENT]
    assert clinic.row(Communication, mine).error_code == "ZeroDivisionError"


def test_a_worker_that_died_while_sending_is_followed_by_a_look_up(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier(taken=[(AMINA, clinic.parts.words.render("greet", {}, "en", Disclosure.GENERIC).text)])
    clinic.sms_over(carrier)
    message = queue(clinic)
    with clinic.database.write() as session:
        assert len(claim(session, clinic.clock.now(), 30.0, most=50, limits={})) == 1
    assert clinic.deliver() == 0
    with clinic.database.write() as session:
        session.execute(update(Communication).values(lease_until=datetime.now(UTC) - timedelta(seconds=1)))
    assert clinic.deliver() == 1
    assert (status(clinic, message), carrier.tries, carrier.look_ups) == (SENT, 0, 1)


def test_two_workers_never_send_the_same_message(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier()
    clinic.sms_over(carrier)
    for number in range(20):
        queue(clinic, f"+1212555{number:04d}")
    at_once(4, lambda _: deliver_all(another_deliverer(clinic)))
    assert len(carrier.taken) == len(set(carrier.taken)) == 20


def test_what_is_too_old_when_its_turn_comes_is_not_sent(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier()
    clinic.sms_over(carrier)
    message = queue(clinic, expires_at=NOW + timedelta(minutes=5))
    clinic.clock.forward(minutes=5)
    clinic.work()
    assert (status(clinic, message), carrier.tries) == (CommunicationStatus.EXPIRED, 0)
    assert clinic.ticket().reason is TicketReason.UNDELIVERED


@pytest.mark.parametrize(
    ("arriving", "left_with"),
    [
        ([SENT, DELIVERED], DELIVERED),
        ([DELIVERED, SENT], DELIVERED),
        ([DELIVERED, FAILED], DELIVERED),
        ([FAILED, DELIVERED], DELIVERED),
        ([FAILED, SENT], FAILED),
        ([DELIVERED, DELIVERED], DELIVERED),
    ],
)
def test_receipts_move_a_message_forward_only(
    clinic: Clinic, cast: Cast, arriving: list[CommunicationStatus], left_with: CommunicationStatus
) -> None:
    clinic.sms_over(ScriptedCarrier())
    message = queue(clinic)
    clinic.work()
    for what in arriving:
        receive(clinic, message, what)
    assert status(clinic, message) is left_with


def test_a_receipt_finds_its_message_by_the_providers_id_alone(clinic: Clinic, cast: Cast) -> None:
    clinic.sms_over(ScriptedCarrier())
    message = queue(clinic)
    clinic.work()
    sid = clinic.row(Communication, message).provider_id
    assert receive(clinic, None, DELIVERED, str(sid))
    assert clinic.row(Communication, message).delivered_at == NOW


def test_a_receipt_for_nobody_changes_nothing(clinic: Clinic, cast: Cast) -> None:
    message = queue(clinic)
    assert not receive(clinic, UUID(int=7), DELIVERED, "SM-other")
    assert status(clinic, message) is QUEUED


def test_a_receipt_that_comes_before_our_own_commit_stands(clinic: Clinic, cast: Cast) -> None:
    message = queue(clinic)
    carrier = ScriptedCarrier(meanwhile=lambda sid, _: receive(clinic, message, DELIVERED, sid) and None)
    clinic.sms_over(carrier)
    clinic.work()
    row = clinic.row(Communication, message)
    assert (row.status, row.provider_id, row.segments) == (DELIVERED, f"SM{1:032x}", 1)
    assert carrier.tries == 1


def test_a_late_receipt_settles_an_ambiguous_message_without_a_second_send(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier(script=[ChannelError("timeout", ambiguous=True)], takes_before_failing=True)
    clinic.sms_over(carrier)
    message = queue(clinic)
    clinic.work()
    receive(clinic, message, DELIVERED)
    clinic.clock.forward(hours=1)
    clinic.work()
    assert (status(clinic, message), carrier.tries, carrier.look_ups) == (DELIVERED, 1, 0)


def test_a_channel_that_is_not_configured_gives_the_message_to_a_person(clinic: Clinic, cast: Cast) -> None:
    message = queue(clinic)
    del clinic.parts.channels[ChannelName.SMS]
    clinic.work()
    assert status(clinic, message) is FAILED
    assert clinic.row(Communication, message).error_code == "channel_not_configured"
    assert clinic.ticket().reason is TicketReason.UNDELIVERED


def phones(count: int) -> list[str]:
    return [f"+1212556{number:04d}" for number in range(count)]


# So slow that the time which a test takes is nothing.
ONE_AN_HOUR = {ChannelName.SMS: RateLimit(name="sms:+15550100000", per_second=1 / 3600, burst=3)}


def refill(clinic: Clinic, hours: float) -> None:
    """As if so much real time had passed for the buckets."""
    with clinic.database.write() as session:
        for bucket in session.scalars(select(TokenBucket)):
            bucket.refilled_at -= timedelta(hours=hours)


def test_a_senders_limit_holds_for_all_workers_together(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier()
    clinic.sms_over(carrier)
    for phone in phones(12):
        queue(clinic, phone)
    workers = [another_deliverer(clinic, limits=ONE_AN_HOUR) for _ in range(3)]
    at_once(3, lambda number: deliver_all(workers[number]))
    assert len(carrier.taken) == 3
    for taken in (5, 7):
        refill(clinic, 2)
        deliver_all(workers[0])
        assert len(carrier.taken) == taken


def test_danger_waits_for_no_limit_and_what_it_took_is_owed(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier()
    clinic.sms_over(carrier)
    deliverer = another_deliverer(clinic, limits=ONE_AN_HOUR)
    for phone in phones(4):
        queue(clinic, phone)
    deliver_all(deliverer)
    urgent = queue(clinic, AMINA)
    clinic.change(Communication, urgent, urgent=True)
    deliver_all(deliverer)
    assert status(clinic, urgent) is SENT
    refill(clinic, 1)
    deliver_all(deliverer)
    assert len(carrier.taken) == 4
    refill(clinic, 1)
    deliver_all(deliverer)
    assert len(carrier.taken) == 5


def test_a_limit_of_one_channel_keeps_no_other_waiting(clinic: Clinic, cast: Cast) -> None:
    clinic.sms_over(ScriptedCarrier())
    telegram = ChannelName.TELEGRAM
    clinic.parts.channels[telegram] = clinic.parts.channels[ChannelName.SMS]
    for phone in phones(200):
        queue(clinic, phone)
    other = queue(clinic, BRUNO)
    clinic.change(Communication, other, channel=telegram)
    deliver_all(another_deliverer(clinic, limits=ONE_AN_HOUR))
    assert status(clinic, other) is SENT


def test_a_long_message_takes_a_token_for_each_part(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier()
    clinic.sms_over(carrier)
    deliverer = another_deliverer(clinic, limits=ONE_AN_HOUR)
    first = queue(clinic)
    clinic.change(Communication, first, body="x" * 400)
    deliver_all(deliverer)
    assert clinic.row(Communication, first).segments == 3
    second = queue(clinic, BRUNO)
    deliver_all(deliverer)
    assert status(clinic, second) is QUEUED
    refill(clinic, 1)
    deliver_all(deliverer)
    assert status(clinic, second) is SENT


def test_a_provider_that_is_overrun_is_left_alone_for_as_long_as_it_says(clinic: Clinic, cast: Cast) -> None:
    carrier = ScriptedCarrier(script=[ChannelError("20429", retry_after_s=5 * 3600)])
    clinic.sms_over(carrier)
    deliverer = another_deliverer(clinic, limits=ONE_AN_HOUR)
    queue(clinic)
    deliver_all(deliverer)
    other = queue(clinic, BRUNO)
    refill(clinic, 4)
    deliver_all(deliverer)
    assert status(clinic, other) is QUEUED
    refill(clinic, 1)
    deliver_all(deliverer)
    assert status(clinic, other) is SENT


def test_one_slow_message_keeps_no_other_waiting(clinic: Clinic, cast: Cast) -> None:
    """The provider answers the first only once the others are recorded."""
    others: list[UUID] = []

    class SlowForOne(ScriptedCarrier):
        def create_message(self, *, to: str, body: str, status_callback: str) -> str:
            if to == AMINA:
                eventually(lambda: all(status(clinic, row) is SENT for row in others), what="the others")
            return super().create_message(to=to, body=body, status_callback=status_callback)

    clinic.sms_over(SlowForOne())
    slow = queue(clinic)
    others += [queue(clinic, phone) for phone in phones(5)]
    deliverer = another_deliverer(clinic)
    deliver_all(deliverer)
    assert status(clinic, slow) is SENT


def test_a_message_whose_lease_grew_old_in_the_line_is_put_back_unsent(clinic: Clinic, cast: Cast) -> None:
    """Another worker may have it by the time that the provider answers."""
    carrier = ScriptedCarrier()
    clinic.sms_over(carrier)
    message = queue(clinic)
    deliverer = another_deliverer(clinic, lease_s=0.0)
    assert deliverer.deliver_batch() == 1
    deliverer.drain()
    row = clinic.row(Communication, message)
    assert (row.status, row.attempts, row.lease_until, carrier.tries) == (QUEUED, 0, None, 0)
    clinic.work()
    assert (status(clinic, message), carrier.tries) == (SENT, 1)
