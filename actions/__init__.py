"""What the Rasa server may ask of us: read-only answers from the record, as data. Nothing here sends or writes."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy.orm import Session

from actions.appointments import appointment_actions
from actions.base import RecordAction
from actions.booking import AppointmentCancel, BookSubmit, RescheduleSubmit
from actions.medications import medication_actions
from bot.care.dose_times import ClockTimes
from bot.domain.clock import Clock


def all_actions(
    open_session: Callable[[], AbstractContextManager[Session]],
    clock: Clock,
    default_times: ClockTimes,
    map_link: str | None,
) -> list[RecordAction]:
    """Every custom action of `intents/domain.yml`. `open_session` gives a session for one read."""
    return [
        *appointment_actions(open_session, clock, map_link),
        *medication_actions(open_session, clock, default_times),
        AppointmentCancel(open_session, clock),
        BookSubmit(open_session, clock),
        RescheduleSubmit(open_session, clock),
    ]
