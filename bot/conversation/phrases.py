"""Reads the phrase files that clinicians and translators edit: `red_flags.yml` and `keywords.yml`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.domain.errors import ContentInvalid
from bot.yaml_file import read_yaml

# The same safe reading in C where PyYAML has it: these files are long and read at every start.


def language_documents(intents: Path, file_name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each language's document of that name, as (language, content). Raises ContentInvalid."""
    paths = sorted(intents.glob(f"*/{file_name}"))
    if not paths:
        raise ContentInvalid(f"{intents}/*/{file_name}: there is none; restore it from the release")
    for path in paths:
        try:
            document = read_yaml(path)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f" line {mark.line + 1}" if mark else ""
            raise ContentInvalid(f"{path}{line}: not readable as YAML") from error
        if not isinstance(document, dict) or not isinstance(document.get("language"), str):
            raise ContentInvalid(f"{path}: the first line must be `language: CODE`")
        yield document["language"], document


def strings(document: dict[str, Any], key: str, where: str) -> list[str]:
    """The list of texts under a key; YAML's own readings of yes, no and numbers are refused with a hint."""
    values = document.get(key) or []
    if not isinstance(values, list):
        raise ContentInvalid(f"{where}: {key} must be a list")
    for value in values:
        if not isinstance(value, str):
            raise ContentInvalid(f"{where}: put quotes around {value!r} in {key}")
    return values
