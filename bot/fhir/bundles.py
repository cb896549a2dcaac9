"""Reads the resources of a file one at a time, so that a bundle of any size needs no more memory than one entry."""

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

import ijson

from bot.fhir.sources import ImportRefused, Source

# A file that is one resource, and a line of a bulk export, are read whole.
LARGEST_RESOURCE = 64 * 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
ANEW = "Export it again; nothing of it was written."


@dataclass(frozen=True, kw_only=True)
class Found:
    """One resource as it stands in a file. `place` is where: "entry[3]" or "line 7".

    `resource` may be anything that JSON can hold. `full_url` and `method` are those of a bundle's entry.
    """

    place: str
    resource: Any
    full_url: str | None = None
    method: str | None = None


def read_resources(source: Source) -> Iterator[Found]:
    """Every resource of a file. Raises ImportRefused where it stops being JSON; what came before was good."""
    try:
        with source.open() as file:
            if source.has_lines:
                yield from _lines(file, source.name)
            else:
                yield from _document(file, source)
    except (ijson.IncompleteJSONError, EOFError) as error:
        raise ImportRefused(f"{source.name} breaks off or is no JSON ({_where(error)}). {ANEW}") from error
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
        raise ImportRefused(f"{source.name} is no JSON ({_where(error)}). {ANEW}") from error
    except (OSError, zipfile.BadZipFile, zlib.error) as error:
        raise ImportRefused(f"{source.name} cannot be read to its end. {ANEW}") from error


def _document(file: IO[bytes], source: Source) -> Iterator[Found]:
    start = _start(file, source.name)
    kind = next((value for prefix, _, value in ijson.parse(file, use_float=True) if prefix == "resourceType"), None)
    file.seek(start)
    if kind == "Bundle":
        for number, entry in enumerate(ijson.items(file, "entry.item", use_float=True)):
            yield _entry(entry, f"entry[{number}]")
        return
    if source.size > LARGEST_RESOURCE:
        raise ImportRefused(f"{source.name} is no Bundle, and too large for one resource. {ANEW}")
    if kind is None:
        raise ImportRefused(f"{source.name} holds no FHIR resource: it has no resourceType. {ANEW}")
    yield Found(place="resource", resource=next(ijson.items(file, "", use_float=True)))


def _entry(entry: Any, place: str) -> Found:
    if not isinstance(entry, Mapping):
        return Found(place=place, resource=entry)
    url, request = entry.get("fullUrl"), entry.get("request")
    method = request.get("method") if isinstance(request, Mapping) else None
    return Found(
        place=place,
        resource=entry.get("resource"),
        full_url=url if isinstance(url, str) else None,
        method=method if isinstance(method, str) else None,
    )


def _lines(file: IO[bytes], name: str) -> Iterator[Found]:
    number = 0
    while line := file.readline(LARGEST_RESOURCE):
        number += 1
        if number == 1:
            line = line.removeprefix(BYTE_ORDER_MARK)
        if not line.strip():
            continue
        try:
            resource = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise ImportRefused(f"{name} breaks off or is no JSON in line {number}. {ANEW}") from error
        if isinstance(resource, Mapping) and resource.get("resourceType") == "Bundle":
            entries = resource.get("entry")
            for place, entry in enumerate(entries if isinstance(entries, list) else ()):
                yield _entry(entry, f"line {number}, entry[{place}]")
        else:
            yield Found(place=f"line {number}", resource=resource)


def _start(file: IO[bytes], name: str) -> int:
    """Where the text begins; leaves the file there."""
    head = file.read(256)
    text = head.removeprefix(BYTE_ORDER_MARK).lstrip()
    if text.startswith(b"<"):
        raise ImportRefused(f"{name} is XML. Export FHIR R4 as JSON instead; nothing of it was written.")
    if not text:
        raise ImportRefused(f"{name} is empty. {ANEW}")
    return file.seek(len(BYTE_ORDER_MARK) if head.startswith(BYTE_ORDER_MARK) else 0)


def _where(error: BaseException) -> str:
    """The first line of the parser's message; the others quote what is in the file."""
    return str(error).splitlines()[0].strip()[:100] if str(error) else type(error).__name__
