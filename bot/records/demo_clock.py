"""The demo's clock: the machine's, turned forward by hand. Exists only beside the local carrier."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bot.records.deployment import Deployment
from bot.records.engine import Database

REREAD_S = 0.5


class DemoClock:
    """Shares its offset through the database, so that every process turns at once (within REREAD_S)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._offset = timedelta()
        self._reread_at = 0.0

    def now(self) -> datetime:
        if time.monotonic() >= self._reread_at:
            with self._database.read() as session:
                self._offset = timedelta(seconds=session.scalar(select(Deployment.clock_offset_s)) or 0)
            self._reread_at = time.monotonic() + REREAD_S
        return datetime.now(UTC) + self._offset

    def turn_to(self, instant: datetime) -> None:
        """Turn forward to an instant. Raises ValueError for one that is past: time does not run back."""
        ahead = instant - self.now()
        if ahead < timedelta():
            raise ValueError("the demo clock only turns forward")
        with self._database.write() as session:
            deployment = session.scalars(select(Deployment).with_for_update()).one()
            deployment.clock_offset_s += -(-int(ahead.total_seconds() * 1000) // 1000)
        self._reread_at = 0.0
