"""The chart of a medicine's doses: every day has a cell, words say the same, and no percent flatters."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.console.dose_charts import DoseCharts, read_charts
from bot.domain.enums import AdministrationStatus
from bot.records import MedicationAdministration, Patient
from tests.unit.care_cast import NOW, Clinic, make_clinic

EIGHT = datetime(2026, 11, 18, 13, tzinfo=UTC)  # today in New York, four hours ago
STATUSES = {
    "t": AdministrationStatus.COMPLETED,
    "s": AdministrationStatus.NOT_DONE,
    "?": AdministrationStatus.UNKNOWN,
    ".": AdministrationStatus.IN_PROGRESS,
}


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return make_clinic(tmp_path)


def charts(clinic: Clinic, letters: str) -> DoseCharts:
    """Of a medicine with one dose a day; a letter for each day, the last is today's."""
    request_id, amina = clinic.add_medicine("amina", "metformin"), clinic.patients["amina"]
    with clinic.database.write() as session:
        for days_ago, letter in enumerate(reversed(letters)):
            session.add(
                MedicationAdministration(
                    patient_id=amina,
                    medication_request_id=request_id,
                    due_at=EIGHT - timedelta(days=days_ago),
                    status=STATUSES[letter],
                )
            )
    with clinic.database.read() as session:
        return read_charts(session, session.get_one(Patient, amina), NOW)


def test_each_day_has_its_cell_and_the_legend_names_what_occurs(clinic: Clinic) -> None:
    found = charts(clinic, "tttttttttts?.")
    [chart] = found.charts
    assert [cell.state for cell in chart.cells] == [
        *["nothing"] * 17,
        *["taken"] * 10,
        "skipped",
        "unknown",
        "waiting",
    ]
    assert len({(cell.x, cell.y) for cell in chart.cells}) == 30
    assert all(cell.x < found.width and cell.y < found.height for cell in chart.cells)
    assert chart.cells[-3].title == "Mon 16 Nov: skipped"
    assert [meaning for _, meaning in found.legend] == [
        "taken",
        "skipped",
        "no answer",
        "answer may come",
        "nothing asked",
    ]
    assert found.since == "Tue 20 Oct"


def test_the_words_give_the_counts_and_the_share_of_days_covered(clinic: Clinic) -> None:
    [chart] = charts(clinic, "tttttttttts?.").charts
    assert chart.text == (
        "metformin 500 mg, last 30 days: taken on 10, skipped on 1, no answer on 1, answer may come on 1, "
        "nothing asked on 17. PDC 90 percent: 10 of 11 known days."
    )
    assert (chart.note, chart.tag, chart.colour) == (
        "10 of 11 doses taken, 1 without an answer, 1 not answered yet",
        "PDC 90 %",
        "good",
    )


def test_what_is_just_below_the_threshold_is_not_rounded_up_to_it(clinic: Clinic) -> None:
    [chart] = charts(clinic, "t" * 23 + "s" * 6).charts  # 79.3 %
    assert (chart.tag, chart.colour) == ("PDC 79 %", "warn")
    assert chart.text.endswith("PDC 79 percent, below the usual 80: 23 of 29 known days.")


def test_of_too_few_known_days_no_share_is_given(clinic: Clinic) -> None:
    [chart] = charts(clinic, "????tttttt").charts
    assert (chart.note, chart.tag, chart.colour) == ("6 of 6 doses taken, 4 without an answer", "PDC not known", "")
    assert chart.text.endswith("PDC not known: 6 of at least 7 known days.")


def test_silence_alone_is_told_as_silence(clinic: Clinic) -> None:
    [chart] = charts(clinic, "??").charts
    assert chart.note == "2 without an answer"
