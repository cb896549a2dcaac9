"""Send what is queued: lease, hand to the channels side by side, record what came back, many in one commit.

Order is kept in each conversation: only its oldest unsent message is leased, and urgent ones at once. A provider that
is slow with one message keeps none of the others waiting. A worker that dies between the provider's answer and our
commit leaves a row whose lease runs out; the provider is then asked before anything is sent again.
"""

import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

import structlog

from bot.channels.base import Channel, ChannelError, Sent
from bot.domain.clock import Clock
from bot.domain.enums import ChannelName
from bot.outbox.claim import Leased, claim
from bot.outbox.limits import Limits
from bot.outbox.recording import OnFailure, Result, record
from bot.records.engine import Database

log = structlog.get_logger(__name__)

IN_FLIGHT = 128
REFILL_BELOW = 64
"""Claiming for fewer than half of the places would cost a commit for a handful of messages."""
GATHER_S = 0.02
"""Results of so long are recorded in one commit."""
WAIT_S = 0.25


BEGIN_WITHIN = 1 / 6
"""Of the lease; the rest, 25 of the usual 30 seconds, is left for the provider's answer."""


class Deliverer:
    """Sends from the outbox. `lease_s` is longer than a provider may take to answer.

    Used by one thread. What is in flight is recorded by a later `deliver_batch` or by `drain`.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[ChannelName, Channel],
        clock: Clock,
        executor: Executor,
        on_failure: OnFailure,
        *,
        lease_s: float,
        limits: Limits,
    ) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._executor = executor
        self._on_failure = on_failure
        self._lease_s = lease_s
        self._limits = limits
        self._in_flight: set[Future[Result]] = set()

    def deliver_batch(self) -> int:
        """Lease and hand on what may go, record what came back. Returns how many were on their way; 0 means that the
        outbox is quiet.
        """
        if len(self._in_flight) < REFILL_BELOW:
            self._lease()
        on_their_way = len(self._in_flight)
        if on_their_way:
            wait(self._in_flight, timeout=WAIT_S, return_when=FIRST_COMPLETED)
            self._record(wait(self._in_flight, timeout=GATHER_S).done)
        return on_their_way

    def drain(self) -> None:
        """Wait for everything in flight and record it."""
        while self._in_flight:
            self._record(wait(self._in_flight, timeout=WAIT_S).done)

    def _lease(self) -> None:
        begin_by = time.monotonic() + self._lease_s * BEGIN_WITHIN
        with self._database.write() as session:
            leased = claim(
                session,
                self._clock.now(),
                self._lease_s,
                most=IN_FLIGHT - len(self._in_flight),
                limits=self._limits,
            )
        for each in leased:
            self._in_flight.add(self._executor.submit(self._send, each, begin_by))

    def _record(self, done: set[Future[Result]]) -> None:
        if not done:
            return
        # Ahead of the commit: should it fail, the leases run out and the providers are asked.
        self._in_flight -= done
        results = sorted((future.result() for future in done), key=lambda result: result.id)
        with self._database.write() as session:
            record(session, results, self._clock.now(), self._limits, self._on_failure)

    def _send(self, leased: Leased, begin_by: float) -> Result:
        if time.monotonic() > begin_by:
            # This process was held up, or others were slow: another worker may have the message by the time that the
            # provider answers, and would send it too.
            return Result(leased=leased, put_back=True)
        if leased.expired:
            return Result(leased=leased)
        sent: Sent | None = None
        error: ChannelError | None = None
        segments = 0
        try:
            channel = self._channels.get(leased.channel)
            if channel is None:
                raise ChannelError("channel_not_configured", permanent=True)
            segments = channel.segments(leased.message.text)
            sent = channel.look_up(leased.message) if leased.maybe_sent else None
            sent = sent or channel.send(leased.message)
        except ChannelError as fault:
            error = fault
        except Exception as fault:
            # An adapter's own defect must not stop the others' messages; only its kind is logged.
            log.error("send_failed", communication=str(leased.message.communication_id), error=type(fault).__name__)
            error = ChannelError(type(fault).__name__, ambiguous=True)
        return Result(leased=leased, sent=sent, error=error, segments=segments)
