"""How the console says things: reasons, deadlines, deliveries. English, as the desk's language.

Times are the coordinator's; every short wording of an instant comes with the exact one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel import Locale, UnknownLocaleError

from bot.domain.clock import zone
from bot.domain.enums import ChannelName, CommunicationStatus, TicketReason

# Ticket reason: (headline, why the bot did not answer it itself).
REASONS: Mapping[TicketReason, tuple[str, str]] = {
    TicketReason.EMERGENCY: ("Emergency words", "the words may mean danger to life"),
    TicketReason.URGENT_SYMPTOM: ("Urgent symptom", "the words name a symptom that cannot wait"),
    TicketReason.CLINICAL: ("Clinical question", "the question asks for clinical judgement"),
    TicketReason.MISSED_DOSE: ("Missed a dose", "what to do about a missed dose asks for clinical judgement"),
    TicketReason.STOPPED_TAKING: ("Stopped taking a medicine", "stopping a medicine needs a person’s ear"),
    TicketReason.RAN_OUT: ("Ran out of a medicine", "a supply ran out"),
    TicketReason.REFILL: ("Wants a refill", "a refill has to be ordered by a person"),
    TicketReason.COST: ("Cannot pay", "the cost is a worry and help may exist"),
    TicketReason.MEDICATION_CHANGE: ("Why was a medicine changed?", "the record gives no reason for the change"),
    TicketReason.NOT_ON_RECORD: ("Asked for what is not on the record", "the answer is not on the record"),
    TicketReason.CONFLICT: ("Two visits collide", "a visit was to be confirmed that is too close to another one"),
    TicketReason.VISIT_CHANGED: ("A visit was changed by text", "the clinic’s own calendar has to know of it"),
    TicketReason.TELEHEALTH: ("Video visit does not work", "the link did not open"),
    TicketReason.RESOURCE: ("Asked for help or facts", "the list of resources has no answer"),
    TicketReason.CANCEL: ("Wants to cancel a visit", "a visit is only cancelled by a person"),
    TicketReason.RESCHEDULE: ("Wants another time", "a new time has to be found by a person"),
    TicketReason.BOOK: ("Wants a visit", "a visit has to be booked by a person"),
    TicketReason.LATE: ("Running late", "the desk has to know of it"),
    TicketReason.TRANSPORT: ("Needs a ride", "a ride has to be arranged by a person"),
    TicketReason.INTERPRETER: ("Needs an interpreter", "an interpreter has to be arranged by a person"),
    TicketReason.REMINDER_SETTINGS: ("Wants other reminders", "reminder settings are changed by a person"),
    TicketReason.PERSON: ("Asked for a person", "the person asked for it"),
    TicketReason.COMPLAINT: ("Complaint", "a complaint is heard by a person"),
    TicketReason.OVERWHELMED: ("It is all too much", "someone carries too much and needs a person"),
    TicketReason.INSURANCE: ("Insurance or bill", "insurance and bills are not on the record"),
    TicketReason.TEST_RESULTS: ("Test results", "results are told by a person"),
    TicketReason.PORTAL: ("Trouble with the portal", "the portal is outside what Northstar can see"),
    TicketReason.WRONG_NUMBER: ("Wrong number", "someone else seems to have this number"),
    TicketReason.UNKNOWN_PERSON: ("Not on the record", "the address is not on the record"),
    TicketReason.NOT_UNDERSTOOD: ("Not understood", "it was not understood twice"),
    TicketReason.ATTACHMENT: ("Sent an attachment", "pictures, voice notes and files are read by a person"),
    TicketReason.MODEL_SILENT: ("Could not be read in time", "the language model did not answer"),
    TicketReason.OPT_OUT_WITH_VISIT: ("Opted out, has a visit", "messages were stopped and a visit is coming up"),
    TicketReason.UNDELIVERED: ("A message did not arrive", "the carrier could not deliver a message"),
    TicketReason.NO_ANSWER: ("Does not answer reminders", "several reminders of medicines had no answer"),
    TicketReason.REMINDER_FAILED: ("A reminder could not be made", "it failed again and again, and was not sent"),
}
# What the bot told the person, by how its utterance keys begin; the first that fits.
TOLD: tuple[tuple[str, str], ...] = (
    ("emergency", "Given the emergency number."),
    ("self_harm", "Given the emergency number and the crisis line."),
    ("urgent", "Told to call if it gets worse."),
    ("handoff", "Told that a person will answer."),
    ("not_understood", "Told that a person will answer."),
    ("model_silent", "Told that a person will answer."),
    ("attachment", "Told that a person will look at it."),
    ("times_offer", "Offered free times."),
    ("help_offer", "Given what the clinic has on it."),
    ("visit_booked", "Told that the visit is booked."),
    ("visit_moved", "Told that the visit is moved."),
    ("visit_cancelled", "Told that the visit is called off."),
    ("unknown_person", "Told that a person will answer."),
    ("opted_out", "Told that messages stop."),
)
CHANNELS: Mapping[ChannelName, str] = {
    ChannelName.SMS: "SMS",
    ChannelName.TELEGRAM: "Telegram",
    ChannelName.WEBCHAT: "Web chat",
}
DELIVERY: Mapping[CommunicationStatus, str] = {
    CommunicationStatus.QUEUED: "waiting to be sent",
    CommunicationStatus.SENDING: "being sent",
    CommunicationStatus.UNKNOWN: "may have arrived, being checked",
    CommunicationStatus.SENT: "sent",
    CommunicationStatus.DELIVERED: "delivered",
    CommunicationStatus.FAILED: "not delivered",
    CommunicationStatus.EXPIRED: "not sent, it came too late",
    CommunicationStatus.RECEIVED: "not read yet by Northstar",
    CommunicationStatus.IN_PROGRESS: "being read by Northstar",
}
RELATIONSHIPS = {
    "SON": "son", "DAU": "daughter", "WIFE": "wife", "HUSB": "husband", "SPS": "spouse", "MTH": "mother",
    "FTH": "father", "SIS": "sister", "BRO": "brother", "CHILD": "child", "PRN": "parent", "FRND": "friend",
    "NBOR": "neighbour", "GRPRN": "grandparent", "GRNDCHILD": "grandchild", "DOMPART": "partner",
}  # fmt: skip
SCOPES = {"appointments": "visits", "medications": "medicines", "adherence": "missed doses"}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """An instant in words: `short` for the eye, `exact` on hover and for screen readers, `iso` for machines."""

    short: str
    exact: str
    iso: str
    overdue: bool = False


def count_people(count: int) -> str:
    """ "Two people", "One person", "14 people"."""
    number = NUMBERS[count] if count < len(NUMBERS) else str(count)
    return f"{number} {'person' if count == 1 else 'people'}".capitalize()


def told(keys: list[str]) -> str:
    """What the person was told, in a sentence; empty when that needs no words."""
    for key in keys:
        for start, sentence in TOLD:
            if key.startswith(start):
                return sentence
    return ""


def language_name(code: str) -> str:
    """A language as the desk calls it: "Spanish", "Chinese (Simplified)"."""
    try:
        return Locale.parse(code, sep="-").get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        return code


def intent_words(intent: str) -> str:
    """An intent's name as words: `ask_appointment_when` is "ask appointment when"."""
    return intent.replace("_", " ")


def sureness(confidence: float) -> str:
    if confidence >= 0.8:
        return "sure"
    return "fairly sure" if confidence >= 0.5 else "unsure"


def at_desk(at: datetime, time_zone: str, now: datetime) -> Moment:
    """When something happened: the time today, else the day and the time."""
    local, today = at.astimezone(zone(time_zone)), now.astimezone(zone(time_zone)).date()
    short = f"{local:%H:%M}" if local.date() == today else f"{local:%a} {local.day} {local:%b %H:%M}"
    return Moment(short=short, exact=exactly(at, time_zone), iso=at.isoformat())


def exactly(at: datetime, time_zone: str) -> str:
    """ "Sunday 22 November 2026, 17:00 EST"."""
    local = at.astimezone(zone(time_zone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M %Z}"


def due(due_at: datetime, now: datetime, time_zone: str) -> Moment:
    """A deadline in words: "due in 38 min", "due Monday 12:00", "overdue by 2 h"."""
    left = due_at - now
    if left < timedelta():
        short = f"overdue by {span(-left)}"
    elif left < timedelta(hours=6):
        short = f"due in {span(left)}"
    else:
        short = f"due {_day(due_at, now, time_zone)}"
    return Moment(short=short, exact=exactly(due_at, time_zone), iso=due_at.isoformat(), overdue=left < timedelta())


def waiting(since: datetime, now: datetime, time_zone: str) -> Moment:
    return Moment(short=f"waiting {span(now - since)}", exact=exactly(since, time_zone), iso=since.isoformat())


def span(length: timedelta) -> str:
    """A length of time in its largest unit: "38 min", "3 h", "2 days"."""
    minutes = max(int(length.total_seconds() // 60), 0)
    if minutes < 90:
        return f"{minutes} min" if minutes else "under a minute"
    hours = (minutes + 30) // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def _day(at: datetime, now: datetime, time_zone: str) -> str:
    local, today = at.astimezone(zone(time_zone)), now.astimezone(zone(time_zone)).date()
    days = (local.date() - today).days
    if days < 2:
        return f"{('today', 'tomorrow')[max(days, 0)]} {local:%H:%M}"
    return f"{local:%A %H:%M}" if days < 7 else f"{local:%a} {local.day} {local:%b %H:%M}"
