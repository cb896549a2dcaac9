"""Who is meant on the command line: our id, or a record number."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.errors import NorthstarError
from bot.records import Patient, PatientIdentifier


class PatientNotFound(NorthstarError):
    """Nobody, or more than one, has that number; says what to do. Names nobody and no number."""


def find_patient(session: Session, asked: str) -> UUID:
    """The patient of an id, of a record number, or of `SYSTEM|NUMBER`. Raises PatientNotFound."""
    own = _as_uuid(asked)
    if own is not None and session.get(Patient, own) is not None:
        return own
    system, _, number = asked.strip().rpartition("|")
    query = select(PatientIdentifier).where(PatientIdentifier.value_index == number)
    found = session.scalars(query.where(PatientIdentifier.system == system) if system else query).all()
    if not found:
        raise PatientNotFound(
            "Nobody on record has this id or record number. Give the id of the patient, or the record number exactly "
            "as it stands in the system that gave it."
        )
    if len({each.patient_id for each in found}) > 1:
        systems = ", ".join(sorted(each.system for each in found))
        raise PatientNotFound(
            "Several patients have this record number, each in another system. Write SYSTEM|NUMBER, with one of: "
            f"{systems}"
        )
    return found[0].patient_id


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
