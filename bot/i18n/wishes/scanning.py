"""A text becomes tokens: words of the lexicon, numbers, and gaps where nothing is known."""

import re

from bot.i18n.wishes.folding import Folded, fold, is_letter
from bot.i18n.wishes.kinds import Kind, Token
from bot.i18n.wishes.lexicon import Lexicon

_ISO = re.compile(r"(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_FULL_DATE = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(20\d\d|\d\d)(?!\d)")
_SHORT_DATE = re.compile(r"(\d{1,2})/(\d{1,2})(?![\d/])")
_DOTTED_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.?(?![\d:])")
_CLOCK = re.compile(r"(\d{1,2})(?: ?h ?|:|\.)(\d{2})(?!\d| ?h)")
_YEAR = re.compile(r"(20\d\d)(?!\d) ?(?:年|년)?")
_NUMBER = re.compile(r"\d+")
_BREAKS = frozenset('.,;!?\n。、؟،؛।…()"«»“”')
_DASHES = frozenset("-–—~〜")
_MOST_IN_A_MONTH = 31
_LAST_HOUR, _LAST_MINUTE = 23, 59


def scan(text: str, lexicon: Lexicon) -> list[Token]:
    """The tokens of a text, without fillers, and with neighbouring gaps as one."""
    folded = fold(text, spaces=lexicon.spaces)
    tokens: list[Token] = []
    position = 0
    while position < len(folded.plain):
        token, position = _next(folded, position, lexicon)
        repeated = tokens and token.kind in (Kind.GAP, Kind.CLAUSE) and tokens[-1].kind is token.kind
        if token.kind is not Kind.FILLER and not repeated:
            tokens.append(token)
    return tokens


def _next(text: Folded, start: int, lexicon: Lexicon) -> tuple[Token, int]:
    first = text.plain[start]
    if first == " ":
        return Token(Kind.FILLER), start + 1
    known = _word(text, start, lexicon) or (_number(text.plain, start, lexicon) if first.isdigit() else None)
    if known is not None:
        return known
    if first in _DASHES:
        return Token(Kind.TO), start + 1
    if first in _BREAKS:
        return Token(Kind.CLAUSE), start + 1
    return Token(Kind.GAP), _end_of_word(text.plain, start, lexicon)


def _word(text: Folded, start: int, lexicon: Lexicon) -> tuple[Token, int] | None:
    """A word of the lexicon, also behind an article or preposition that is written onto it, or a prefixed number."""
    found = lexicon.match(text, start)
    if found is not None:
        return found
    for prefix in lexicon.prefixes:
        after = start + len(prefix)
        if text.plain.startswith(prefix, start) and after < len(text.plain) and is_letter(text.plain[after]):
            found = lexicon.match(text, after)
            if found is not None:
                return found
    for prefix in lexicon.ordinal_prefixes:
        match = re.compile(r" ?(\d{1,2})(?!\d)").match(text.plain, start + len(prefix))
        if match is not None and text.plain.startswith(prefix, start):
            return Token(Kind.NTH, (int(match[1]),)), match.end()
    return None


def _number(plain: str, start: int, lexicon: Lexicon) -> tuple[Token, int] | None:
    iso = _ISO.match(plain, start)
    if iso is not None:
        return Token(Kind.DATE, (int(iso[3]), int(iso[2]), int(iso[1]))), iso.end()
    full = _FULL_DATE.match(plain, start)
    if full is not None:
        year = int(full[4]) if len(full[4]) > 2 else 2000 + int(full[4])
        return Token(Kind.DATE, (*_day_and_month(full[1], full[3], lexicon), year)), full.end()
    short = _SHORT_DATE.match(plain, start)
    if short is None and lexicon.dotted_dates:
        short = _DOTTED_DATE.match(plain, start)
    if short is not None:
        return Token(Kind.DATE, _day_and_month(short[1], short[2], lexicon)), short.end()
    clock = _CLOCK.match(plain, start)
    if clock is not None and int(clock[1]) <= _LAST_HOUR and int(clock[2]) <= _LAST_MINUTE:
        return Token(Kind.CLOCK, (int(clock[1]), int(clock[2]))), clock.end()
    return _year_or_count(plain, start, lexicon)


def _year_or_count(plain: str, start: int, lexicon: Lexicon) -> tuple[Token, int]:
    year = _YEAR.match(plain, start)
    if year is not None:
        return Token(Kind.YEAR, (int(year[1]),)), year.end()
    match = _NUMBER.match(plain, start)
    if match is None:
        # A digit of no value, such as one in a circle.
        return Token(Kind.GAP), start + 1
    end, number = match.end(), int(match[0][:9])
    if len(match[0]) > 2 or number > _MOST_IN_A_MONTH:
        return Token(Kind.GAP), end
    for suffix in lexicon.ordinal_suffixes:
        behind = end + (plain[end : end + 1] in ("-", " ") and not suffix[0].isspace())
        for begin in {end, behind}:
            stop = begin + len(suffix)
            if plain.startswith(suffix, begin) and not (stop < len(plain) and is_letter(plain[stop])):
                return Token(Kind.NTH, (number,)), stop
    return Token(Kind.NUMBER, (number,)), end


def _day_and_month(one: str, other: str, lexicon: Lexicon) -> tuple[int, int]:
    """In the order of the language, unless only the other one is a date."""
    first, second = int(one), int(other)
    day, month = (second, first) if lexicon.month_first else (first, second)
    return (month, day) if month > 12 >= day else (day, month)


def _end_of_word(plain: str, start: int, lexicon: Lexicon) -> int:
    """One character where words are not spaced, but a Latin word there is one too."""
    end = start + 1
    if not is_letter(plain[start]) or not (lexicon.spaces or plain[start].isascii()):
        return end
    while end < len(plain) and is_letter(plain[end]) and (lexicon.spaces or plain[end].isascii()):
        end += 1
    return end
