"""One file of a clinic: its columns by our names, and its rows, which collect what is wrong in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bot.fhir.csv.column_map import Column, ColumnMap
from bot.fhir.csv.faults import Fault, FileBroken
from bot.fhir.csv.fields import FIELD_OF, FIELDS, REQUIRED, Kind
from bot.fhir.csv.reading import read_rows

HEADER = "the first row must hold the columns' names"
T = TypeVar("T")


class CellWrong(Exception):
    """What is wrong with the value of a cell and how it should be written; does not repeat the value."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """`places` are the numbers of each field's columns, from 0; a field with a fixed value has none."""

    kind: Kind
    path: Path
    encoding: str
    delimiter: str
    columns: Mapping[str, Column]
    places: Mapping[str, tuple[int, ...]]
    width: int
    stamp: tuple[int, int]

    @property
    def rows(self) -> Iterator["Row"]:
        """Read from the file. Raises FileBroken, also when it has changed since it was opened."""
        if _stamp(self.path) != self.stamp:
            raise FileBroken(None, "has changed while it was read; import it again")
        rows = read_rows(self.path, self.encoding, self.delimiter)
        next(rows)
        for number, cells in rows:
            row = Row(table=self, number=number, cells=cells)
            if len(cells) != self.width:
                there = f"has {len(cells)} cells where the first row has {self.width}"
                row.fault(None, f"{there}; quote a cell that holds the delimiter")
            yield row

    def title(self, name: str) -> str:
        """The clinic's own name for a field's column."""
        column = self.columns.get(name)
        return name if column is None or not column.names else " + ".join(column.names)

    def title_of(self, path: str) -> str | None:
        """The column that an element of a resource came from; None when it came from none."""
        element = ".".join(path.replace("[", ".").split(".")[:2])
        name = FIELD_OF.get(element)
        if name == "practitioner" and self.kind is Kind.MEDICINES:
            name = "prescriber"
        return None if name is None else self.title(name)


@dataclass(kw_only=True)
class Row:
    """`number` is the spreadsheet's. Once something is wrong in it nothing is made of it."""

    table: Table
    number: int
    cells: Sequence[str]
    faults: list[Fault] = field(default_factory=list)

    def value(self, name: str) -> Any:
        """Of a field, translated as the map says; "" for none."""
        column = self.table.columns.get(name)
        if column is None:
            return ""
        cells = (self.cells[place].strip() for place in self.table.places[name])
        text = column.fixed if column.fixed is not None else " ".join(cell for cell in cells if cell)
        return column.values.get(text.casefold(), text)

    def text(self, name: str) -> str:
        return str(self.value(name))

    def read(self, name: str, parse: Callable[[str], T]) -> T | None:
        """None for a blank cell, and for a wrong one, which is noted."""
        text = self.text(name)
        try:
            return parse(text) if text else None
        except CellWrong as wrong:
            self.wrong(name, str(wrong))
            return None

    def wrong(self, name: str, reason: str) -> None:
        self.fault(self.table.title(name), reason)

    def fault(self, column: str | None, reason: str) -> None:
        self.faults.append(Fault(file=str(self.table.path), row=self.number, column=column, reason=reason))


def open_table(kind: Kind, path: Path, column_map: ColumnMap) -> Table:
    """Raises FileBroken when the file or its header cannot be used."""
    stamp = _stamp(path)
    number, cells = next(read_rows(path, column_map.encoding, column_map.delimiter), (1, []))
    header = [cell.strip().casefold() for cell in cells]
    mapped = column_map.columns.get(kind)
    columns = _own_names(kind, header) if mapped is None else mapped
    _check_groups(kind, columns, header, column_map.delimiter, is_mapped=mapped is not None)
    places = {name: tuple(_place(title, header, number) for title in column.names) for name, column in columns.items()}
    if mapped is None:
        _refuse_others(kind, header, cells, number)
    return Table(
        kind=kind,
        path=path,
        encoding=column_map.encoding,
        delimiter=column_map.delimiter,
        columns=columns,
        places=places,
        width=len(header),
        stamp=stamp,
    )


def _own_names(kind: Kind, header: Sequence[str]) -> Mapping[str, Column]:
    return {name: Column(names=(name,)) for name in FIELDS[kind] if name in header}


def _check_groups(
    kind: Kind, columns: Mapping[str, Column], header: Sequence[str], delimiter: str, *, is_mapped: bool
) -> None:
    for group in REQUIRED[kind]:
        if any(name in columns for name in group):
            continue
        if len(header) == 1 and (other := next((each for each in ";\t|," if each in header[0]), None)):
            said = "tab" if other == "\t" else other
            raise FileBroken(None, f"seems to have another delimiter; say `delimiter: '{said}'` in the map")
        remedy = "name it in the map" if is_mapped else f"{HEADER}, or give a --map"
        raise FileBroken(None, f"has no column for {' or '.join(group)}; {remedy}")


def _place(title: str, header: Sequence[str], number: int) -> int:
    wanted = title.strip().casefold()
    if wanted not in header:
        raise FileBroken(number, f"is not in the file, but in the map; {HEADER}, written as in the map", title)
    if header.count(wanted) > 1:
        raise FileBroken(number, "stands twice in the file; rename one of them", title)
    return header.index(wanted)


def _refuse_others(kind: Kind, header: Sequence[str], cells: Sequence[str], number: int) -> None:
    """A misspelt column would be lost without a word. The needed ones are there, so these are names, not values."""
    for name, title in zip(header, cells, strict=True):
        if name not in FIELDS[kind]:
            known = ", ".join(FIELDS[kind])
            raise FileBroken(number, f"is none of {known}; rename it, take it out or give a --map", title.strip())


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise FileBroken(None, "is not there; name a CSV file") from error
    return status.st_size, status.st_mtime_ns
