"""One worker process of ours, as `northstar worker` wires it, with the carrier of the bench for SMS.

`send` empties the outbox by `deliver_batch` alone; `remind` runs the whole worker until so many messages are sent.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy import select

from bot.bootstrap import build, make_worker
from bot.commands.logs import configure_logs
from bot.domain.enums import ChannelName, CommunicationStatus, Direction
from bot.domain.errors import place_of
from bot.records import Communication
from bot.records.engine import Database
from bot.settings import CHECKOUT, read_settings
from bot.worker import AFTER_FAULT_S, Worker
from tests.bench.sends.carrier import SERVICE_S, Carrier
from tests.bench.sends.channel import BenchChannel
from tests.bench.sends.member import await_go, tell

log = structlog.get_logger(__name__)

UNSENT = (CommunicationStatus.QUEUED, CommunicationStatus.SENDING, CommunicationStatus.UNKNOWN)
LOOK_AGAIN_S = 0.01
# What is not sent by then counts as lost.
GIVE_UP_AFTER_S = 300.0


def send_all(worker: Worker, database: Database, _carrier: Carrier, _expected: int) -> float:
    """Until nothing is left to send, by whichever process. When the last of ours was recorded."""
    give_up_at = time.monotonic() + GIVE_UP_AFTER_S
    ended = time.time()
    while time.monotonic() < give_up_at:
        try:
            if worker._deliverer.deliver_batch():
                ended = time.time()
            elif _anything_left(database):
                time.sleep(LOOK_AGAIN_S)
            else:
                break
        except Exception as error:  # As the worker's loop does.
            log.error("loop_failed", error=type(error).__name__, at=place_of(error))
            time.sleep(AFTER_FAULT_S)
    return ended


def remind(worker: Worker, database: Database, carrier: Carrier, expected: int) -> float:
    """Until so many messages are handed over and recorded. When the carrier had answered the last."""
    give_up_at = time.monotonic() + GIVE_UP_AFTER_S
    worker.start()
    while (len(carrier.taken) < expected or _anything_left(database)) and time.monotonic() < give_up_at:
        time.sleep(LOOK_AGAIN_S)
    worker.stop()
    return max((taken.at for taken in carrier.taken), default=time.time()) + SERVICE_S


def _anything_left(database: Database) -> bool:
    query = select(Communication.id).where(
        Communication.direction == Direction.OUTBOUND, Communication.status.in_(UNSENT)
    )
    with database.read() as session:
        return session.scalar(query.limit(1)) is not None


WAYS: dict[str, Callable[[Worker, Database, Carrier, int], float]] = {"send": send_all, "remind": remind}


def main() -> None:
    way, expected, path = sys.argv[1:]
    configure_logs()
    carrier = Carrier()
    parts = build(read_settings(os.environ, CHECKOUT))
    parts.channels[ChannelName.SMS] = BenchChannel(carrier)
    worker = make_worker(parts)
    await_go()
    ended = WAYS[way](worker, parts.database, carrier, int(expected))
    carrier.write(Path(path))
    tell(ended=ended)
    parts.close()


if __name__ == "__main__":
    main()
