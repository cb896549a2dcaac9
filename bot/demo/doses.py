"""What a demo patient answered about the doses of the last month: one letter for each day in clinic.yml."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from bot.demo.days import RelativeDays
from bot.domain.enums import AdministrationStatus
from bot.records import MedicationAdministration

ANSWERS = {
    "t": AdministrationStatus.COMPLETED,
    "s": AdministrationStatus.NOT_DONE,
    "?": AdministrationStatus.UNKNOWN,
}
ANSWERED_AFTER = timedelta(minutes=6)


def past_doses(
    answers: Mapping[str, str], patient_id: UUID, request_id: UUID, days: RelativeDays, now: datetime
) -> Iterator[MedicationAdministration]:
    """The doses that were due until `now`; `answers` are letters by wall time, the last of them is for today."""
    for wall_local, letters in answers.items():
        for offset, letter in enumerate(letters, start=1 - len(letters)):
            due_at = days.at(days.day(offset), wall_local)
            if due_at <= now:
                status = ANSWERS[letter]
                answered = status is not AdministrationStatus.UNKNOWN
                yield MedicationAdministration(
                    patient_id=patient_id,
                    medication_request_id=request_id,
                    due_at=due_at,
                    status=status,
                    reported_at=min(due_at + ANSWERED_AFTER, now) if answered else None,
                )
