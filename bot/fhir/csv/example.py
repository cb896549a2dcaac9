"""Example files of a clinic, and a map with a comment for everything that it can say."""

import shutil
from pathlib import Path

from bot.fhir.sources import ImportRefused

EXAMPLE = Path(__file__).with_name("example")


def write_example(folder: Path) -> list[Path]:
    """The files that were written. Raises ImportRefused rather than write over one, or where it may not write."""
    made = [folder / each.name for each in sorted(EXAMPLE.iterdir())]
    there = next((path for path in made if path.exists()), None)
    if there is not None:
        raise ImportRefused(f"{there} is there already. Name another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in made:
            shutil.copyfile(EXAMPLE / path.name, path)
    except OSError as error:
        raise ImportRefused(f"{folder} cannot be written to. Name another folder.") from error
    return made
