"""The medicines that a text names: exactly, in look-alike letters, or misspelt.

A misspelt name is one of the patient's only where the word is not a likely misspelling of any other known drug as
well. A word between two is asked back; one that is nearer to another drug is that other drug.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.care.look_alike_letters import is_mixed, readings
from bot.care.medications import Medicine
from bot.care.medicine_spelling import Script, script_of
from bot.care.name_spans import Span, Text, without_salts
from bot.care.near_names import merged, mistakes_allowed
from bot.care.own_medicines import OwnMedicines, is_salt, unique
from bot.care.unread_words import beside, han_windows, is_after_unread_kind, unread

# Names of so few Latin letters are words of some language too ("fer", "asa"): they count on the patient's list only.
SHORT = 3
# Syllables of the longest Korean name; what follows in the word is particles.
LONGEST_HANGUL = 14


@dataclass(frozen=True)
class Mention:
    """What one stretch of a text names. `medicines`: those of the patient that fit, none for another drug."""

    medicines: tuple[Medicine, ...]
    sure: bool = True


OTHER_DRUG = Mention(())


def find_mentions(text: str, own: OwnMedicines) -> list[Mention]:
    """What the text names, exact names first."""
    words = Text(text)
    spans = own.find(words)
    mentions = [_exact(words, spans, span, own) for span in without_salts(spans, is_salt)]
    mentions += [_misspelt(word, own) for word in unread(words, spans)]
    return [mention for mention in mentions if mention]


def _exact(text: Text, spans: list[Span], span: Span, own: OwnMedicines) -> Mention | None:
    """A name as it stands; not sure where it is also the end of a longer one, misspelt ("metyl prednisolone")."""
    if longer := likely(merged(map(own.near, beside(text, spans, span)))):
        return _nearest(longer | dict.fromkeys(span.keys, 0), own)
    fitting = {key: own.fitting(key) for key in span.keys}
    if not any(fitting.values()):
        short = all(len(key) <= SHORT and script_of(key) is Script.LATIN for key in span.keys)
        return None if short else OTHER_DRUG
    sure = all(found and all(own.is_exactly(key, each) for each in found) for key, found in fitting.items())
    unread_kind = is_after_unread_kind(text, span) and any(map(own.is_family, span.keys))
    return Mention(unique(each for found in fitting.values() for each in found), sure and not unread_kind)


def _misspelt(word: str, own: OwnMedicines) -> Mention | None:
    if is_mixed(word):
        return _in_mixed_letters(word, own)
    return _nearest(_near(word, own), own)


def _in_mixed_letters(word: str, own: OwnMedicines) -> Mention:
    """A word of two alphabets that shows no name as it stands: never sure, whatever it is near to."""
    mention = _nearest(merged(own.near(reading) for reading in readings(word)), own)
    return Mention(mention.medicines if mention else own.medicines, sure=False)


def _near(word: str, own: OwnMedicines) -> Mapping[str, int]:
    match script_of(word):
        case Script.HANGUL:  # a name with particles behind it
            return merged(own.near(word[:end]) for end in range(2, min(len(word), LONGEST_HANGUL) + 1))
        case Script.HAN:
            return merged(own.near(window) for window in han_windows(word))
        case _:
            return own.near(word)


def likely(near: Mapping[str, int]) -> dict[str, int]:
    """Those names of which this may well be a misspelling."""
    return {key: mistakes for key, mistakes in near.items() if mistakes <= mistakes_allowed(key)}


def _nearest(near: Mapping[str, int], own: OwnMedicines) -> Mention | None:
    possible = likely(near)
    ours = {key: fitting for key in possible if (fitting := own.fitting(key))}
    if not ours:
        return OTHER_DRUG if possible else None
    best = min(possible[key] for key in ours)
    others = [near[key] for key in near if (key in possible or near[key] <= best) and not own.fitting(key)]
    if others and min(others) < best:
        return OTHER_DRUG
    sure = not others and all(own.is_exactly(key, each) for key, fitting in ours.items() for each in fitting)
    return Mention(unique(each for fitting in ours.values() for each in fitting), sure)
