"""The rows of a CSV file as a spreadsheet counts them, one at a time; what is no good CSV is refused with its row."""

import csv
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TextIO

from bot.fhir.csv.faults import FileBroken

# Longer than any line of words: a file without line ends must not fill the memory. A cell has csv's own limit, so
# that a quote which is never closed does not take the rest of the file.
LONGEST_LINE = 1_000_000
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF_8, UTF_16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
ANEW = 'In the spreadsheet program choose "Save as", then "CSV UTF-8", and import that file'


def read_rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number from 1, blank ones left out. Raises FileBroken where the file cannot be read on."""
    number = 0
    try:
        with path.open(encoding=_encoding(path, encoding), errors="surrogateescape", newline="") as file:
            lines = _lines(file, lambda: number + 1)
            for number, cells in zip(count(1), csv.reader(lines, delimiter=delimiter, strict=True), strict=False):
                if any(cell.strip() for cell in cells):
                    yield number, cells
    except csv.Error as error:
        reason = (
            "has a quote that is not closed, letters behind a closed one, or a cell of more than "
            f"{csv.field_size_limit():,} letters; a quote inside a quoted cell is written twice"
        )
        raise FileBroken(number + 1, reason) from error
    except UnicodeError as error:
        raise FileBroken(number + 1, f"breaks off inside a letter. {ANEW}") from error
    except OSError as error:
        raise FileBroken(None, "cannot be read; name a CSV file that is there") from error


def _encoding(path: Path, said: str) -> str:
    """By the file's first bytes, else the one of the map. Raises FileBroken for what is no text."""
    with path.open("rb") as file:
        head = file.read(4)
    if head in (ZIP, OLD_EXCEL):
        raise FileBroken(None, f"is an Excel or zip file, not CSV. {ANEW}")
    if not head:
        raise FileBroken(None, "is empty; export it again")
    if head[:2] in UTF_16:
        return "utf-16"
    if said == "utf-16":
        raise FileBroken(None, f"has no byte-order mark, so it is not known to be UTF-16. {ANEW}")
    return "cp1252" if said == "cp1252" and not head.startswith(UTF_8) else "utf-8-sig"


def _lines(file: TextIO, row: Callable[[], int]) -> Iterator[str]:
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise FileBroken(row(), f"has a line of more than {LONGEST_LINE:,} letters; export the file again")
        if "\0" in line:
            raise FileBroken(row(), f"holds a NUL character. {ANEW}")
        if not line.isascii() and any("\ud800" <= letter <= "\udfff" for letter in line):
            raise FileBroken(
                row(), f"holds letters in another encoding. {ANEW}, or say `encoding: cp1252` in the map if it is so"
            )
        yield line
