"""The patient's own list under all names: those of the record and those by which the same drugs are known."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from bot.care.drug_names import Drug, Written, drugs_by_key, known_drugs, written
from bot.care.medications import Medicine
from bot.care.name_spans import NameIndex, Span, Text, longest, without_salts
from bot.care.near_names import NearNames, known_near_names


class OwnMedicines:
    """Current and former medicines of one patient, found by name."""

    def __init__(self, medicines: Sequence[Medicine]) -> None:
        self.medicines = tuple(medicines)
        self._named: dict[str, list[Medicine]] = defaultdict(list)
        self._extra: list[Written] = []
        for medicine in medicines:
            for name in map(written, medicine.names):
                self._named[name.key].append(medicine)
                self._extra.append(name)
        self._ingredients = {medicine.id: ingredients_of(medicine) for medicine in medicines}
        self._index = NameIndex(self._extra)
        self._near = NearNames(name.key for name in self._extra if name.key not in drugs_by_key())

    def find(self, text: Text) -> list[Span]:
        """The names in a text, of the record and of the vocabulary."""
        return longest([*self._index.find(text), *_known_index().find(text)])

    def near(self, word: str) -> dict[str, int]:
        return known_near_names().near(word) | self._near.near(word)

    def fitting(self, key: str) -> tuple[Medicine, ...]:
        """The medicines that this name means: by the record's own names, and by what they are made of."""
        drug = drugs_by_key().get(key)
        named = self._named.get(key, [])
        return tuple(each for each in self.medicines if each in named or (drug and self._contains(each, drug)))

    def is_exactly(self, key: str, medicine: Medicine) -> bool:
        """False where the record says less than the name: "metoprolol" of somebody who asks for Lopressor."""
        drug = drugs_by_key().get(key)
        named = medicine in self._named.get(key, [])
        return named or drug is None or bool(drug.members) or drug.ingredients <= self._ingredients[medicine.id]

    @staticmethod
    def is_family(key: str) -> bool:
        drug = drugs_by_key().get(key)
        return drug is not None and bool(drug.members)

    def _contains(self, medicine: Medicine, drug: Drug) -> bool:
        own = self._ingredients[medicine.id]
        return bool(drug.ingredients <= own or drug.members & own or families_of(drug.name) & own)


def ingredients_of(medicine: Medicine) -> frozenset[str]:
    """The known drugs in its name; where that names none, or only a family, those in the other names."""
    drugs = named_drugs(medicine.medication)
    if all(drug.members for drug in drugs):
        drugs += [drug for alias in medicine.aliases for drug in named_drugs(alias)]
    single = [drug for drug in drugs if not drug.members]
    return frozenset(part for drug in single or drugs for part in drug.ingredients)


@lru_cache(maxsize=10_000)
def drug_names_of(medication: str, aliases: tuple[str, ...]) -> frozenset[str]:
    """The English names of the drugs that a prescription names, with their ingredients and families."""
    drugs = named_drugs(medication) or [drug for alias in aliases for drug in named_drugs(alias)]
    names = {name for drug in drugs for name in (drug.name, *drug.ingredients)}
    return frozenset(names | {family for name in names for family in families_of(name)})


def named_drugs(text: str) -> list[Drug]:
    """The known drugs that a text names exactly, without those that are only the salt of the one before."""
    spans = without_salts(longest(_known_index().find(Text(text))), is_salt)
    return [drugs_by_key()[key] for span in spans for key in span.keys]


def is_salt(key: str) -> bool:
    drug = drugs_by_key().get(key)
    return drug is not None and drug.salt


@cache
def families_of(drug: str) -> frozenset[str]:
    return frozenset(family.name for family in set(known_drugs().values()) if drug in family.members)


@cache
def _known_index() -> NameIndex:
    return NameIndex(known_drugs())


def unique(medicines: Iterable[Medicine]) -> tuple[Medicine, ...]:
    """Each once, in their order."""
    return tuple({medicine.id: medicine for medicine in medicines}.values())
