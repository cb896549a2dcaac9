"""The page's sections of what was written: reminders to come, messages, questions for a person, other systems."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

from bot.domain.enums import Author, CommunicationStatus, TimerKind
from bot.fhir.export.gathering import PatientFile
from bot.fhir.export.kept import kept_documents
from bot.fhir.export.medicines import name_of
from bot.fhir.export.messages import is_secret
from bot.fhir.export.page_parts import Bubble, Entry, Group, Section, Speech, told
from bot.fhir.export.page_record import CHANNELS
from bot.fhir.export.threads import SharedTicket
from bot.fhir.taking import words_of
from bot.fhir.times import read_instant
from bot.i18n import file_page as labels
from bot.records import Communication, Timer

LOST = (CommunicationStatus.FAILED, CommunicationStatus.EXPIRED)
# Where another system says when something was.
WHEN = ("recordedDate", "onsetDateTime", "sent", "created")


def talk_sections(file: PatientFile, speech: Speech) -> list[Section]:
    """What is to come first, then what was said."""
    names = _writers(file)
    shared = file.correspondence.tickets
    reminders = Entry(heading="", facts=[_reminder(file, each, speech) for each in file.reminders])
    by_day = groupby(file.correspondence.messages, key=lambda message: speech.day(message.created_at))
    days = [Group(title=day, bubbles=[_bubble(file, each, names, speech) for each in said]) for day, said in by_day]
    tickets = [_ticket(each, names, speech) for each in shared]
    return [
        Section(
            key="reminders",
            title=speech.text(labels.REMINDERS),
            groups=[Group(entries=[reminders] if reminders.facts else ())],
        ),
        Section(key="messages", title=speech.text(labels.MESSAGES_SENT), groups=days),
        Section(key="questions", title=speech.text(labels.QUESTIONS), groups=[Group(entries=tickets)]),
        Section(key="others", title=speech.text(labels.OTHER_RECORDS), groups=_other_records(file, speech)),
    ]


def _writers(file: PatientFile) -> Mapping[UUID, str]:
    """The caregivers' names by id."""
    return {each.related_person_id: each.related_person.name for each in file.consents}


def _reminder(file: PatientFile, timer: Timer, speech: Speech) -> tuple[str, str]:
    if timer.kind is TimerKind.DOSE_REMINDER:
        names = {str(each.id): name_of(each) for each in file.medicines}
        what = [names[each] for each in timer.subject["requests"] if each in names]
    else:
        visits = {str(each.id): each for each in file.visits}
        visit = visits[timer.subject["appointment"]]
        what = [speech.words(visit.description) or speech.text(labels.VISITS), speech.moment(visit.starts_at)]
    return speech.moment(timer.due_at), " · ".join(part for part in what if part)


def _bubble(file: PatientFile, message: Communication, names: Mapping[UUID, str], speech: Speech) -> Bubble:
    is_person = message.author is Author.PERSON
    caregiver = file.correspondence.writers.get(message.conversation_id)
    person = names.get(caregiver, "") if caregiver else file.patient.name
    media = "".join(f"\n[{kind}]" for kind in message.detail.get("media", ()))
    options = "".join(f"\n{digit} {label}" for digit, label in message.detail.get("options", ()))
    channel = CHANNELS[message.channel]
    lost = speech.text(labels.NOT_DELIVERED) if message.status in LOST else None
    return Bubble(
        by=person if is_person else file.clinic if caregiver is None else f"{file.clinic} → {person}",
        at=speech.formats.time_of_day(message.created_at, speech.time_zone),
        text=speech.text(labels.CODE) if is_secret(message) else f"{message.body}{options}{media}".strip(),
        note=" · ".join(part for part in (channel, lost) if part),
        is_own=is_person,
    )


def _ticket(shared: SharedTicket, names: Mapping[UUID, str], speech: Speech) -> Entry:
    ticket = shared.ticket
    answered = speech.moment(ticket.answered_at) if ticket.answered_at else None
    asker = names.get(shared.related_person_id) if shared.related_person_id else None
    when = speech.moment(ticket.opened_at)
    return Entry(
        heading=f"{when} – {asker}" if asker else when,
        tag="" if answered or ticket.resolved_at else speech.text(labels.NO_ANSWER),
        lines=[str(text) for text in ticket.facts.get("words", ())] if shared.whole else (),
        facts=told((speech.text(labels.ANSWERED), answered)),
    )


def _other_records(file: PatientFile, speech: Speech) -> list[Group]:
    by_kind: dict[str, list[Entry]] = {}
    for _, document in kept_documents(file):
        by_kind.setdefault(document["resourceType"], []).append(_other(document, speech))
    titles = {kind: speech.text(labels.KINDS[kind]) if kind in labels.KINDS else kind for kind in by_kind}
    return [Group(title=titles[kind], entries=entries) for kind, entries in sorted(by_kind.items())]


def _other(document: Mapping[str, Any], speech: Speech) -> Entry:
    """The words of a document of another system; its codes stand in the other file."""
    first, *more = [*dict.fromkeys(_words(document)), ""]
    told_at = (read_instant(str(document[name]), speech.time_zone) for name in WHEN if name in document)
    day = next((speech.day(at) for at in told_at if at), "")
    return Entry(heading=first or day, tag=day if first else "", lines=[line for line in more if line])


def _words(document: Mapping[str, Any]) -> Iterator[str]:
    for name in ("title", "name", "description"):
        if isinstance(document.get(name), str):
            yield document[name]
    concept = document.get("code")
    if isinstance(concept, Mapping) and (said := words_of(concept)):
        yield said
    for name, inside in (("payload", "contentString"), ("note", "text")):
        listed = document.get(name)
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, Mapping) and isinstance(each.get(inside), str):
                yield each[inside]
