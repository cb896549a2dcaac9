"""A checked CSV file as the import of FHIR reads files: NDJSON that is made while it is read, one line for a row."""

import io
import json
from collections.abc import Iterator
from typing import IO

from bot.fhir.csv.checking import MAKE
from bot.fhir.csv.directory import Directory
from bot.fhir.csv.faults import FileBroken
from bot.fhir.csv.making import Making
from bot.fhir.csv.table import Table
from bot.fhir.sources import ImportRefused, Source


def source_of(table: Table, making: Making, directory: Directory) -> Source:
    """The number of a line is that of the spreadsheet's row; each holds a Bundle, or nothing."""

    def open_lines() -> IO[bytes]:
        return io.BufferedReader(_Lines(_lines(table, making, directory)))

    return Source(name=f"{table.kind}.ndjson", size=table.stamp[0], open=open_lines, has_lines=True)


def _lines(table: Table, making: Making, directory: Directory) -> Iterator[bytes]:
    """Raises ImportRefused when the file is no longer the one that was checked."""
    last = 0
    try:
        for row in table.rows:
            made = [*directory.told(row, MAKE[table.kind](row, making))]
            bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in made]}
            yield b"\n" * (row.number - last - 1) + json.dumps(bundle).encode() + b"\n"
            last = row.number
    except FileBroken as broken:
        raise ImportRefused(f"{table.path} {broken.reason}.") from broken


class _Lines(io.RawIOBase):
    """Bytes as they are asked for, so that a file of any length needs no more memory than a row."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._rest = lines, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._rest = self._rest or next(self._lines, b"")
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)
