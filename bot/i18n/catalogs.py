"""gettext catalogs, read from the `.po` files themselves, so that a changed wording needs no compile step."""

import gettext
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from bot.domain.errors import ContentInvalid
from bot.i18n.languages import LOCALES, SOURCE, Language, load_languages
from bot.i18n.messages import Message, placeholders
from bot.i18n.nearest import nearest_language

DOMAIN = "patient"


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A message that a language cannot say, and why: missing, fuzzy, or its placeholders differ."""

    language: str
    context: str
    english: str
    reason: str


class Catalogs:
    """Every language's words, parsed once. A missing or broken text falls back, at last to English."""

    def __init__(
        self, languages: Mapping[str, Language], parsed: Mapping[str, Catalog], released: Collection[str] | None = None
    ) -> None:
        """`released`: the languages in which the clinic writes, English always; None means all that there are."""
        self.languages = languages
        self.released = frozenset(languages if released is None else {SOURCE, *released})
        self._parsed = parsed
        self._plural_form = {code: _plural_rule(code, catalog) for code, catalog in parsed.items()}

    @classmethod
    def load(cls, folder: Path = LOCALES, released: Collection[str] | None = None) -> "Catalogs":
        """Raises ContentInvalid when the registry or a catalog cannot be read."""
        languages = load_languages(folder)
        return cls(languages, {code: _read(folder, code) for code in languages}, released)

    def known(self, language: str) -> str:
        """The registered language nearest to a BCP 47 tag: `es-MX` is `es`; an unknown one is English."""
        if language in self.languages:
            return language
        return nearest_language(language, self.languages) or SOURCE

    def written(self, language: str) -> str:
        """The language in which somebody who speaks this one is written to: a released one."""
        return next(code for code in self.chain(language) if code in self.released)

    def chain(self, language: str) -> list[str]:
        """The languages to try, in order; English is always the last."""
        chain: list[str] = []
        code: str | None = self.known(language)
        while code is not None and code not in chain:
            chain.append(code)
            code = self.languages[code].fallback
        return chain if SOURCE in chain else [*chain, SOURCE]

    def locale(self, language: str) -> Locale:
        return self.languages[self.known(language)].locale

    def text(self, message: Message, language: str, count: int = 1) -> str:
        """The message's template in the language. `count` chooses the plural by the language's own rule."""
        for code in self.chain(language):
            found = self._translation(message, code, count)
            if found and not _fault(message, found, count):
                return found
        return message.plural if message.plural and count != 1 else message.english

    def gaps(self, language: str, messages: Iterable[Message]) -> tuple[Gap, ...]:
        """What a translator still has to do. English has none: its source stands in the program."""
        if language == SOURCE:
            return ()
        found = ((message, self._gap(message, language)) for message in messages)
        return tuple(
            Gap(language=language, context=message.context, english=message.english, reason=reason)
            for message, reason in found
            if reason
        )

    def _gap(self, message: Message, code: str) -> str | None:
        entry = self._parsed[code].get(message.english, message.context)
        if entry is None or not entry.string or not any(entry.string):
            return "missing"
        if entry.fuzzy:
            return "fuzzy"
        forms = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
        # Every form but the first has to show the count; the first may say "once".
        faults = (_fault(message, form, 2 if index else 1) for index, form in enumerate(forms))
        return next((fault for fault in faults if fault), None)

    def _translation(self, message: Message, code: str, count: int) -> str | None:
        entry = self._parsed[code].get(message.english, message.context)
        if entry is None or entry.fuzzy or not entry.string:
            return None
        if isinstance(entry.string, str):
            return entry.string
        form = self._plural_form[code](count)
        return entry.string[form] if form < len(entry.string) else None


def _fault(message: Message, translation: str, count: int) -> str | None:
    if not translation:
        return "missing"
    try:
        names = placeholders(translation)
    except ValueError:
        return "braces that do not match"
    optional = frozenset({"count"}) if message.plural and count == 1 else frozenset()
    return None if names | optional == message.placeholders | optional else "placeholders differ"


def _read(folder: Path, code: str) -> Catalog:
    path = folder / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    try:
        with path.open("rb") as file:
            return read_po(file, locale=Locale.parse(code, sep="-"), domain=DOMAIN, abort_invalid=True)
    except (OSError, PoFileError, UnicodeDecodeError) as error:
        raise ContentInvalid(f"{code}/LC_MESSAGES/{path.name}: {error}") from error


def _plural_rule(code: str, catalog: Catalog) -> Callable[[int], int]:
    try:
        return gettext.c2py(catalog.plural_expr)
    except ValueError as error:
        raise ContentInvalid(f"{code}/LC_MESSAGES/{DOMAIN}.po: Plural-Forms: {error}") from error
