"""Checks a FHIR R4 resource against `elements.yml`: the shapes and the required codes of what we read.

Well-known libraries take `status="nope"`; here a code outside its required value set is a problem. What the
resource cannot do without rejects it, anything else is left out of it, and each is said with its path.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

from bot.fhir.times import is_date, is_instant
from bot.yaml_file import read_yaml

ELEMENTS_FILE = Path(__file__).with_name("elements.yml")
# FHIR R4 sections 2.24 and 2.6: elements by which a resource may mean the opposite of what it says.
CHANGES_THE_MEANING = ("implicitRules", "modifierExtension")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
TIME = re.compile(r"\d\d:\d\d:\d\d(\.\d+)?")

Resource = Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """Where in a resource (FHIRPath, without the value, which may be about a person) and why."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """`resource` without what could not be read; None when it is not taken at all."""

    resource: Resource | None
    problems: tuple[Problem, ...] = ()

    @property
    def lost(self) -> frozenset[str]:
        """The elements of which something, or all, was left out."""
        return frozenset(re.split(r"\W", problem.path)[1] for problem in self.problems)


@dataclass(frozen=True, kw_only=True)
class _Elements:
    resources: Mapping[str, Mapping[str, Mapping[str, Any]]]
    types: Mapping[str, Mapping[str, str]]
    sets: Mapping[str, frozenset[str]]


@cache
def _elements() -> _Elements:
    document = read_yaml(ELEMENTS_FILE)
    return _Elements(
        resources=document["resources"],
        types=document["types"],
        sets={name: frozenset(codes) for name, codes in document["sets"].items()},
    )


def elements_of(kind: str) -> frozenset[str]:
    """What is read of a data type, as Dosage."""
    return frozenset(_elements().types[kind])


def check(resource: Resource) -> Checked:
    """Of a type that stands in elements.yml."""
    kind = str(resource["resourceType"])
    wanted = _elements().resources[kind]
    broken = [*_changed_meaning(kind, resource), *_missing(kind, resource, wanted["must"])]
    for name, declared in wanted["must"].items():
        if name in resource:
            broken += _problems(resource[name], declared, f"{kind}.{name}")
    broken += [
        Problem(f"{kind}.{name}", "says that this is not to be done; no order is made of it")
        for name, value in wanted.get("never", {}).items()
        if resource.get(name) == value
    ]
    if broken:
        return Checked(resource=None, problems=tuple(broken))
    readable, left_out = dict(resource), []
    for name, declared in wanted["may"].items():
        if name in resource:
            kept, found = _readable(resource[name], declared, f"{kind}.{name}")
            left_out += found
            readable.pop(name) if kept is None else readable.update({name: kept})
    return Checked(resource=readable, problems=tuple(left_out))


def _readable(value: Any, declared: str, path: str) -> tuple[Any, list[Problem]]:
    """The value, or of a list the items that can be read; None for nothing."""
    problems = list(_problems(value, declared, path))
    if not problems:
        return value, []
    if not _is_list(declared) or not isinstance(value, list):
        return None, problems
    item = declared.replace("*", "", 1)
    kept = [each for place, each in enumerate(value) if not any(_problems(each, item, f"{path}[{place}]"))]
    return kept or None, problems


def _changed_meaning(kind: str, resource: Resource) -> Iterator[Problem]:
    for name in CHANGES_THE_MEANING:
        if name in resource:
            yield Problem(f"{kind}.{name}", "may change what the resource means, and is not known here")


def _missing(kind: str, resource: Resource, must: Mapping[str, str]) -> Iterator[Problem]:
    for name in must:
        if name not in resource:
            yield Problem(f"{kind}.{name}", "is missing")


def _problems(value: Any, declared: str, path: str) -> Iterator[Problem]:
    if _is_list(declared):
        if not isinstance(value, list) or not value:
            yield Problem(path, "must be a list with something in it")
            return
        item = declared.replace("*", "", 1)
        for place, each in enumerate(value):
            yield from _problems(each, item, f"{path}[{place}]")
        return
    kind, _, code_set = declared.partition(" ")
    if kind in _elements().types:
        yield from _complex(value, kind, path)
    elif kind == "code":
        if not isinstance(value, str) or value not in _elements().sets[code_set]:
            yield Problem(path, f"is no code of {code_set}")
    elif not PRIMITIVES[kind](value):
        yield Problem(path, EXPECTED.get(kind, f"must be a FHIR {kind}"))


def _complex(value: Any, kind: str, path: str) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield Problem(path, f"must be an object ({kind})")
        return
    if "modifierExtension" in value:
        yield Problem(f"{path}.modifierExtension", "may change what this means, and is not known here")
    for name, declared in _elements().types[kind].items():
        if name in value:
            yield from _problems(value[name], declared, f"{path}.{name}")


def _is_list(declared: str) -> bool:
    return declared.partition(" ")[0].endswith("*")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _is_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(TIME.fullmatch(value)) and time.fromisoformat(value) is not None
    except ValueError:
        return False


EXPECTED = {
    "instant": "must be a date and a time with its zone, as 2026-11-23T09:30:00-05:00",
    "dateTime": "must be a date, or a date and a time with its zone, as 2026-11-23T09:30:00-05:00",
    "date": "must be a date, as 2026-11-23",
    "string": "must be text",
}
PRIMITIVES: Mapping[str, Callable[[Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "string": _is_text,
    "language": lambda value: isinstance(value, str) and bool(LANGUAGE.fullmatch(value)),
    "integer": _is_whole,
    "unsignedInt": lambda value: _is_whole(value) and value >= 0,
    "positiveInt": lambda value: _is_whole(value) and value > 0,
    "decimal": _is_number,
    "date": is_date,
    "dateTime": lambda value: is_date(value) or is_instant(value),
    "instant": is_instant,
    "time": _is_time,
}
