"""The column map, a YAML file: which column of the files is which of our fields, and how values are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.domain.clock import zone
from bot.domain.errors import ContentInvalid, UnknownTimeZone
from bot.fhir.csv.fields import FIELDS, Kind
from bot.fhir.csv.timings import read_timing
from bot.fhir.elements import LANGUAGE

DELIMITERS = {",": ",", ";": ";", "|": "|", "tab": "\t", "\t": "\t"}
# By their byte-order mark utf-8 and utf-16 are known; cp1252 can be mistaken for anything, so it has to be said.
ENCODINGS = ("auto", "utf-8", "utf-16", "cp1252")
COLUMN_KEYS = ("column", "columns", "fixed", "values")
LARGEST_MAP = 1_000_000

_Entries = dict[str, tuple[yaml.Node, yaml.Node]]


@dataclass(frozen=True, kw_only=True)
class Column:
    """Where a field's value comes from: one column or several joined by a space, else a `fixed` value.

    `values` translates what a cell says, in small letters, into our words; a timing into FHIR's Timing.repeat.
    """

    names: tuple[str, ...] = ()
    fixed: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ColumnMap:
    """A kind that stands not in `columns` has files whose columns have our names.

    `language` is BCP 47, of the clinic's free texts; formats are those of strptime, without one ISO 8601 is read.
    """

    columns: Mapping[Kind, Mapping[str, Column]] = field(default_factory=dict)
    delimiter: str = ","
    encoding: str = "auto"
    language: str | None = None
    time_zone: str | None = None
    date_format: str | None = None
    time_format: str | None = None


def load_column_map(path: Path) -> ColumnMap:
    """Raises ContentInvalid with the line of what cannot be used."""
    return _Reading(path.name).read(path)


@dataclass(frozen=True)
class _Reading:
    name: str

    def read(self, path: Path) -> ColumnMap:
        try:
            if path.stat().st_size > LARGEST_MAP:
                raise ContentInvalid(f"{self.name} is too large for a column map; give the YAML file of --example.")
            root = yaml.compose(path.read_text("utf-8-sig"), Loader=yaml.SafeLoader)
        except (OSError, UnicodeDecodeError) as error:
            raise ContentInvalid(f"{self.name} cannot be read as a text in UTF-8.") from error
        except (yaml.YAMLError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            where = "" if mark is None else f", line {mark.line + 1}"
            raise ContentInvalid(f"{self.name}{where}: is no YAML; see the map that --example writes.") from error
        return ColumnMap() if root is None else self._map(root)

    def _map(self, root: yaml.Node) -> ColumnMap:
        known = (*Kind, "delimiter", "encoding", "language", "time_zone", "date_format", "time_format")
        entries = self._entries(root, known)
        said = {key: self._checked(key, value) for key, (_, value) in entries.items() if key not in tuple(Kind)}
        columns = {kind: self._columns(kind, entries[kind][1]) for kind in Kind if kind in entries}
        return ColumnMap(columns=columns, **said)

    def _checked(self, key: str, node: yaml.Node) -> str:
        """One of the settings that hold for all files."""
        text = self._text(node)
        match key:
            case "delimiter" if text not in DELIMITERS:
                raise self._wrong(node, f"delimiter must be one of {' '.join(list(DELIMITERS)[:4])} (in quotes)")
            case "delimiter":
                return DELIMITERS[text]
            case "encoding" if text.lower() not in ENCODINGS:
                raise self._wrong(node, f"encoding must be one of {', '.join(ENCODINGS)}")
            case "encoding":
                return text.lower()
            case "language" if not LANGUAGE.fullmatch(text):
                raise self._wrong(node, "language must be a BCP 47 code, as en or es")
            case "time_zone":
                self._check_zone(node, text)
            case "date_format" | "time_format":
                self._check_format(node, key, text)
        return text

    def _check_zone(self, node: yaml.Node, text: str) -> None:
        try:
            zone(text)
        except (UnknownTimeZone, OSError) as error:
            raise self._wrong(node, "time_zone must be an IANA name, as America/New_York") from error

    def _check_format(self, node: yaml.Node, key: str, text: str) -> None:
        if "%y" in text or "%Y" not in text:
            raise self._wrong(node, f"{key} must hold %Y: a year of two digits is no year")
        wanted = ("%m", "%d") if key == "date_format" else ("%m", "%d", "%M")
        named = text.replace("%b", "%m").replace("%B", "%m")
        missing = [part for part in wanted if part not in named]
        if key == "time_format" and not ("%H" in text or ("%I" in text and "%p" in text)):
            missing.append("%H (or %I and %p)")
        if missing:
            raise self._wrong(node, f"{key} lacks {' '.join(missing)}")

    def _columns(self, kind: Kind, node: yaml.Node) -> Mapping[str, Column]:
        entries = self._entries(node, FIELDS[kind])
        return {name: self._column(name, value) for name, (_, value) in entries.items()}

    def _column(self, name: str, node: yaml.Node) -> Column:
        if isinstance(node, yaml.ScalarNode):
            return Column(names=(self._text(node),))
        entries = self._entries(node, COLUMN_KEYS)
        sources = [key for key in ("column", "columns", "fixed") if key in entries]
        if len(sources) != 1:
            raise self._wrong(node, f"{name} needs one of column, columns and fixed")
        values = self._values(name, entries["values"][1]) if "values" in entries else {}
        source = entries[sources[0]][1]
        if sources[0] == "fixed":
            return Column(fixed=self._text(source), values=values)
        if sources[0] == "column":
            return Column(names=(self._text(source),), values=values)
        if not isinstance(source, yaml.SequenceNode) or not source.value:
            raise self._wrong(source, "columns must be a list, as [Date, Time]")
        return Column(names=tuple(self._text(each) for each in source.value), values=values)

    def _values(self, name: str, node: yaml.Node) -> Mapping[str, Any]:
        values: dict[str, Any] = {}
        for key, (key_node, value) in self._entries(node, None).items():
            if key.strip().casefold() in values:
                raise self._wrong(key_node, "the value stands twice; small and capital letters are the same")
            values[key.strip().casefold()] = self._timing(value) if name == "timing" else self._text(value, blank=True)
        return values

    def _timing(self, node: yaml.Node) -> Mapping[str, Any]:
        try:
            return read_timing(node)
        except ValueError as error:
            raise self._wrong(node, str(error)) from error

    def _entries(self, node: yaml.Node, known: tuple[str, ...] | None) -> _Entries:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, "must be pairs of a name and a value")
        entries: _Entries = {}
        for key, value in node.value:
            text = self._text(key, blank=known is None)
            if known is not None and text not in known:
                raise self._wrong(key, f"{text} is not known here; use one of {', '.join(known)}")
            if text in entries:
                raise self._wrong(key, f"{text} stands twice")
            entries[text] = (key, value)
        return entries

    def _text(self, node: yaml.Node, *, blank: bool = False) -> str:
        """As it is written: `yes` stays yes, 1 stays 1."""
        if not isinstance(node, yaml.ScalarNode) or not (blank or node.value.strip()):
            raise self._wrong(node, "must be a text")
        return str(node.value) if node.value == "\t" else str(node.value).strip()

    def _wrong(self, node: yaml.Node, reason: str) -> ContentInvalid:
        return ContentInvalid(f"{self.name}, line {node.start_mark.line + 1}: {reason}.")
