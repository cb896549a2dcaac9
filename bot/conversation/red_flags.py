"""Emergency and crisis phrases: the layer that needs no model, no network and no consent.

Phrases are matched on normalised text as whole words; `*` stands for one to three words, `##` for a number of two
digits or more ("took ## pills"). A near-miss that covers the matched words ("no chest pain") keeps the phrase from
firing there, not elsewhere in the text.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.conversation.normalise import normalise
from bot.conversation.phrases import language_documents, strings
from bot.domain.enums import Severity
from bot.domain.errors import ContentInvalid

CLAUSE_END = re.compile(r"[.,;:!?\n…。，！？；、؟،।]+")
WILDCARDS = {"*": r"\S+(?: \S+){0,2}?", "##": r"\d{2,}"}
SCRIPTS_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, kw_only=True)
class RedFlag:
    """`language` is that of the phrase that fired, BCP 47."""

    category: str
    severity: Severity
    language: str


@dataclass(frozen=True, kw_only=True)
class _Rule:
    flag: RedFlag
    fires: re.Pattern[str]
    spares: re.Pattern[str] | None


class RedFlags:
    """All languages at once: people in danger do not mind which language is set."""

    def __init__(self, intents: Path) -> None:
        self._rules = [
            rule
            for language, document in language_documents(intents, "red_flags.yml")
            for rule in _rules(language, document)
        ]

    def match(self, text: str, language: str | None = None) -> RedFlag | None:
        """The gravest flag in the text: emergencies first, then a phrase of the person's own language."""
        clauses = [clause for clause in map(normalise, CLAUSE_END.split(text)) if clause]
        found = [rule.flag for rule in self._rules if _fires(rule, clauses)]
        return min(
            found,
            key=lambda flag: (flag.severity is not Severity.EMERGENCY, flag.language != language),
            default=None,
        )


def _rules(language: str, document: dict[str, object]) -> Iterable[_Rule]:
    where = f"intents/{language}/red_flags.yml"
    flags = document.get("flags")
    if not isinstance(flags, list):
        raise ContentInvalid(f"{where}: `flags` must be a list of categories")
    for entry in flags:
        try:
            flag = RedFlag(category=str(entry["category"]), severity=Severity(entry["severity"]), language=language)
        except (KeyError, TypeError, ValueError) as error:
            raise ContentInvalid(f"{where}: each flag needs a category and a severity (emergency or urgent)") from error
        fires = _pattern(strings(entry, "phrases", where))
        if fires is None:
            raise ContentInvalid(f"{where}: {flag.category} has no phrases")
        yield _Rule(flag=flag, fires=fires, spares=_pattern(strings(entry, "near_misses", where)))


def _fires(rule: _Rule, clauses: list[str]) -> bool:
    """A phrase may run over a comma ("my chest, it hurts"); a near-miss may not ("no, chest pain right now")."""
    spared = []
    start = 0
    for clause in clauses:
        if rule.spares:
            spared += [(start + match.start(), start + match.end()) for match in rule.spares.finditer(clause)]
        start += len(clause) + 1
    for match in rule.fires.finditer(" ".join(clauses)):
        begin, end = match.span()
        if not any(first <= begin and end <= last for first, last in spared):
            return True
    return False


def _pattern(phrases: list[str]) -> re.Pattern[str] | None:
    # Longest first: an alternation takes the first that fits, and a near-miss must cover the whole phrase.
    parts = [_phrase(phrase) for phrase in sorted(phrases, key=len, reverse=True)]
    return re.compile("|".join(part for part in parts if part)) if parts else None


def _phrase(phrase: str) -> str:
    words = [WILDCARDS.get(word) or re.escape(normalise(word)) for word in phrase.split()]
    joined = " ".join(word for word in words if word)
    if not joined:
        return ""
    # Words stand between spaces in normalised text; `\b` would also break inside an Indic word.
    return joined if SCRIPTS_WITHOUT_SPACES.search(joined) else rf"(?<!\S){joined}(?!\S)"
