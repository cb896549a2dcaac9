"""Which medicine is meant, however it is spelt, and when its next dose is."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.care.dose_times import next_dose
from bot.care.medication_changes import find_change, latest_change
from bot.care.medications import Medicine, current_medicines, ended_medicines
from bot.care.medicine_names import (
    Ended,
    Found,
    NoMedicines,
    NotNamed,
    NotOnList,
    SeveralClose,
    find_medicine,
)
from bot.domain.enums import MedicationRequestStatus
from tests.unit.care_cast import CLOCK_TIMES, NOW, ZONE, dosage, make_clinic


def medicine(medication: str, *aliases: str, active: bool = True) -> Medicine:
    return Medicine(
        id=uuid4(),
        name=medication,
        medication=medication,
        aliases=aliases,
        dosage=dosage(),
        purpose=None,
        refills_left=None,
        authored_at=NOW,
        stopped_at=None,
        active=active,
    )


METFORMIN = medicine("metformin", "metformina", "Glucophage")
LISINOPRIL = medicine("lisinopril", "Zestril")
SEVELAMER = medicine("sevelamer carbonate", "sevelamer", "Renvela")
HYDRALAZINE = medicine("hydralazine")
HYDROXYZINE = medicine("hydroxyzine")
PREDNISONE = medicine("prednisone")
ATORVASTATIN = medicine("atorvastatin", "阿托伐他汀")
GLYBURIDE = medicine("glyburide", active=False)
AMINA = [METFORMIN, LISINOPRIL, SEVELAMER, PREDNISONE]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("how much metformin do I take", METFORMIN),
        ("how much METPHORMIN?", METFORMIN),
        ("cuanta metfornina tomo", METFORMIN),
        ("¿Cuándo tomo la metformina?", METFORMIN),
        ("glucofage when", METFORMIN),
        ("what is lisinipril for", LISINOPRIL),
        ("my zestrill", LISINOPRIL),
        ("renvela refills", SEVELAMER),
        ("sevelamer carbonat", SEVELAMER),
        ("prednisone dose", PREDNISONE),
    ],
)
def test_a_misspelt_name_finds_the_patients_own_medicine(text: str, meant: Medicine) -> None:
    assert find_medicine(text, AMINA, [GLYBURIDE]) == Found(meant)


@pytest.mark.parametrize(
    "text",
    [
        "how much prednisolone should I take",
        "can you tell me my metoprolol dose",
        "when do I take ibuprofen",
        "¿cuánto ibuprofeno tomo?",
        "losartan",
    ],
)
def test_another_drug_is_not_on_the_list_however_alike_it_looks(text: str) -> None:
    assert find_medicine(text, AMINA, []) == NotOnList()


def test_a_look_alike_is_refused_even_for_the_only_medicine() -> None:
    assert find_medicine("prednisolone", [PREDNISONE], []) == NotOnList()
    assert find_medicine("losartan", [medicine("valsartan")], []) == NotOnList()


@pytest.mark.parametrize("text", ["how much do I take", "what is my medicine for?", "mi pastilla", ""])
def test_ordinary_words_name_no_medicine(text: str) -> None:
    assert find_medicine(text, AMINA, []) == NotNamed(tuple(AMINA))
    assert find_medicine(text, [METFORMIN], [GLYBURIDE]) == Found(METFORMIN)
    assert find_medicine(text, [], [GLYBURIDE]) == NoMedicines()


def test_two_that_fit_as_well_are_asked_about() -> None:
    weak, strong = medicine("lisinopril"), medicine("lisinopril")
    assert find_medicine("lisinopril dose", [METFORMIN, weak, strong], []) == SeveralClose((weak, strong))
    both = find_medicine("hydralazine or hydroxyzine?", [HYDRALAZINE, HYDROXYZINE], [])
    assert isinstance(both, SeveralClose)
    assert find_medicine("hidroxyzine", [HYDRALAZINE, HYDROXYZINE], []) == Found(HYDROXYZINE)


def test_a_stopped_medicine_is_known_as_stopped_and_a_current_one_of_the_name_wins() -> None:
    assert find_medicine("glyburid", AMINA, [GLYBURIDE]) == Ended(GLYBURIDE)
    old = medicine("lisinopril", active=False)
    assert find_medicine("lisinopril", AMINA, [old]) == Found(LISINOPRIL)


def test_a_marked_name_that_fits_nothing_is_not_on_the_list_but_a_generic_word_is_no_name() -> None:
    assert find_medicine("when do I take zorbifex", AMINA, [], ["zorbifex"]) == NotOnList()
    assert find_medicine("when do I take my pills", [METFORMIN], [], ["pills"]) == Found(METFORMIN)


def test_a_name_in_a_script_without_spaces_is_found_inside_the_sentence() -> None:
    assert find_medicine("我的阿托伐他汀怎么吃", [METFORMIN, ATORVASTATIN], []) == Found(ATORVASTATIN)


def test_a_very_long_text_is_read_in_no_time() -> None:
    assert isinstance(find_medicine("bla bli " * 2_000, AMINA, []), NotNamed)


def test_medicines_and_their_changes_come_from_the_record(tmp_path: Path) -> None:
    clinic = make_clinic(tmp_path)
    stopped = {"status": MedicationRequestStatus.STOPPED, "stopped_at": NOW}
    old = clinic.add_medicine("amina", "metoprolol", strength="25 mg", **stopped)
    clinic.add_medicine("amina", "wrong", status=MedicationRequestStatus.ENTERED_IN_ERROR)
    reason = {"en": "Helps your heart too."}
    clinic.add_medicine(
        "amina", "carvedilol", strength="6.25 mg", replaces_id=old, change_reason=reason, purpose={"en": "heart"}
    )
    with clinic.database.read() as session:
        [current] = current_medicines(session, clinic.patients["amina"])
        [ended] = ended_medicines(session, clinic.patients["amina"])
        change = find_change(session, ended)
        assert change == find_change(session, current) == latest_change(session, clinic.patients["amina"])
        assert latest_change(session, clinic.patients["robert"]) is None
    assert (current.name, current.purpose) == ("carvedilol 6.25 mg", {"en": "heart"})
    assert change is not None
    assert (change.old.name, change.new.name, change.reason) == ("metoprolol 25 mg", "carvedilol 6.25 mg", reason)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A November day in New York, which is five hours behind UTC then."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) + timedelta(hours=5)


STARTED = local(1, 12)  # a Sunday
DAILY = {"frequency": 1, "period": 1, "periodUnit": "d"}
AT_8 = {"timeOfDay": ["08:00:00"]}
WEEKLY = {"frequency": 1, "period": 1, "periodUnit": "wk"}


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        ({**DAILY, "timeOfDay": ["08:00:00", "20:15:00"]}, local(18, 20, 15)),
        ({**DAILY, "when": ["CM"]}, local(19, 8)),
        ({**DAILY, "when": ["ACM"], "offset": 30}, local(19, 7, 30)),
        ({**DAILY, "frequency": 2}, local(18, 20)),
        ({**DAILY, "period": 2}, local(19, 8)),
        ({**DAILY, "period": 3}, local(19, 8)),
        ({**WEEKLY, "dayOfWeek": ["mon"], **AT_8}, local(23, 8)),
        ({**WEEKLY, "period": 2, "dayOfWeek": ["mon"], **AT_8}, local(23, 8)),
        ({**WEEKLY, "period": 2, "dayOfWeek": ["thu"], **AT_8}, local(26, 8)),
        ({**WEEKLY, "frequency": 3, "dayOfWeek": ["mon", "wed", "fri"], **AT_8}, local(20, 8)),
        ({**DAILY, "boundsDuration": {"value": 10, "unit": "d"}}, None),
        ({**DAILY, "boundsDuration": {"value": 30, "unit": "d"}}, local(19, 8)),
        (WEEKLY, None),
        ({**WEEKLY, **AT_8}, None),
        ({**WEEKLY, "frequency": 2, "dayOfWeek": ["mon"]}, None),
        ({"frequency": 1, "period": 6, "periodUnit": "h"}, None),
        ({**DAILY, "frequency": 7}, None),
        ({**DAILY, "when": ["MORN.early"]}, None),
        ({**DAILY, "count": 3}, None),
    ],
)
def test_the_next_dose_follows_the_record_and_the_clinics_hours(
    repeat: dict[str, Any], expected: datetime | None
) -> None:
    due_at = next_dose(dosage(repeat), time_zone=ZONE, after=NOW, starts_at=STARTED, clock_times=CLOCK_TIMES)
    assert due_at == expected


def test_a_medicine_as_needed_has_no_next_dose() -> None:
    found = dosage(DAILY, asNeededBoolean=True)
    assert next_dose(found, time_zone=ZONE, after=NOW, starts_at=STARTED, clock_times=CLOCK_TIMES) is None


def test_the_steps_of_a_taper_follow_one_another() -> None:
    first = dosage({**DAILY, "when": ["CM"], "boundsDuration": {"value": 18, "unit": "d"}}, sequence=1)
    second = dosage({**DAILY, "when": ["HS"]}, sequence=2)
    due_at = next_dose([*first, *second], time_zone=ZONE, after=NOW, starts_at=STARTED, clock_times=CLOCK_TIMES)
    assert due_at == local(19, 20, 30)
    assert CLOCK_TIMES.when["HS"] == time(20, 30)


def test_one_dose_that_is_not_understood_leaves_no_times_for_the_others() -> None:
    found = [*dosage(DAILY), *dosage({"frequency": 1, "period": 6, "periodUnit": "h"})]
    assert next_dose(found, time_zone=ZONE, after=NOW, starts_at=STARTED, clock_times=CLOCK_TIMES) is None
