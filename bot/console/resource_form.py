"""The form of one resource: what a coordinator typed, what is wrong with it, and what of it is stored."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from bot.care.resource_words import ANY_WORDS
from bot.channels.phone_numbers import as_e164
from bot.console.phrases import language_name
from bot.domain.enums import ResourceTopic
from bot.records import ClinicResource
from bot.web.pages import Form

# Part: (label, most characters, hint). The answer and its name have to fit into one text message.
PARTS: Mapping[str, tuple[str, int, str]] = {
    "name": ("Name", 80, ""),
    "summary": ("Answer", 300, "What people are sent, in plain words."),
    "hours": ("Hours", 120, ""),
    "eligibility": ("Who can use it", 200, ""),
    "keywords": ("Other words people use for it", 300, "Words or short phrases with commas between them."),
}
FIELDS = ("topic", "place", "location", "phone", "url", "expires_on")
LONGEST_PLACE, LONGEST_URL, LONGEST_KEYWORD = 200, 300, 40
MOST_KEYWORDS = 20
COMMA = re.compile(r"[,،，、;\n]")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The fields as they are typed, by their names on the page: `topic`, `summary-es`."""

    languages: Sequence[str]
    fields: Mapping[str, str]

    def is_written(self, language: str) -> bool:
        return any(self.fields[f"{part}-{language}"].strip() for part in PARTS)


# Field: what to do about it.
Problems = Mapping[str, str]


def typed(form: Form, languages: Sequence[str]) -> Draft:
    """What was posted."""
    return Draft(languages=languages, fields={name: form.get(name, "") for name in _names(languages)})


def empty(languages: Sequence[str]) -> Draft:
    return Draft(languages=languages, fields=dict.fromkeys(_names(languages), ""))


def draft_of(row: ClinicResource, languages: Sequence[str]) -> Draft:
    """What is stored, as it would be typed."""
    fields = {
        "topic": row.topic.value,
        "place": row.place,
        "location": str(row.location_id or ""),
        "phone": row.phone or "",
        "url": row.url or "",
        "expires_on": row.expires_on.isoformat(),
    }
    for language in languages:
        for part in PARTS:
            stored = getattr(row, part).get(language, "")
            fields[f"{part}-{language}"] = stored if isinstance(stored, str) else ", ".join(stored)
    return Draft(languages=languages, fields=fields)


def find_problems(draft: Draft, *, locations: Collection[UUID], earliest: date | None) -> Problems:
    """What keeps the draft from being stored; empty when nothing does. `earliest` is the first date that will do."""
    problems = {name: said for name, check in CHECKS.items() if (said := check(draft.fields[name].strip()))}
    if draft.fields["location"] not in {"", *map(str, locations)}:
        problems["location"] = "Choose one of the clinic’s places."
    chosen = _date(draft.fields["expires_on"])
    if chosen is None:
        problems["expires_on"] = "Give the last day on which it is true, as year-month-day: 2027-03-31."
    elif earliest is not None and chosen < earliest:
        problems["expires_on"] = "That day is over. Choose today or a later day."
    written = [language for language in draft.languages if draft.is_written(language)]
    for language in written or draft.languages[:1]:
        problems.update(_text_problems(draft, language))
    return problems


def columns(draft: Draft) -> dict[str, Any]:
    """The column values of a draft without problems."""
    fields = {name: value.strip() for name, value in draft.fields.items()}
    texts = {
        part: {code: fields[f"{part}-{code}"] for code in draft.languages if fields[f"{part}-{code}"]} for part in PARTS
    }
    return {
        **texts,
        "keywords": {code: keywords(words) for code, words in texts["keywords"].items()},
        "topic": ResourceTopic(fields["topic"]),
        "place": fields["place"],
        "location_id": UUID(fields["location"]) if fields["location"] else None,
        "phone": as_e164(fields["phone"]) if fields["phone"] else None,
        "url": fields["url"] or None,
        "expires_on": date.fromisoformat(fields["expires_on"]),
    }


def keywords(text: str) -> list[str]:
    """The words of a list with commas, of any script, each once."""
    return list(dict.fromkeys(word.strip() for word in COMMA.split(text) if word.strip()))


def _names(languages: Sequence[str]) -> Iterator[str]:
    yield from FIELDS
    yield from (f"{part}-{language}" for language in languages for part in PARTS)


def _text_problems(draft: Draft, language: str) -> Iterator[tuple[str, str]]:
    for part, (label, most, _hint) in PARTS.items():
        name, text = f"{part}-{language}", draft.fields[f"{part}-{language}"].strip()
        if not text and part in {"name", "summary"}:
            yield name, f"{label} is missing in {language_name(language)}. Each language needs a name and an answer."
        elif len(text) > most:
            yield name, f"This is {len(text)} characters long; {most} fit."
        elif part == "keywords" and (said := _keyword_problem(keywords(text))):
            yield name, said


def _keyword_problem(words: Sequence[str]) -> str:
    if len(words) > MOST_KEYWORDS:
        return f"These are {len(words)} words or phrases; {MOST_KEYWORDS} fit."
    for word in words:
        if len(word) > LONGEST_KEYWORD or ANY_WORDS in word or not any(letter.isalpha() for letter in word):
            return f"“{word[:LONGEST_KEYWORD]}” is no short phrase. Use words, with commas between them."
    return ""


def _topic_problem(topic: str) -> str:
    return "" if topic in set(ResourceTopic) else "Choose what it is about."


def _place_problem(place: str) -> str:
    return "" if len(place) <= LONGEST_PLACE else f"This is {len(place)} characters long; {LONGEST_PLACE} fit."


def _phone_problem(phone: str) -> str:
    if not phone or (phone.startswith("+") and as_e164(phone)):
        return ""
    return "Write the number with a plus and the country’s code: +1 212 555 0100."


def _url_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    else:
        if not url or (parts.scheme == "https" and "." in host and len(url) <= LONGEST_URL and url.isprintable()):
            return "" if " " not in url else "An address holds no spaces."
    return f"Write the whole address, beginning with https:// and at most {LONGEST_URL} characters long."


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


CHECKS: Mapping[str, Callable[[str], str]] = {
    "topic": _topic_problem,
    "place": _place_problem,
    "phone": _phone_problem,
    "url": _url_problem,
}
