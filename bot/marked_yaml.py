"""Reads YAML that people edit, and names the line of what is wrong."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import NoReturn

import yaml

from bot.domain.errors import ContentInvalid
from bot.yaml_file import LOADER

SPAN = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Entry:
    """A value with its place. Every reader raises ContentInvalid with file, line and what to write instead."""

    node: yaml.Node
    file: str

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    def wrong(self, why: str) -> NoReturn:
        raise ContentInvalid(f"{self.file}:{self.line}: {why}")

    def mapping(self, *keys: str) -> "Mapping[str, Entry]":
        """Keys and values; with `keys` no others are allowed."""
        if not isinstance(self.node, yaml.MappingNode):
            self.wrong("write keys with values here, as key: value")
        found: dict[str, Entry] = {}
        for key_node, value_node in self.node.value:
            key = Entry(key_node, self.file)
            name = key.text()
            if keys and name not in keys:
                key.wrong(f"{name} means nothing here; known are {', '.join(keys)}")
            if name in found:
                key.wrong(f"{name} stands here twice")
            found[name] = Entry(value_node, self.file)
        return found

    def items(self) -> "Iterator[Entry]":
        if not isinstance(self.node, yaml.SequenceNode):
            self.wrong("write a list here, each entry after a dash or in [ ]")
        for node in self.node.value:
            yield Entry(node, self.file)

    def text(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or not str(self.node.value).strip():
            self.wrong("write one value here")
        return str(self.node.value).strip()

    def whole(self, low: int, high: int) -> int:
        text = self.text()
        if not text.isdecimal() or not low <= int(text) <= high:
            self.wrong(f"{text} is no whole number from {low} to {high}")
        return int(text)

    def truth(self) -> bool:
        text = self.text().lower()
        if text not in TRUTHS:
            self.wrong(f"{text} is neither yes nor no")
        return TRUTHS[text]

    def wall(self) -> time:
        """A time of the day, "08:00"."""
        text = self.text()
        try:
            return time.fromisoformat(text.zfill(5))
        except ValueError:
            self.wrong(f'{text} is no time of the day; write it as "08:00"')

    def span(self, *, least: timedelta = timedelta(), most: timedelta = timedelta(days=366)) -> timedelta:
        """A length of time, "90m", "2h30m", "7d"."""
        text = self.text()
        match = SPAN.fullmatch(text)
        if not match or not text:
            self.wrong(f"{text} is no length of time; write 90m, 2h30m or 7d")
        days, hours, minutes = (int(part or 0) for part in match.groups())
        length = timedelta(days=days, hours=hours, minutes=minutes)
        if not least <= length <= most:
            self.wrong(f"{text} is not from {least} to {most}")
        return length


def read_marked(path: Path) -> Entry:
    """The document of a file. Raises ContentInvalid when it cannot be read or is no YAML."""
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=LOADER)
    except (OSError, UnicodeDecodeError) as error:
        raise ContentInvalid(f"{path}: cannot be read: {type(error).__name__}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentInvalid(f"{path}:{line}: is no YAML: {error.problem}") from error
    if node is None:
        raise ContentInvalid(f"{path}:1: is empty")
    return Entry(node, str(path))
