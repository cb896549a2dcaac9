"""From a key and JSON parameters to the words that one person receives."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.enums import Disclosure
from bot.domain.errors import UnknownTimeZone
from bot.i18n.catalogs import Catalogs, Gap
from bot.i18n.dosage_words import MESSAGES as DOSAGE_MESSAGES
from bot.i18n.errors import BadParameter, UnknownUtterance
from bot.i18n.file_page import MESSAGES as FILE_MESSAGES
from bot.i18n.formats import MESSAGES as FORMAT_MESSAGES
from bot.i18n.formats import Formats
from bot.i18n.languages import SOURCE
from bot.i18n.messages import Message
from bot.i18n.parameters import format_parameter, whole
from bot.i18n.utterances import UTTERANCES
from bot.i18n.utterances.entry import DEFAULT_PARAMS, Kind, Utterance


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What is sent. `key` and `params` are those of the chosen variant, without what it withheld."""

    text: str
    key: str
    params: Mapping[str, Any]


class Words:
    """Renders utterances. `defaults`: `clinic`, `url` and `nurse_line`, for callers that give none.

    `record_language` is the language in which clinicians write free text into doses.
    """

    def __init__(self, catalogs: Catalogs, *, defaults: Mapping[str, Any], record_language: str = SOURCE) -> None:
        unknown = set(defaults) - set(DEFAULT_PARAMS)
        if unknown:
            raise ValueError(f"not defaults: {', '.join(sorted(unknown))}")
        self.catalogs = catalogs
        self._defaults = {name: value for name, value in defaults.items() if value is not None}
        self._record_language = record_language
        self._formats = {code: Formats(catalogs, code) for code in catalogs.languages}

    def render(self, key: str, params: Mapping[str, Any], language: str, level: Disclosure) -> Rendered:
        """The utterance in the language, or its minimal variant where `level` does not allow it.

        A language that is not released gives way to the one that stands in for it.

        Raises UnknownUtterance and BadParameter.
        """
        utterance = self._allowed(key, level)
        given = {name: value for name, value in params.items() if name in utterance.needed}
        formats = self._formats[self.catalogs.written(language)]
        shown = {name: self._shown(utterance, name, given, formats, level) for name in utterance.needed}
        count = self._whole_count(utterance, given)
        template = self.catalogs.text(utterance.message, formats.language, count)
        return Rendered(text=_tidy(template.format_map(shown)), key=utterance.key, params=given)

    def plain(self, key: str, params: Mapping[str, Any]) -> str:
        """The same in English, for staff, of what was already sent."""
        return self.render(key, params, SOURCE, Disclosure.FULL).text

    def gaps(self, language: str) -> tuple[Gap, ...]:
        """What the language cannot say yet; see Catalogs.gaps."""
        return self.catalogs.gaps(language, all_messages())

    def _allowed(self, key: str, level: Disclosure) -> Utterance:
        utterance = UTTERANCES.get(key)
        if utterance is None:
            raise UnknownUtterance(key)
        if level >= utterance.level:
            return utterance
        if utterance.minimal is None:
            raise UnknownUtterance(f"{key} has no variant for disclosure {level.name}")
        return self._allowed(utterance.minimal, level)

    def _shown(
        self, utterance: Utterance, name: str, given: Mapping[str, Any], formats: Formats, level: Disclosure
    ) -> str:
        value = given.get(name, None if name in utterance.params else self._defaults.get(name))
        if value is None:
            raise BadParameter(f"{utterance.key}: {name} is missing")
        kind = utterance.kind(name)
        try:
            if kind is Kind.ITEMS:
                return self._items(value, formats.language, level)
            return format_parameter(kind, value, formats, self._record_language)
        except (ValueError, TypeError, KeyError, AttributeError, UnknownTimeZone):
            # The value itself must not reach a log, so the cause is not chained.
            raise BadParameter(f"{utterance.key}: {name} is not of kind {kind}") from None

    def _items(self, value: Iterable[Any], language: str, level: Disclosure) -> str:
        lines = [self.render(key, params, language, level).text for key, params in value]
        return "\n".join(dict.fromkeys(lines))

    def _whole_count(self, utterance: Utterance, given: Mapping[str, Any]) -> int:
        return whole(given["count"]) if utterance.message.plural else 1


def _tidy(text: str) -> str:
    """Without the empty lines of absent parts and the second full stop after "10:30 a.m."."""
    return re.sub(r"(?<!\.)\.\.(?!\.)", ".", re.sub(r"\n\s*\n", "\n", text)).strip()


def all_messages() -> tuple[Message, ...]:
    """Everything that a language has to say."""
    return (*(each.message for each in UTTERANCES.values()), *FORMAT_MESSAGES, *DOSAGE_MESSAGES, *FILE_MESSAGES)
