"""One entry of the list of everything the bot can say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.enums import Disclosure
from bot.i18n.messages import Message


class Kind(StrEnum):
    """The type of a parameter. Values are JSON; Babel formats them when the utterance is rendered.

    date, time, date_time, day_and_time: {"at": "2026-11-26T15:30:00Z", "time_zone": "America/New_York"};
    count: a whole number; dosage: a list of FHIR R4 Dosage; words: the clinic's own words by language,
    {"en": "...", "es": "..."}, may be empty; phone (E.164) and url (http or https), may be empty; digits: a code or a
    short number;
    when: days that somebody would like, {"first": "2026-12-01", "last": "2026-12-01", "part": "morning"} with
    optional "part" (morning, afternoon, evening), "after", "before" and "at" (local wall time "17:00");
    items: [[key, params], ...], one line each; choices: names, numbered from 1; any_of: names with "or".
    """

    TEXT = "text"
    NAME = "name"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date_time"
    DAY_AND_TIME = "day_and_time"
    COUNT = "count"
    DOSAGE = "dosage"
    WORDS = "words"
    PHONE = "phone"
    DIGITS = "digits"
    URL = "url"
    ITEMS = "items"
    CHOICES = "choices"
    ANY_OF = "any_of"
    WHEN = "when"


# Every utterance may use these; they come from the deployment unless the caller gives others.
DEFAULT_PARAMS: Mapping[str, Kind] = {"clinic": Kind.TEXT, "url": Kind.URL, "nurse_line": Kind.PHONE}


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """`level` is the least disclosure at which it may be sent; below it, `minimal` is sent instead."""

    key: str
    message: Message
    level: Disclosure
    minimal: str | None
    params: Mapping[str, Kind] = field(default_factory=dict)

    def kind(self, name: str) -> Kind:
        """Raises KeyError for a name that is neither declared nor a default."""
        return self.params[name] if name in self.params else DEFAULT_PARAMS[name]

    @property
    def needed(self) -> frozenset[str]:
        """Declared parameters and the defaults that the text uses."""
        return frozenset(self.params) | self.message.placeholders


def say(
    key: str,
    english: str,
    *,
    level: Disclosure = Disclosure.GENERIC,
    minimal: str | None = None,
    **params: Kind,
) -> Utterance:
    """An utterance; key and English are extracted for translators."""
    source = Message(context=key, english=english)
    return Utterance(key=key, message=source, level=level, minimal=minimal, params=params)


def say_count(
    key: str,
    english: str,
    plural: str,
    *,
    level: Disclosure = Disclosure.GENERIC,
    minimal: str | None = None,
    **params: Kind,
) -> Utterance:
    """As `say`, where the parameter `count` chooses the plural form."""
    source = Message(context=key, english=english, plural=plural)
    return Utterance(key=key, message=source, level=level, minimal=minimal, params=params)
