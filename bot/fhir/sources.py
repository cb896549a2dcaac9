"""The files of an import: bundles, single resources and bulk exports, alone, in a folder or in a zip."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bot.domain.errors import NorthstarError

LINES = (".ndjson", ".jsonl")
# XML is taken up so that it is refused with a reason, rather than passed over.
SUFFIXES = (".json", *LINES, ".xml")


class ImportRefused(NorthstarError):
    """Nothing was written; says which file is wrong and what to do."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file. `name` is as the user would find it; `size` in bytes; each `open` reads from the beginning.

    `has_lines`: each line is one resource, as in a bulk export.
    """

    name: str
    size: int
    open: Callable[[], IO[bytes]]
    has_lines: bool


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """The files that hold resources, in the order of their names. Raises ImportRefused."""
    sources = [source for path in paths for source in _sources_at(path)]
    if not sources:
        raise ImportRefused(f"There is no {', '.join(SUFFIXES[:3])} or zip file in {' '.join(map(str, paths))}.")
    return sources


def _sources_at(path: Path) -> Iterator[Source]:
    if path.is_dir():
        inside = sorted(each for each in path.rglob("*") if each.is_file())
        for each in inside:
            if each.suffix.lower() == ".zip":
                yield from _in_zip(each)
            elif each.suffix.lower() in SUFFIXES:
                yield _file(each)
    elif path.suffix.lower() == ".zip":
        yield from _in_zip(path)
    elif path.is_file():
        yield _file(path)
    else:
        raise ImportRefused(f"{path} is not there. Name a file, a folder or a zip.")


def _file(path: Path) -> Source:
    return Source(
        name=str(path), size=path.stat().st_size, open=lambda: path.open("rb"), has_lines=_has_lines(str(path))
    )


def _in_zip(path: Path) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(archive.infolist(), key=lambda member: member.filename)
    except (OSError, zipfile.BadZipFile) as error:
        raise ImportRefused(f"{path} cannot be opened as a zip. Export it again.") from error
    for member in members:
        if member.is_dir() or Path(member.filename).suffix.lower() not in SUFFIXES:
            continue
        if member.flag_bits & 1:
            raise ImportRefused(f"{path} is locked with a password. Unpack it and import the folder.")
        name = f"{path}/{member.filename}"
        yield Source(name=name, size=member.file_size, open=_opener(path, member), has_lines=_has_lines(name))


def _has_lines(name: str) -> bool:
    return name.lower().endswith(LINES)


def _opener(path: Path, member: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: zipfile.ZipFile(path).open(member)
