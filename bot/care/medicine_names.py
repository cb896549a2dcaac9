"""Which medicine a text means: the patient's own list first, misspelt names included, look-alikes refused.

Look-alike names are the risk. What is nearer to another known drug is not on the list; what is between two, or
written in letters of two alphabets, is asked back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from bot.care.medications import Medicine
from bot.care.medicine_mentions import Mention, find_mentions
from bot.care.medicine_purposes import asked_purposes, recorded_purposes
from bot.care.medicine_spelling import words_in
from bot.care.medicine_words import names_no_medicine
from bot.care.own_medicines import OwnMedicines, unique

# Nobody names a medicine after this many letters, and the comparison's cost grows with them.
READ = 1_000


@dataclass(frozen=True)
class Found:
    """One medicine of the current list."""

    medicine: Medicine


@dataclass(frozen=True)
class Ended:
    """A medicine that was stopped."""

    medicine: Medicine


@dataclass(frozen=True)
class SeveralClose:
    """Two or more of the current list fit about as well: ask which."""

    medicines: tuple[Medicine, ...]


@dataclass(frozen=True)
class NotNamed:
    """None was named and the current list holds several."""

    medicines: tuple[Medicine, ...]


@dataclass(frozen=True)
class NotOnList:
    """A medicine was named and it is none of the patient's."""


@dataclass(frozen=True)
class NoMedicines:
    """None was named and the list is empty."""


Match = Found | Ended | SeveralClose | NotNamed | NotOnList | NoMedicines


def find_medicine(
    text: str, current: Sequence[Medicine], ended: Sequence[Medicine], marked: Sequence[str] = ()
) -> Match:
    """Which medicine the text means. `marked`: what the understanding marked as names of medicines."""
    text = normalize("NFKC", text[:READ])[:READ]
    if mentions := find_mentions(text, OwnMedicines([*current, *ended])):
        return _mentioned(mentions)
    if purposes := asked_purposes(text):
        return _for_purpose(purposes, current)
    if any(map(_is_name, marked)):
        return NotOnList()
    match list(current):
        case []:
            return NoMedicines()
        case [only]:
            return Found(only)
        case several:
            return NotNamed(tuple(several))


def names_a_medicine(text: str, marked: Sequence[str] = ()) -> bool:
    """Whether any medicine is named, without a list to compare with; `marked` as above."""
    return isinstance(find_medicine(text, (), (), marked), NotOnList)


def _mentioned(mentions: Sequence[Mention]) -> Match:
    if not all(mention.medicines for mention in mentions):
        return NotOnList()
    meant = _common(mentions) or unique(each for mention in mentions for each in mention.medicines)
    sure = all(mention.sure for mention in mentions)
    active = tuple(medicine for medicine in meant if medicine.active)
    if not active:
        return Ended(meant[0]) if sure else NotOnList()
    return Found(active[0]) if sure and len(active) == 1 else SeveralClose(active)


def _common(mentions: Sequence[Mention]) -> tuple[Medicine, ...]:
    """What all the names fit: both names of a combination."""
    first, *rest = mentions
    return tuple(each for each in first.medicines if all(each in mention.medicines for mention in rest))


def _for_purpose(purposes: frozenset[str], current: Sequence[Medicine]) -> Match:
    """By the reasons on the record; a medicine without one may be the one that is meant."""
    fitting = [medicine for medicine in current if purposes & recorded_purposes(medicine)]
    unknown = [medicine for medicine in current if not medicine.purpose]
    match fitting:
        case [only]:
            return Found(only)
        case []:
            return NotNamed(tuple(current)) if unknown else NotOnList()
        case several:
            return SeveralClose(tuple(several))


def _is_name(marked: str) -> bool:
    return not all(map(names_no_medicine, words_in(marked)))
