"""Which of some languages is meant by a BCP 47 code that is written another way: "es-419", "zh-CN", "tl"."""

from collections.abc import Iterable
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global


def nearest_language(code: str, known: Iterable[str]) -> str | None:
    """The known language with the same language and script, whatever the region; None when there is none."""
    wanted = _language_and_script(code)
    return None if wanted is None else next((each for each in known if _language_and_script(each) == wanted), None)


@cache
def _language_and_script(code: str) -> tuple[str, str | None] | None:
    try:
        locale = Locale.parse(code.strip().replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return (alias, None) if (alias := _alias(code)) else None
    language = _alias(locale.language) or locale.language
    return language, locale.script or _likely_script(locale)


def _alias(code: str) -> str | None:
    """CLDR's present code of a language: "fil" of "tl"; the code itself where Babel has no data for it."""
    first = code.strip().lower().partition("-")[0]
    if not (2 <= len(first) <= 3 and first.isalpha()):
        return None
    return str(get_global("language_aliases").get(first, first))


def _likely_script(locale: Locale) -> str | None:
    likely = get_global("likely_subtags")
    for key in (f"{locale.language}_{locale.territory}", locale.language):
        if key in likely:
            return Locale.parse(likely[key]).script
    return None
