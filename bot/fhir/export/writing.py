"""Writes one person's file into a folder of its own that nobody else on the machine can read."""

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp

from bot.care.whose import find_patient
from bot.domain.errors import NorthstarError
from bot.fhir.export.bundle import make_bundle
from bot.fhir.export.gathering import gather
from bot.fhir.export.page import make_page
from bot.i18n.render import Words
from bot.records.engine import Database


class ExportRefused(NorthstarError):
    """Nothing was written; says why and what to do. Names nobody and no number."""


@dataclass(frozen=True, kw_only=True)
class Export:
    """Exports from one database. `tokens` is the CSS of our pages, `clinic` the name that stands on the page."""

    database: Database
    words: Words
    clinic: str
    tokens: str
    now: datetime

    def run(self, asked: str, output: Path) -> Path:
        """The new folder, `patient-ID` in `output`, with the bundle and the page. Raises ExportRefused
        and PatientNotFound.

        Both are whole or neither is there.
        """
        with self.database.read() as session:
            patient_id = find_patient(session, asked)
            folder = output / f"patient-{patient_id}"
            if folder.exists():
                raise ExportRefused(f"{folder} is there already. Move it away, or choose another folder by --output.")
            file = gather(session, patient_id, clinic=self.clinic, now=self.now)
            bundle = json.dumps(make_bundle(file), ensure_ascii=False)
            page = make_page(file, self.words, self.tokens)
        _write(folder, {f"{folder.name}.json": bundle, f"{folder.name}.html": page})
        return folder


def _write(folder: Path, texts: dict[str, str]) -> None:
    """Beside its place first (mode 0700, files 0600), so that the folder appears with everything in it."""
    try:
        made = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ExportRefused(f"Nothing can be written in {folder.parent}. Choose another folder by --output.") from error
    try:
        for name, text in texts.items():
            (made / name).touch(0o600)
            (made / name).write_text(text, "utf-8")
        made.rename(folder)
    except OSError as error:
        raise ExportRefused(f"{folder} could not be written. Look whether the disk is full.") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
