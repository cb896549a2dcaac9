"""The turn that is being handled, known to the channel and the tracker store."""

import time
from contextvars import ContextVar
from dataclasses import dataclass


class TurnAbandoned(Exception):
    """The caller has stopped waiting, so what the turn would write must not be written."""


@dataclass(kw_only=True)
class Turn:
    """One turn. `turn_id` is the app's: a second try of the same turn carries the same id.

    `deadline` is on the monotonic clock, in seconds. `begun` is set when the tracker store has forgotten what
    an earlier try of this turn wrote.
    """

    turn_id: str
    deadline: float
    begun: bool = False

    def require_time_left(self) -> None:
        """Raises TurnAbandoned past the deadline."""
        if time.monotonic() > self.deadline:
            raise TurnAbandoned


current_turn: ContextVar["Turn | None"] = ContextVar("current_turn", default=None)
