"""Which medicine a text means: the patient's own list, misspelt names included, look-alikes refused.

Look-alike names are the risk. A match has to be clearly better than the next medicine on the list and than any
other drug that is known by name; what is between two is asked, what is another drug is not on the list.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz

from bot.care.medications import Medicine
from bot.care.text import fold, words_of

# Ratios of rapidfuzz, 0 to 100. Measured on typical slips: "metphormin" 84, "lavotiroxina" 92; a different drug
# is mostly under 75, but prednisone and prednisolone are 91 apart, hence the list of other drugs.
CLOSE = 80
CLEARLY_BETTER = 6
# A name shorter than this is matched by its exact spelling only: "ASA" is one letter from "casa".
FUZZY_LENGTH = 5
# Nobody names a medicine after this many letters, and the comparison's cost grows with them.
READ = 1_000
DRUG_NAMES = Path(__file__).with_name("drug_names.txt")
# Words that mean any medicine; an extractor may mark them, but they name none.
GENERIC = frozenset(
    [
        "medicine",
        "medicines",
        "medication",
        "medications",
        "med",
        "meds",
        "pill",
        "pills",
        "tablet",
        "tablets",
        "capsule",
        "drug",
        "drugs",
        "dose",
        "doses",
        "prescription",
        "refill",
        "refills",
        "inhaler",
        "insulin",
        "injection",
        "one",
        "ones",
        "it",
        "this",
        "that",
        "them",
        "these",
        "those",
        "medicina",
        "medicinas",
        "medicamento",
        "medicamentos",
        "pastilla",
        "pastillas",
        "pildora",
        "pildoras",
        "tableta",
        "tabletas",
        "capsula",
        "dosis",
        "receta",
        "recetas",
        "resurtido",
        "inhalador",
        "insulina",
        "inyeccion",
        "remedio",
        "remedios",
        "esta",
        "este",
        "esa",
        "ese",
        "eso",
        "la",
        "lo",
    ]
)


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
    text = text[:READ]
    scored = sorted(
        ((_score(text, medicine), medicine) for medicine in (*current, *ended)),
        key=lambda pair: (pair[0], pair[1].active),
        reverse=True,
    )
    best = scored[0][0] if scored else 0.0
    if best >= CLOSE and best >= _other_drug_score(text, [*current, *ended]) + CLEARLY_BETTER:
        return _best(best, [medicine for score, medicine in scored if score > best - CLEARLY_BETTER])
    if _names_other_drug(text, current, ended) or any(_is_name(word) for word in marked):
        return NotOnList()
    match list(current):
        case []:
            return NoMedicines()
        case [only]:
            return Found(only)
        case several:
            return NotNamed(tuple(several))


def _best(best: float, close: list[Medicine]) -> Match:
    active = [medicine for medicine in close if medicine.active]
    if not active:
        return Ended(close[0])
    return Found(active[0]) if len(active) == 1 else SeveralClose(tuple(active))


def _names_other_drug(text: str, current: Sequence[Medicine], ended: Sequence[Medicine]) -> bool:
    return _other_drug_score(text, [*current, *ended]) >= CLOSE


def _is_name(marked: str) -> bool:
    return not set(words_of(marked)) <= GENERIC


def _score(text: str, medicine: Medicine) -> float:
    return max(_closeness(text, name) for name in medicine.names)


def _other_drug_score(text: str, own: Iterable[Medicine]) -> float:
    """How close the text comes to a drug that is not one of these."""
    own_words = {word for medicine in own for name in medicine.names for word in words_of(name)}
    said = [word for word in words_of(text) if word not in own_words]
    others = {name for names in known_drugs() if not names & own_words for name in names}
    return max((_alike(word, other) for word in said for other in others), default=0.0)


def _closeness(text: str, name: str) -> float:
    """100 for the name as it stands, else the best likeness of as many words as the name has."""
    said, parts = words_of(text), words_of(name)
    if not parts:
        return 0.0
    if not name.isascii() and fold(name) in fold(text):
        return 100.0  # scripts without spaces between words
    size = len(parts)
    spans = (" ".join(said[start : start + size]) for start in range(len(said) - size + 1))
    return max((_alike(span, " ".join(parts)) for span in spans), default=0.0)


def _alike(word: str, name: str) -> float:
    if word == name:
        return 100.0
    if min(len(word), len(name)) < FUZZY_LENGTH or word in GENERIC:
        return 0.0
    return fuzz.ratio(word, name, score_cutoff=CLOSE)


@cache
def known_drugs() -> tuple[frozenset[str], ...]:
    """The names of each common drug, generic and brand, folded; see the head of drug_names.txt."""
    lines = DRUG_NAMES.read_text("utf-8").splitlines()
    return tuple(frozenset(fold(line).split()) for line in lines if not line.startswith("#"))
