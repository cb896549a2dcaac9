"""In which language a person is answered: when we follow them into another one, and when we do not.

A change of script is followed at once, as is a request by name. Between languages of one script it takes two
messages in a row, each long enough to tell; one word of another language changes nothing. Spanish and Portuguese
are never exchanged silently: short texts of the two look alike, so the person is asked.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.dialogue.client import LanguageGuess

LATIN = "LATIN"
# The first word of a letter's Unicode name, and the one language of ours that is written so.
SCRIPT_LANGUAGES = {"CYRILLIC": "ru", "ARABIC": "ar", "DEVANAGARI": "hi", "HANGUL": "ko", "CJK": "zh-Hans"}
LANGUAGE_SCRIPTS = {language: script for script, language in SCRIPT_LANGUAGES.items()}
ALIKE = frozenset({"es", "pt-BR"})
# Letters below which nobody can tell, and what a person's own language counts for beforehand.
LEAST_LETTERS = 12
LEAST_OF_SCRIPT = 2
PRIOR_ODDS = 3.0
SURE = 0.8
MOSTLY = 0.6


@dataclass(frozen=True, kw_only=True)
class LanguageChoice:
    """`language`: of this reply. `settled`: from now on. `heard`: another language, heard once; None forgets it.

    `ask`: the languages between which the person has to choose.
    """

    language: str
    settled: str | None = None
    heard: str | None = None
    ask: tuple[str, ...] = ()


def choose_language(
    text: str,
    guesses: Sequence[LanguageGuess],
    *,
    preferred: str,
    preference_known: bool,
    heard: str | None,
    languages: Collection[str],
) -> LanguageChoice:
    """`guesses` of the model, best first, may be empty. `preferred`: the person's language; `heard`: see above.

    `preference_known`: false for somebody we do not know, who is followed at once.
    """
    script, letters = dominant_script(text)
    own_script = LANGUAGE_SCRIPTS.get(preferred, LATIN)
    if script is not None and script not in (own_script, LATIN):
        return _follow(SCRIPT_LANGUAGES[script], preferred, languages)
    if letters < LEAST_LETTERS:
        return LanguageChoice(language=preferred, heard=heard)
    other = _surely_another(guesses, preferred)
    if other is None or other not in languages or script is None:
        return LanguageChoice(language=preferred)
    if script != own_script or not preference_known:
        return _follow(other, preferred, languages)
    if heard != other:
        return LanguageChoice(language=preferred, heard=other)
    if {other, preferred} == ALIKE:
        return LanguageChoice(language=preferred, ask=(preferred, other))
    return LanguageChoice(language=other, settled=other)


def dominant_script(text: str) -> tuple[str | None, int]:
    """The script of most letters, None where there is none of ours, and how many letters the text has."""
    counts = Counter(_script(character) for character in text if character.isalpha())
    total = sum(counts.values())
    if total == 0:
        return None, 0
    script, count = counts.most_common(1)[0]
    known = script == LATIN or (script in SCRIPT_LANGUAGES and count >= LEAST_OF_SCRIPT)
    return (script if known and count >= MOSTLY * total else None), total


def _script(character: str) -> str:
    return unicodedata.name(character, "?").split(" ")[0].split("-")[0]


def _follow(language: str, preferred: str, languages: Collection[str]) -> LanguageChoice:
    if language == preferred or language not in languages:
        return LanguageChoice(language=preferred)
    return LanguageChoice(language=language, settled=language)


def _surely_another(guesses: Sequence[LanguageGuess], preferred: str) -> str | None:
    """The likeliest language when it is not the person's, given what theirs counts for beforehand."""
    if not guesses or guesses[0].language == preferred:
        return None
    best = guesses[0]
    own = next((guess.probability for guess in guesses if guess.language == preferred), 0.0)
    return (
        best.language
        if best.probability >= SURE * (best.probability + PRIOR_ODDS * own) and (best.probability >= SURE)
        else None
    )
