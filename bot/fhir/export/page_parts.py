"""What the page is made of, and how it says things in the patient's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import get_timezone_location

from bot.fhir.export.gathering import PatientFile
from bot.i18n.dosage import describe_dosage
from bot.i18n.formats import Formats, plain_spaces
from bot.i18n.languages import SOURCE
from bot.i18n.messages import Message
from bot.i18n.parameters import format_parameter
from bot.i18n.render import Words
from bot.i18n.utterances import UTTERANCES
from bot.i18n.utterances.entry import Kind


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing on record: `tag` is its state, `lines` are words, `facts` are (label, words) pairs."""

    heading: str
    tag: str = ""
    lines: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """One message; `is_own`: the patient wrote it. `note` says how it went where that matters."""

    by: str
    at: str
    text: str
    note: str
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    """Entries, or messages, under one smaller heading, which may be empty."""

    title: str = ""
    entries: Sequence[Entry] = ()
    bubbles: Sequence[Bubble] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    key: str
    title: str
    groups: Sequence[Group]

    @property
    def is_empty(self) -> bool:
        return not any(group.entries or group.bubbles for group in self.groups)


class Speech:
    """Says things in the language in which the clinic writes to this patient, at the patient's own clock."""

    def __init__(self, file: PatientFile, words: Words) -> None:
        self._words = words
        self.time_zone = file.patient.time_zone
        self.language = words.catalogs.written(file.patient.language)
        self.formats = Formats(words.catalogs, self.language)

    @property
    def direction(self) -> str:
        return self._words.catalogs.languages[self.language].direction

    def text(self, message: Message, **params: str) -> str:
        return self._words.catalogs.text(message, self.language).format(**params)

    def option(self, key: str) -> str:
        """A label of the bot's own buttons."""
        return self.text(UTTERANCES[key].message)

    def refills(self, name: str, count: int) -> str:
        template = self._words.catalogs.text(UTTERANCES["medication_refills"].message, self.language, count)
        return template.format(name=name, count=self.formats.number(count))

    def native_name(self, language: str) -> str:
        return self._words.catalogs.languages[self._words.catalogs.known(language)].native_name

    def day(self, at: datetime) -> str:
        return self.formats.full_date(at, self.time_zone)

    def moment(self, at: datetime, time_zone: str | None = None) -> str:
        """A day and a time; of another zone than the patient's with its city."""
        there = time_zone or self.time_zone
        text = self.formats.date_time(at, there)
        return text if there == self.time_zone else f"{text} ({self.place(there)})"

    def place(self, time_zone: str) -> str:
        """The city, or the country, whose clocks a zone means."""
        return plain_spaces(get_timezone_location(time_zone, locale=self.formats.locale, return_city=True))

    def words(self, by_language: Mapping[str, str] | None) -> str:
        """The clinic's words in the patient's language, else with a note of theirs; empty for none."""
        return format_parameter(Kind.WORDS, by_language or {}, self.formats, SOURCE)

    def dosage(self, dosages: Sequence[Mapping[str, Any]]) -> str:
        return describe_dosage(dosages, self.formats, SOURCE)


def told(*facts: tuple[str, str | None]) -> list[tuple[str, str]]:
    """The facts of which something is known."""
    return [(label, words) for label, words in facts if words]
