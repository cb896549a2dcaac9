"""Common drugs under their names in all scripts, from drug_names.yml: a vocabulary to recognise names, not advice."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.care.medicine_spelling import words_in
from bot.yaml_file import read_yaml

DRUG_NAMES = Path(__file__).with_name("drug_names.yml")


@dataclass(frozen=True)
class Drug:
    """A drug, a combination (several ingredients) or a family of drugs (members), by its English name.

    `salt`: the name may also be nothing but the salt of the name before it.
    """

    name: str
    ingredients: frozenset[str]
    members: frozenset[str] = frozenset()
    salt: bool = False


@dataclass(frozen=True)
class Written:
    """A name as it is compared: `key`, its words without spaces, and how many words it has."""

    key: str
    words: int


def written(name: str) -> Written:
    words = words_in(name)
    return Written("".join(words), len(words))


@cache
def known_drugs() -> dict[Written, Drug]:
    """The drug of each name; raises ValueError for a name under two drugs."""
    document = read_yaml(DRUG_NAMES)
    drugs: dict[str, Drug] = {}
    found: dict[Written, Drug] = {}
    for drug, names in _drugs(document):
        for name in map(written, names):
            if drugs.setdefault(name.key, drug) != drug:
                raise ValueError(f"{name.key}: both {drugs[name.key].name} and {drug.name}")
            found[name] = drug
    return found


@cache
def known_names() -> frozenset[str]:
    """The English names of all drugs, of what they are made of, and of their families."""
    drugs = set(known_drugs().values())
    return frozenset(name for drug in drugs for name in (drug.name, *drug.ingredients))


@cache
def drugs_by_key() -> dict[str, Drug]:
    return {name.key: drug for name, drug in known_drugs().items()}


def _drugs(document: dict[str, Any]) -> Iterator[tuple[Drug, Iterable[str]]]:
    salts = set(document["salts"])
    for name, others in document["drugs"].items():
        yield Drug(name, frozenset(name.split(" / ")), salt=name in salts), [name, *others]
    for name, family in document["families"].items():
        members = frozenset(family["drugs"])
        yield Drug(name, frozenset([name]), members), [name, *family["names"]]
