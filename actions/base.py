"""What every action shares: the record is read in a thread, and what comes out is data for the turn.

A message is `{"utterance": KEY, "params": {...}}` or `{"effect": NAME, ...}`; see `bot/conversation`.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from bot.care.access import Access, NotPermitted, SeveralPeople, Subject, UnknownPerson, find_subject
from bot.domain.clock import Clock
from bot.domain.enums import ConsentScope, ResourceTopic, TicketReason
from bot.domain.suiting import Suiting

Message = Mapping[str, Any]
OpenSession = Callable[[], AbstractContextManager[Session]]


def say(utterance: str, **params: Any) -> Message:
    """Something to say; `params` are JSON values of the utterance's kinds."""
    return {"utterance": utterance, "params": params}


def open_ticket(reason: TicketReason, **facts: Any) -> Message:
    """A person has to answer; the turn says until when."""
    return {"effect": "open_ticket", "reason": reason.value, "facts": facts}


def offer_help(topics: Sequence[ResourceTopic], reason: TicketReason, *, always: bool, **facts: Any) -> Message:
    """What the clinic has on the topics; a person where it has nothing, or `always`."""
    return {
        "effect": "offer_help",
        "topics": [topic.value for topic in topics],
        "reason": reason.value,
        "always": always,
        "facts": facts,
    }


def moment(at: datetime, time_zone: str) -> Mapping[str, str]:
    """An instant as a parameter."""
    return {"at": at.isoformat().replace("+00:00", "Z"), "time_zone": time_zone}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question: about whom, in which words, with which marked medicines, naming which days, and when (UTC)."""

    subject: Subject
    text: str
    medications: tuple[str, ...]
    slots: Mapping[str, Any]
    suiting: Suiting | None
    now: datetime


class RecordAction(Action):
    """One question that the record may answer. Subclasses name it, its scope, and give the messages."""

    action_name = ""
    scope = ConsentScope.APPOINTMENTS

    def __init__(self, open_session: OpenSession, clock: Clock) -> None:
        self._open_session = open_session
        self._clock = clock

    def name(self) -> str:
        return self.action_name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Answers with data only. A fault reaches the server, and the turn then ends as a ticket."""
        messages = await asyncio.to_thread(self._read, tracker)
        for message in messages:
            dispatcher.utter_message(json_message=dict(message))
        return self.events()

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        """The messages, in the order in which they are said."""
        raise NotImplementedError

    def without_subject(self, access: Access) -> list[Message]:
        """What is said to somebody about whose record nothing may be answered."""
        return [_without_subject(access)]

    def events(self) -> list[dict[str, Any]]:
        """What changes in the dialogue; nothing for a plain answer."""
        return []

    def _read(self, tracker: Tracker) -> list[Message]:
        now = self._clock.now()
        with self._open_session() as session:
            access = find_subject(session, UUID(tracker.sender_id), self.scope, now)
            if not isinstance(access, Subject):
                return self.without_subject(access)
            about = [say("about_name", name=access.given_name)] if access.caregiver else []
            return [*about, *self.answer(session, _asked(access, tracker, now))]


def _asked(subject: Subject, tracker: Tracker, now: datetime) -> Asked:
    latest = tracker.latest_message
    entities = latest.get("entities") or []
    marked = (str(each["value"]) for each in entities if each.get("entity") == "medication")
    text = str(latest.get("text") or "")
    suits = (latest.get("metadata") or {}).get("suits")
    return Asked(
        subject=subject,
        text=text,
        medications=tuple(marked),
        slots=tracker.slots,
        suiting=None if suits is None else Suiting.from_json(suits),
        now=now,
    )


def _without_subject(access: Access) -> Message:
    match access:
        case UnknownPerson():
            return {"effect": "unknown_person"}
        case NotPermitted():
            return {"effect": "not_permitted"}
        case SeveralPeople(patient_ids=patient_ids):
            return {"effect": "about_whom", "patients": [str(patient_id) for patient_id in patient_ids]}
        case Subject():
            raise ValueError("a subject is answered, not refused")
        case _:
            assert_never(access)
