"""Reads `intents/<language>/dates.yml`, the words for days and times of each language, and checks them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ContentInvalid
from bot.i18n.wishes.folding import fold
from bot.i18n.wishes.kinds import Kind, Token
from bot.i18n.wishes.lexicon import Entry, Lexicon
from bot.yaml_file import read_yaml

FILE = "dates.yml"
# An entry that begins so counts only with its accents: Vietnamese "tối" is evening, "toi" mostly "I".
EXACT = "="

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PARTS = ("morning", "afternoon", "evening")
_NAMED = (_WEEKDAYS, _PARTS, ("am", "pm"), ("day", "week", "month"), ("start", "middle", "end"))
_NAMES = {name: number for names in _NAMED for number, name in enumerate(names)}

# Sections whose keys are values: a number, a name of those above, or two of them ("1 morning").
VALUED: Mapping[str, Kind] = {
    "weekdays": Kind.WEEKDAY,
    "weekday_in_week": Kind.WEEKDAY_IN_WEEK,
    "months": Kind.MONTH,
    "weak_months": Kind.WEAK_MONTH,
    "numbers": Kind.NUMBER,
    "ordinals": Kind.ORDINAL,
    "days_ahead": Kind.AHEAD,
    "parts": Kind.PART,
    "day_and_part": Kind.DAY_PART,
    "weeks": Kind.WEEKS,
    "weekdays_again": Kind.WEEKDAYS,
    "weekends": Kind.WEEKENDS,
    "months_ahead": Kind.MONTHS,
    "next": Kind.NEXT,
    "hours": Kind.HOUR,
    "meridiem": Kind.MERIDIEM,
    "units": Kind.UNIT,
    "edges": Kind.EDGE,
}
# Sections that are one list of words.
PLAIN: Mapping[str, Kind] = {
    "this": Kind.THIS,
    "in": Kind.IN,
    "later": Kind.LATER,
    "within": Kind.WITHIN,
    "one": Kind.ONE,
    "day_before_number": Kind.DAY_BEFORE,
    "day_after_number": Kind.DAY_AFTER,
    "month_before_number": Kind.MONTH_BEFORE,
    "month_after_number": Kind.MONTH_AFTER,
    "hour_mark": Kind.HOUR_MARK,
    "half": Kind.HALF,
    "at": Kind.AT,
    "after": Kind.AFTER,
    "before": Kind.BEFORE,
    "from": Kind.FROM,
    "until": Kind.UNTIL,
    "to": Kind.TO,
    "between": Kind.BETWEEN,
    "and": Kind.AND,
    "or": Kind.OR,
    "not": Kind.NOT,
    "every": Kind.EVERY,
    # Years and seasons, which are not read: "in December next year" must not become this December.
    "beyond": Kind.NOT,
    "move": Kind.MOVE,
    "filler": Kind.FILLER,
    "clause": Kind.CLAUSE,
}
SETTINGS = frozenset({"language", "also", "order", "spaces", "accents", "bounds_follow", "dotted_dates"})
AFFIXES = frozenset({"ordinal_suffixes", "ordinal_prefixes", "prefixes"})
NEEDED = ("weekdays", "days_ahead", "parts", "weeks", "not")


def load_lexicons(intents: Path) -> dict[str, Lexicon]:
    """Each language's words by its code. Raises ContentInvalid naming the file and what is wrong in it."""
    documents = {path.parent.name: (path, _document(path)) for path in sorted(intents.glob(f"*/{FILE}"))}
    if not documents:
        raise ContentInvalid(f"{intents}/*/{FILE}: there is none; restore it from the release")
    lexicons = {}
    for code, (path, document) in documents.items():
        lexicon = _lexicon(path, code, document)
        if "also" in document:
            if document["also"] not in documents:
                raise ContentInvalid(f"{path}: also: {document['also']!r} has no {FILE}")
            other_path, other = documents[document["also"]]
            _add(lexicon, other_path, other, over=set(lexicon.entries))
        _index(lexicon)
        lexicons[code] = lexicon
    return lexicons


def empty_sections(intents: Path) -> list[str]:
    """The sections without which a language's days cannot be read, where they hold no words; each with its file."""
    return [
        f"{path}: {section} holds no words"
        for path in sorted(intents.glob(f"*/{FILE}"))
        for section, words in _document(path).items()
        if section in NEEDED and not (any(words.values()) if isinstance(words, dict) else words)
    ]


def _document(path: Path) -> dict[str, Any]:
    try:
        document = read_yaml(path)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        raise ContentInvalid(f"{path}{line}: not readable as YAML") from error
    if not isinstance(document, dict) or not isinstance(document.get("language"), str):
        raise ContentInvalid(f"{path}: the first line must be `language: CODE`")
    unknown = set(document) - SETTINGS - AFFIXES - set(VALUED) - set(PLAIN)
    if unknown:
        raise ContentInvalid(f"{path}: {', '.join(sorted(map(str, unknown)))}: no such section")
    return document


def _lexicon(path: Path, code: str, document: Mapping[str, Any]) -> Lexicon:
    if document["language"] != code:
        raise ContentInvalid(f"{path}: language must be {code}, the name of its folder")
    if document.get("order") not in ("month_first", "day_first"):
        raise ContentInvalid(f"{path}: order must be month_first or day_first")
    for section in NEEDED:
        if section not in document:
            raise ContentInvalid(f"{path}: {section} is missing")
    if not isinstance(document["weekdays"], dict) or set(document["weekdays"]) != set(_WEEKDAYS):
        raise ContentInvalid(f"{path}: weekdays must hold {', '.join(_WEEKDAYS)}")
    lexicon = Lexicon(
        language=code,
        month_first=document["order"] == "month_first",
        spaces=document.get("spaces", True),
        accents=document.get("accents", False),
        bounds_follow=document.get("bounds_follow", False),
        dotted_dates=document.get("dotted_dates", False),
        ordinal_suffixes=tuple(_words(path, "ordinal_suffixes", document.get("ordinal_suffixes"))),
        ordinal_prefixes=tuple(_words(path, "ordinal_prefixes", document.get("ordinal_prefixes"))),
        prefixes=tuple(_words(path, "prefixes", document.get("prefixes"))),
    )
    _add(lexicon, path, document, over=set())
    return lexicon


def _add(lexicon: Lexicon, path: Path, document: Mapping[str, Any], *, over: set[str]) -> None:
    """Add a document's words, leaving alone those in `over`. Raises ContentInvalid for a word of two meanings."""
    for where, token, word in _tokens(path, document):
        folded = fold(word.removeprefix(EXACT), spaces=lexicon.spaces)
        if not folded.plain:
            raise ContentInvalid(f"{path}: {where}: {word!r} holds no letters")
        if folded.plain in over:
            continue
        entry = Entry(folded.accented, token, word.startswith(EXACT))
        known = lexicon.entries.setdefault(folded.plain, [])
        for other in known:
            alike = other.accented == entry.accented or not (lexicon.accents or entry.exact or other.exact)
            if alike and other.token != token:
                raise ContentInvalid(f"{path}: {where}: {word!r} already means something else in this file")
        known.append(entry)


def _index(lexicon: Lexicon) -> None:
    for plain in lexicon.entries:
        lengths = lexicon.lengths.setdefault(plain[0], [])
        if len(plain) not in lengths:
            lengths.append(len(plain))
    for lengths in lexicon.lengths.values():
        lengths.sort(reverse=True)
    for entries in lexicon.entries.values():
        entries.sort(key=lambda entry: not entry.exact)


def _tokens(path: Path, document: Mapping[str, Any]) -> Iterator[tuple[str, Token, str]]:
    """(section and key, token, word) of each word of a document."""
    for section, kind in PLAIN.items():
        for word in _words(path, section, document.get(section)):
            yield section, Token(kind), word
    for section, kind in VALUED.items():
        values = document.get(section) or {}
        if not isinstance(values, dict):
            raise ContentInvalid(f"{path}: {section} must map values to lists of words")
        for key, words in values.items():
            token = Token(kind, _value(path, section, key))
            for word in _words(path, f"{section}: {key}", words):
                yield f"{section}: {key}", token, word


def _value(path: Path, section: str, key: object) -> tuple[int, ...]:
    try:
        return tuple(_NAMES[word] if word in _NAMES else int(word) for word in str(key).split())
    except ValueError as error:
        raise ContentInvalid(f"{path}: {section}: {key!r} is neither a number nor a name of a day or part") from error


def _words(path: Path, where: str, words: object) -> list[str]:
    """YAML's own readings of yes, no, on and numbers are refused with a hint."""
    if words is None:
        return []
    if not isinstance(words, list):
        raise ContentInvalid(f"{path}: {where} must be a list")
    for word in words:
        if not isinstance(word, str):
            raise ContentInvalid(f"{path}: {where}: put quotes around {word!r}")
    return words
