"""The project's own training texts with the language that each was written in.

Rasa reads `intents/<language>/<topic>.yml` without telling which language a text came from, and never reads
`danger.yml`; the models of languages and of danger need both.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DANGER_FILE = "danger.yml"
# Beside the training texts, but not in Rasa's format.
NOT_RASA = frozenset({"red_flags.yml", "keywords.yml", "dates.yml", "resources.yml", DANGER_FILE})
DATA_SETTING = "NORTHSTAR_NLU_DATA"
ENTITY = re.compile(r"\[([^\]]*)\]\(([a-z_]+)\)")


class CorpusInvalid(ValueError):
    """A file of training texts cannot be used; the message names it."""


@dataclass(frozen=True)
class Text:
    """`label`: an intent, or a category of danger, or a kind of harmless text. `danger` is only for danger files."""

    text: str
    language: str
    label: str
    danger: bool = False


def data_folder() -> Path:
    """The folder that is being trained on, from NORTHSTAR_NLU_DATA; the server sets it."""
    return Path(os.environ.get(DATA_SETTING) or "intents")


def topic_files(data: Path) -> list[Path]:
    """`<language>/<topic>.yml`, the files of training texts that Rasa reads."""
    return sorted(path for path in data.glob("*/*.yml") if path.name not in NOT_RASA and path.parent.name != "rules")


@dataclass(frozen=True)
class Example:
    """A training text as Rasa has it; each entity is its start, its end and its name."""

    text: str
    language: str
    intent: str
    entities: tuple[tuple[int, int, str], ...]

    def text_without(self, entity: str) -> str:
        """The text with what is marked as this entity left out."""
        text = self.text
        for start, end, name in reversed(self.entities):
            if name == entity:
                text = f"{text[:start]} {text[end:]}"
        return text


def examples(data: Path) -> list[Example]:
    """Every example of every intent. Raises CorpusInvalid."""
    return [
        _example(line[2:].strip(), path.parent.name, entry["intent"])
        for path in topic_files(data)
        for entry in _document(path).get("nlu") or []
        for line in entry["examples"].splitlines()
        if line.startswith("- ")
    ]


def intent_texts(data: Path) -> list[Text]:
    """The same, labelled by intent. Raises CorpusInvalid."""
    return [Text(example.text, example.language, example.intent) for example in examples(data)]


def _example(line: str, language: str, intent: str) -> Example:
    """`[metformin](medication)` is an entity."""
    text, after, entities = "", 0, []
    for mark in ENTITY.finditer(line):
        text += line[after : mark.start()]
        entities.append((len(text), len(text) + len(mark[1]), mark[2]))
        text += mark[1]
        after = mark.end()
    return Example(text + line[after:], language, intent, tuple(entities))


def danger_texts(data: Path) -> list[Text]:
    """Every text of `<language>/danger.yml`. Raises CorpusInvalid."""
    return [text for path in sorted(data.glob(f"*/{DANGER_FILE}")) for text in read_danger(path, path.parent.name)]


def read_danger(path: Path, language: str) -> list[Text]:
    """One file of danger and harmless texts. Raises CorpusInvalid."""
    document = _document(path)
    found = []
    for part, danger in (("danger", True), ("no_danger", False)):
        for label, texts in (document.get(part) or {}).items():
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                raise CorpusInvalid(f"{path}: {part}: {label} must be a list of texts; put quotes around numbers")
            found += [Text(text, language, label, danger) for text in texts]
    return found


def _document(path: Path) -> dict[str, Any]:
    try:
        document = yaml.load(path.read_text("utf-8"), Loader=LOADER)  # noqa: S506 - a safe loader, both
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CorpusInvalid(f"{path}: cannot be read as YAML") from error
    if not isinstance(document, dict):
        raise CorpusInvalid(f"{path}: must hold keys and values")
    return document
