"""Figures on texts that nobody of this project wrote; which they are is data, in open_sets.yml."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from bot.commands.understand import Line, as_json
from bot.conversation.understanding import Understander, Understanding
from bot.domain.enums import Route
from tests.evaluate.figures import Better, Figure, share

SETS = Path(__file__).with_name("open_sets.yml")
MOST_ROWS = 400
ANY = "any"
# Where a source has another code for a language of ours.
OUR_CODES = {"zh": "zh-Hans", "zh-cn": "zh-Hans", "pt": "pt-BR", "pt-br": "pt-BR"}
KEPT = 0.95
OUT_OF_SCOPE = frozenset({"out_of_scope", "nlu_fallback", None})

# What `northstar understand` writes for one text.
Outcome = Mapping[str, Any]
Outcomes = dict[str, Outcome]


class UnderstandFailed(Exception):
    """`northstar understand` ended with an error; what it said is on standard error."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`counts`: field of an outcome to the values that count, or to ANY."""

    name: str
    counts: Mapping[str, Sequence[str] | str]
    better: Better

    def holds(self, outcome: Outcome) -> bool:
        return all(
            outcome[field] is not None if wanted == ANY else outcome[field] in wanted
            for field, wanted in self.counts.items()
        )


@dataclass(frozen=True, kw_only=True)
class OpenSet:
    """`texts`: language to the field that holds it; `language_field`: the field that names a row's language instead.

    `paired`: each row is asked in all languages, and counts by whether it is understood as in the first.
    """

    name: str
    file: Path
    texts: Mapping[str, str]
    language_field: str | None
    only: Mapping[str, Sequence[Any]]
    needs_model: bool
    paired: bool
    measures: tuple[Measure, ...]


def read_sets(folder: Path, sets: Path = SETS) -> list[OpenSet]:
    """All sets, also those whose file is missing below `folder`."""
    document = yaml.safe_load(sets.read_text("utf-8"))
    return [
        OpenSet(
            name=name,
            file=folder / entry["file"],
            texts=entry["texts"],
            language_field=entry.get("language_field"),
            only=entry.get("only", {}),
            needs_model={"phrases": False, "model": True}[entry["through"]],
            paired=entry.get("paired", False),
            measures=tuple(
                Measure(name=key, counts=measure["counts"], better=Better(measure["better"]))
                for key, measure in entry.get("figures", {}).items()
            ),
        )
        for name, entry in document.items()
    ]


def read_lines(chosen: OpenSet) -> list[Line]:
    """Its texts in each language, at most MOST_ROWS a language (always the same ones), each text once."""
    with chosen.file.open(encoding="utf-8") as stored:
        rows = [row for row in map(json.loads, stored) if _wanted(row, chosen.only)]
    if chosen.paired and len(rows) > MOST_ROWS:
        rows = random.Random(chosen.name).sample(rows, MOST_ROWS)
    lines = []
    for language, field in chosen.texts.items():
        named = chosen.language_field
        pairs = [(OUR_CODES.get(row[named], row[named]) if named else language, row[field]) for row in rows]
        if not chosen.paired:
            pairs = list(dict.fromkeys(pairs))
        if len(pairs) > MOST_ROWS:
            pairs = random.Random(chosen.name).sample(pairs, MOST_ROWS)
        lines += [
            Line(id=f"{chosen.name}/{language}/{number}", text=text, language=code)
            for number, (code, text) in enumerate(pairs)
        ]
    return lines


def outcomes(chosen: Mapping[str, Sequence[Line]], with_model: frozenset[str], understander: Understander) -> Outcomes:
    """An outcome for each line's id: all sets that need the model in one run of `northstar understand`."""
    found: Outcomes = {}
    asked: list[Line] = []
    for name, lines in chosen.items():
        if name in with_model:
            asked += lines
            continue
        for line in lines:
            early = understander.danger(line.text, line.language, None)
            early = early or understander.keyword(line.text, line.language)
            unread = Understanding(language=line.language, route=Route.CLARIFY)
            found[str(line.id)] = as_json(line, early or unread)
    return found | (understand(asked) if asked else {})


def figures(chosen: OpenSet, lines: Sequence[Line], found: Mapping[str, Outcome]) -> Iterator[Figure]:
    """Each measure of the set in each language."""
    for language in chosen.texts:
        seen = [found[str(line.id)] for line in lines if str(line.id).startswith(f"{chosen.name}/{language}/")]
        for measure in chosen.measures:
            name = f"{chosen.name}_{language}_{measure.name}"
            yield share(name, sum(map(measure.holds, seen)), len(seen), measure.better)
    if chosen.paired:
        yield _understood_alike(chosen, lines, found)


def recall_out_of_scope(inside: Sequence[float], outside: Sequence[Outcome]) -> Figure:
    """How many strangers' texts are left when one confidence keeps KEPT of what people ask a clinic.

    `inside`: the confidence of each such text in an intent that is in scope.
    """
    least = sorted(inside)[int(len(inside) * (1.0 - KEPT))]
    left = sum(outcome["intent"] in OUT_OF_SCOPE or outcome["confidence"] < least for outcome in outside)
    return share("out_of_scope_recall_at_95_kept", left, len(outside), Better.HIGHER)


def _understood_alike(chosen: OpenSet, lines: Sequence[Line], found: Mapping[str, Outcome]) -> Figure:
    first, other = (
        [found[str(line.id)]["intent"] for line in lines if str(line.id).startswith(f"{chosen.name}/{language}/")]
        for language in chosen.texts
    )
    alike = sum(one == another for one, another in zip(first, other, strict=True))
    return share(f"{chosen.name}_understood_alike", alike, len(first), Better.HIGHER)


def _wanted(row: Mapping[str, Any], only: Mapping[str, Sequence[Any]]) -> bool:
    return all(row[field] in values for field, values in only.items())


def understand(lines: Sequence[Line]) -> Outcomes:
    """Raises UnderstandFailed."""
    asked = "".join(
        json.dumps({"id": line.id, "text": line.text, "language": line.language}, ensure_ascii=False) + "\n"
        for line in lines
    )
    with TemporaryDirectory(prefix="northstar-evaluate-") as folder:
        # A data folder of its own: the command must not use a running server, which may hold another model.
        environment = {**os.environ, "NORTHSTAR_DATA_DIR": folder}
        command = [str(Path(sys.executable).with_name("northstar")), "understand"]
        done = subprocess.run(command, input=asked, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise UnderstandFailed(f"northstar understand ended with exit code {done.returncode}")
    return {outcome["id"]: outcome for outcome in map(json.loads, done.stdout.splitlines())}
