"""The end of the reschedule form: the wished times go to a person, who looks for a free one."""

from collections.abc import Iterator
from typing import Any

from rasa_sdk.events import SlotSet
from sqlalchemy.orm import Session

from actions.base import Asked, Message, RecordAction, open_ticket
from bot.care.appointments import coming_visits
from bot.domain.enums import ConsentScope, TicketReason

SLOT = "preferred_times"


class RescheduleSubmit(RecordAction):
    action_name = "action_reschedule_submit"
    scope = ConsentScope.APPOINTMENTS

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        visits = coming_visits(session, asked.subject.patient_id, asked.now)
        facts = {SLOT: asked.slots.get(SLOT)}
        # Which of several visits is meant, a person finds out: the wishes rarely say.
        facts |= {"appointment": str(visits[0].id)} if len(visits) == 1 else {}
        yield open_ticket(TicketReason.RESCHEDULE, **facts)

    def events(self) -> list[dict[str, Any]]:
        return [SlotSet(SLOT, None)]
