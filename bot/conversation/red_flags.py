"""Emergency and crisis phrases: the layer that needs no model, no network and no consent.

Phrases are matched on normalised text as whole words; `*` stands for one to three words, `##` for a number of two
digits or more ("took ## pills"). In scripts that put no spaces between words a phrase matches anywhere, its spaces may
be missing, and `*` stands for one to six characters. A near-miss that covers the matched words ("no chest pain") keeps
phrases of its category and severity, of any language, from firing there, not elsewhere in the text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.conversation.normalise import normalise
from bot.conversation.phrases import language_documents, strings
from bot.domain.enums import Severity
from bot.domain.errors import ContentInvalid

CLAUSE_END = re.compile(r"[.,;:!?\n…。，！？；、؟،।]+")
WILDCARDS = {"*": r"\S+(?: \S+){0,2}?", "##": r"\d{2,}"}
WITHOUT_SPACES = {"*": r"\S.{0,5}?", "##": r"\d{2,}"}
SCRIPTS_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
# Where a phrase matches anywhere: those, and Hangul, which has spaces that people put where they like.
ANYWHERE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
ANCHOR_CHARACTERS = 2


@dataclass(frozen=True, kw_only=True)
class RedFlag:
    """`language` is that of the phrase that fired, BCP 47."""

    category: str
    severity: Severity
    language: str


@dataclass(frozen=True, kw_only=True)
class _Phrase:
    """A phrase or a near-miss; `fires` is None for a near-miss. `anchor` stands in every text that it matches.

    A near-miss spares the phrases of its own category and severity: a nosebleed that does not stop may be urgent while
    it is no emergency.
    """

    category: str
    severity: Severity
    fires: RedFlag | None
    anchor: str
    pattern: str


class RedFlags:
    """All languages at once: people in danger do not mind which language is set.

    Twelve languages have some twenty thousand phrases, so only those are tried of which one word is in the text.
    """

    def __init__(self, intents: Path) -> None:
        """Raises ContentInvalid."""
        self._by_anchor: dict[str, list[_Phrase]] = {}
        for language, document in language_documents(intents, "red_flags.yml"):
            for phrase in _phrases(language, document):
                self._by_anchor.setdefault(phrase.anchor, []).append(phrase)

    def match(self, text: str, language: str | None = None) -> RedFlag | None:
        """The gravest flag in the text: emergencies first, then a phrase of the person's own language."""
        clauses = [clause for clause in map(normalise, CLAUSE_END.split(text)) if clause]
        tried = [phrase for anchor in _anchors(clauses) for phrase in self._by_anchor.get(anchor, ())]
        found = {phrase.fires for phrase in tried if phrase.fires and _fires(phrase, tried, clauses)}
        return min(
            found,
            key=lambda flag: (flag.severity is not Severity.EMERGENCY, flag.language != language, flag.category),
            default=None,
        )


def _phrases(language: str, document: dict[str, object]) -> Iterator[_Phrase]:
    where = f"intents/{language}/red_flags.yml"
    flags = document.get("flags")
    if not isinstance(flags, list):
        raise ContentInvalid(f"{where}: `flags` must be a list of categories")
    for entry in flags:
        try:
            flag = RedFlag(category=str(entry["category"]), severity=Severity(entry["severity"]), language=language)
        except (KeyError, TypeError, ValueError) as error:
            raise ContentInvalid(f"{where}: each flag needs a category and a severity (emergency or urgent)") from error
        phrases = list(_read(strings(entry, "phrases", where), flag, fires=True))
        if not phrases:
            raise ContentInvalid(f"{where}: {flag.category} has no phrases")
        yield from phrases
        yield from _read(strings(entry, "near_misses", where), flag, fires=False)


def _read(phrases: Iterable[str], flag: RedFlag, *, fires: bool) -> Iterator[_Phrase]:
    """Each phrase with its pattern. One of wildcards alone would match anything, so it is left out."""
    for phrase in phrases:
        literal = [word for word in phrase.split() if word not in WILDCARDS]
        anchor = max((part for word in literal for part in normalise(word).split()), key=len, default="")
        if anchor:
            unspaced = ANYWHERE.search(phrase) is not None
            yield _Phrase(
                category=flag.category,
                severity=flag.severity,
                fires=flag if fires else None,
                anchor=anchor[:ANCHOR_CHARACTERS] if unspaced else anchor,
                pattern=_pattern(phrase, unspaced),
            )


def _pattern(phrase: str, unspaced: bool) -> str:
    wildcards = WITHOUT_SPACES if SCRIPTS_WITHOUT_SPACES.search(phrase) else WILDCARDS
    words = [wildcards.get(word) or re.escape(normalise(word)) for word in phrase.split()]
    joined = (" ?" if unspaced else " ").join(word for word in words if word)
    # Words stand between spaces in normalised text; `\b` would also break inside an Indic word.
    return joined if unspaced else rf"(?<!\S){joined}(?!\S)"


def _anchors(clauses: list[str]) -> set[str]:
    """Every word of the text, and every short run of characters where words are not told by spaces."""
    text = " ".join(clauses)
    found = set(text.split())
    if ANYWHERE.search(text):
        for spelling in (text, text.replace(" ", "")):
            for size in range(1, ANCHOR_CHARACTERS + 1):
                found |= {spelling[start : start + size] for start in range(len(spelling) - size + 1)}
    return found


def _fires(phrase: _Phrase, tried: list[_Phrase], clauses: list[str]) -> bool:
    """A phrase may run over a comma ("my chest, it hurts"); a near-miss may not ("no, chest pain right now")."""
    hits = [match.span() for match in re.finditer(phrase.pattern, " ".join(clauses))]
    if not hits:
        return False
    spared = []
    start = 0
    for clause in clauses:
        for near in tried:
            if near.fires is None and (near.category, near.severity) == (phrase.category, phrase.severity):
                spared += [(start + hit.start(), start + hit.end()) for hit in re.finditer(near.pattern, clause)]
        start += len(clause) + 1
    return any(not any(first <= begin and end <= last for first, last in spared) for begin, end in hits)
