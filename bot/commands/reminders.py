"""`northstar reminders preview`: what somebody would be sent in the coming days, and why anything is not."""

from contextlib import closing
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.bootstrap import build, make_preview
from bot.care.whose import find_patient
from bot.domain.clock import zone
from bot.domain.enums import TimerKind
from bot.records import Patient
from bot.reminders.preview import Foreseen
from bot.settings import Settings

WHAT = {
    TimerKind.APPOINTMENT_REMINDER: "visit",
    TimerKind.DOSE_REMINDER: "dose",
    TimerKind.DOSE_FOLLOW_UP: "no answer",
}


def preview(settings: Settings, console: Console, asked: str, days: int) -> None:
    """Print it, in the person's own time and the clinic's. Raises PatientNotFound."""
    with closing(build(settings)) as parts, parts.database.rehearsal() as rehearsal, rehearsal.write() as session:
        patient = session.get_one(Patient, find_patient(session, asked))
        theirs, ours = patient.time_zone, settings.time_zone
        foreseen = list(make_preview(parts, session, patient.id, days=days))
        session.rollback()
    console.print(f"The next {days} days, if nobody answers. Times of {theirs}; in brackets {ours}, the clinic's.")
    for each in foreseen:
        console.print(f"\n{_wall(each.at, theirs)} [{_wall(each.at, ours)}]  {_about(each)}", markup=False)
        for line in _lines(each):
            console.print(Padding(Text(line), (0, 0, 0, 4)))
    if not foreseen:
        console.print("Nothing is due.")


def _wall(at: datetime, time_zone: str) -> str:
    return at.astimezone(zone(time_zone)).strftime("%a %Y-%m-%d %H:%M")


def _about(each: Foreseen) -> str:
    about = WHAT.get(each.kind, each.kind.value.replace("_", " "))
    return f"{about}: {each.step}" if each.step else about


def _lines(each: Foreseen) -> list[str]:
    if each.skipped is not None:
        return [f"not sent: {each.skipped.replace('_', ' ')}"]
    return [text if own else f"to a caregiver: {text}" for own, text in each.sent] or [
        each.outcome or "nothing to send"
    ]
