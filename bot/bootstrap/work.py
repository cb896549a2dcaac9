"""The worker: turns, timers and deliveries of one process."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from bot.bootstrap.parts import Parts, make_limits
from bot.bootstrap.reminders import make_timers
from bot.conversation.scene import Office
from bot.conversation.turn import Turns
from bot.handoff.undelivered import report_lost_message
from bot.outbox.deliver import Deliverer
from bot.records.listening import Listener
from bot.worker import Worker

SENDERS = 32


def make_worker(parts: Parts, *, model_starts_within: timedelta = timedelta()) -> Worker:
    """The loop of this process: inbox, timers, outbox. So long may the Rasa server take to start."""
    settings = parts.settings
    turns = Turns(
        database=parts.database,
        clock=parts.clock,
        desk=parts.desk,
        office=Office(
            words=parts.words,
            hours=settings.office_hours,
            has_nurse_line=settings.nurse_line is not None,
            wishes=parts.desk.wishes,
            policies=parts.policies,
            visit_tasks=settings.visit_tasks,
        ),
        rasa=parts.rasa,
        policy=settings.disclosure,
        model_starts_until=datetime.now(UTC) + model_starts_within,
    )
    deliverer = Deliverer(
        parts.database,
        parts.channels,
        parts.clock,
        ThreadPoolExecutor(max_workers=SENDERS, thread_name_prefix="send"),
        lambda session, lost, now: report_lost_message(session, lost, now, settings.office_hours),
        lease_s=settings.lease_s,
        limits=make_limits(settings),
    )
    listener = Listener(parts.database.url, parts.wake) if parts.database.is_postgresql else None
    return Worker(
        parts.database, turns, deliverer, make_timers(parts), parts.wake, lease_s=settings.lease_s, listener=listener
    )
