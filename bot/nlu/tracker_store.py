"""Rasa's conversations, kept in the sealed, bounded event log.

Rasa's own SQL store reloads the whole conversation each turn and keeps texts in the clear. This one loads the
last 60 events, beginning where the bot listened outside any form, and appends only what is new. What an
unfinished try of a turn wrote is forgotten before the same turn is tried again.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, Restarted, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.event_log import EventLog, LoggedEvent, load_or_make_key
from bot.nlu.turn import current_turn

# How many of a tracker's events are in the log already; rides on the tracker object itself.
STORED_COUNT = "northstar_stored_count"


class BoundedTrackerStore(TrackerStore):
    """Named in endpoints.yml, with `path` and `key_file` beside it."""

    def __init__(
        self,
        domain: Domain | None,
        path: str,
        key_file: str,
        event_broker: Any = None,
        host: str | None = None,
        window: int = 60,
    ) -> None:
        super().__init__(domain, event_broker)
        self._log = EventLog(Path(path), load_or_make_key(Path(key_file)), window=window)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        turn = current_turn.get()
        if turn is not None and not turn.begun:
            self._log.forget(sender_id, turn.turn_id)
            turn.begun = True
        events = [json.loads(event) for event in self._log.load(sender_id)]
        if not events:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        setattr(tracker, STORED_COUNT, len(tracker.events))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append the tracker's new events. Raises TurnAbandoned when nobody waits for the turn any more."""
        turn = current_turn.get()
        if turn is not None:
            turn.require_time_left()
        stored_count = getattr(tracker, STORED_COUNT, 0)
        new_events = list(islice(_logged(tracker.events), stored_count, None))
        if new_events:
            self._log.append(tracker.sender_id, turn.turn_id if turn else "", new_events)
        setattr(tracker, STORED_COUNT, len(tracker.events))

    async def keys(self) -> Iterable[str]:
        return self._log.senders()


def _logged(events: Iterable[Event]) -> Iterator[LoggedEvent]:
    """Each event with its mark: the bot listens, and no form is active."""
    active_form: str | None = None
    for event in events:
        if isinstance(event, ActiveLoop):
            active_form = event.name
        elif isinstance(event, (SessionStarted, Restarted)):
            active_form = None
        listens = isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME
        yield LoggedEvent(json=json.dumps(event.as_dict()), opens=listens and active_form is None)
