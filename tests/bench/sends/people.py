"""What the clinics of the bench hold: messages that are queued, and patients who take a medicine now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from bot import timers
from bot.domain.enums import ChannelName, Disclosure, QuestionKind, TimerKind
from bot.i18n.render import Words
from bot.outbox import Say, enqueue
from bot.records import Conversation
from bot.reminders.replies import OPTIONS
from tests.support.cast import MORNING, add_medicine, add_patient

MEDICINE, STRENGTH = "metformin", "500 mg"
TOO_LATE_AFTER = timedelta(minutes=90)


@dataclass(frozen=True, kw_only=True)
class Taker:
    """A patient with one medicine and a conversation, as somebody who was reminded before."""

    patient: UUID
    request: UUID
    conversation: UUID


def write_queue(session: Session, words: Words, count: int) -> None:
    """So many dose reminders, each rendered and queued for a conversation of its own."""
    now = datetime.now(UTC)
    dosage = [{"text": "Take 1 tablet by mouth every morning", "timing": MORNING}]
    items = [["medication_line", {"name": f"{MEDICINE} {STRENGTH}", "dosage": dosage}]]
    for phone in _phones(count):
        conversation = _conversation(phone, now)
        session.add(conversation)
        enqueue(
            session,
            words,
            conversation,
            [Say("reminder_dose", {"items": items})],
            now=now,
            level=Disclosure.FULL,
            options=OPTIONS[QuestionKind.DOSE],
            unique_key=f"bench:{conversation.id}",
        )


def write_takers(session: Session, count: int) -> list[Taker]:
    """Patients where it is midday, so that quiet hours keep nothing back."""
    now = datetime.now(UTC)
    takers = []
    for number, phone in enumerate(_phones(count)):
        patient = add_patient(session, f"Amina {number}", phone, time_zone=_midday_zone(now), now=now)
        request = add_medicine(session, patient, MEDICINE, STRENGTH, now=now)
        conversation = _conversation(phone, now)
        conversation.patient_id = patient
        session.add(conversation)
        takers.append(Taker(patient=patient, request=request, conversation=conversation.id))
    return takers


def remind_at(session: Session, takers: Sequence[Taker], times: Sequence[datetime]) -> None:
    """One dose reminder for each, as `bot.reminders.schedule` sets it."""
    for taker, at in zip(takers, times, strict=True):
        timers.schedule(
            session,
            TimerKind.DOSE_REMINDER,
            cause=f"dose:{taker.patient}",
            name=at.isoformat(),
            subject={"patient": str(taker.patient), "due_at": at.isoformat(), "requests": [str(taker.request)]},
            due_at=at,
            expires_at=at + TOO_LATE_AFTER,
        )


def _conversation(phone: str, now: datetime) -> Conversation:
    return Conversation(
        channel=ChannelName.SMS, address=phone, address_index=phone, language="en", created_at=now - timedelta(days=30)
    )


def _phones(count: int) -> Iterator[str]:
    return (f"+1212{5_000_000 + number}" for number in range(count))


def _midday_zone(now: datetime) -> str:
    """In these names east is minus."""
    return f"Etc/GMT{now.hour - 12:+d}"
