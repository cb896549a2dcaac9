"""Booking, moving and calling off: which visit is meant. The app looks for times and writes what is chosen."""

from collections.abc import Iterator, Sequence
from typing import Any

from rasa_sdk.events import SlotSet
from sqlalchemy.orm import Session

from actions.appointments import none_coming
from actions.base import Asked, Message, RecordAction, open_ticket
from bot.care.appointments import Visit, coming_visits, pick_visits
from bot.domain.enums import ConsentScope, TicketReason

SLOT = "preferred_times"
# As many as one message may list and one digit may choose.
MOST_CHOICES = 9


class RescheduleSubmit(RecordAction):
    """The end of the form: which visit is to be moved to the wished times."""

    action_name = "action_reschedule_submit"
    scope = ConsentScope.APPOINTMENTS

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        visits = coming_visits(session, asked.subject.patient_id, asked.now)
        # The days in the words are the new ones, so they do not say which visit is meant.
        picked = pick_visits(visits, asked.text)
        if len(picked) > 1:
            yield _which(TicketReason.RESCHEDULE, picked)
        else:
            yield look_for_times(TicketReason.RESCHEDULE, asked, picked[0] if picked else None)

    def events(self) -> list[dict[str, Any]]:
        return [SlotSet(SLOT, None)]


class BookSubmit(RecordAction):
    """The end of the form for a new visit."""

    action_name = "action_book_submit"
    scope = ConsentScope.APPOINTMENTS

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        yield look_for_times(TicketReason.BOOK, asked, None)

    def events(self) -> list[dict[str, Any]]:
        return [SlotSet(SLOT, None)]


class AppointmentCancel(RecordAction):
    """Nothing is called off here: the visit is read back and the person answers with a digit."""

    action_name = "action_appointment_cancel"
    scope = ConsentScope.APPOINTMENTS

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        visits = coming_visits(session, asked.subject.patient_id, asked.now)
        picked = pick_visits(visits, asked.text, asked.suiting) or visits
        if not picked:
            yield from none_coming(session, asked)
            yield open_ticket(TicketReason.CANCEL, asked="no coming visit on record")
        elif len(picked) > 1:
            yield _which(TicketReason.CANCEL, picked)
        else:
            yield {"effect": "ask_before_calling_off", "appointment": str(picked[0].id)}


def look_for_times(reason: TicketReason, asked: Asked, visit: Visit | None) -> Message:
    appointment = None if visit is None else str(visit.id)
    return {
        "effect": "look_for_times",
        "reason": reason.value,
        "words": asked.slots.get(SLOT),
        "appointment": appointment,
    }


def _which(reason: TicketReason, visits: Sequence[Visit]) -> Message:
    listed = [str(visit.id) for visit in visits[:MOST_CHOICES]]
    return {"effect": "ask_which_visit", "reason": reason.value, "visits": listed}
