"""What is wrong in a CSV file or its map is told with file, row and column, and with what to do."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.enums import ConsentScope
from bot.domain.errors import ContentInvalid
from bot.fhir.csv import cells
from bot.fhir.csv.cells import Conventions
from bot.fhir.csv.checking import MOST_FAULTS, Checking
from bot.fhir.csv.column_map import load_column_map
from bot.fhir.csv.faults import Fault
from bot.fhir.csv.fields import Kind
from bot.fhir.csv.making import Making
from bot.fhir.csv.reading import LONGEST_LINE
from bot.fhir.csv.table import CellWrong
from tests.support.csv_files import AMINA, METFORMIN, VISIT, places, table

CONVENTIONS = Conventions(
    date_format=None,
    time_format=None,
    time_zone="America/New_York",
    country="US",
    now=datetime(2026, 11, 23, 15, tzinfo=UTC),
)
MAPPED = "patients: {id: MRN, name: Name}\n"


def faults(folder: Path, *, column_map: str = "", **contents: bytes) -> list[Fault]:
    files = {Kind(kind): folder / f"{kind}.csv" for kind in contents}
    for kind, path in files.items():
        path.write_bytes(contents[kind])
    (folder / "map.yml").write_text(column_map, "utf-8")
    checking = Checking(
        column_map=load_column_map(folder / "map.yml"),
        making=Making(conventions=CONVENTIONS, language=None, consents=frozenset()),
        on_record=frozenset(),
        say=lambda what, done, total: None,
    )
    checking.read(files)
    return checking.faults


def amina(**values: str) -> bytes:
    return table({**AMINA, **values})


GOOD = table(AMINA)
FILES = [
    (b"PK\x03\x04rest of a workbook", "", None, None, "Excel or zip"),
    (b"\xd0\xcf\x11\xe0old workbook", "", None, None, "Excel or zip"),
    (b"", "", None, None, "is empty"),
    (b"id,name\n", "", None, None, "no rows"),
    (b"id;name\nP-1;Amina\n", "", None, None, "say `delimiter: ';'`"),
    (b"id\tname\nP-1\tAmina\n", "", None, None, "say `delimiter: 'tab'`"),
    (b"Amina,1958-03-02\nBruno,1980-01-01\n", "", None, None, "has no column for id; the first row must hold"),
    (b"id,name,nickname\nP-1,Amina,Ami\n", "", 1, "nickname", "is none of id, name"),
    (b"id,name,ID\nP-1,Amina,P-1\n", "", 1, "id", "stands twice"),
    (b"MRN\nP-1\n", MAPPED, 1, "Name", "is not in the file, but in the map"),
    (b"id,name\nP-1,Amina,Diallo\n", "", 2, None, "has 3 cells where the first row has 2"),
    (b"id,name\nP-1\n", "", 2, None, "has 1 cells"),
    (b"id,name\nP-1,Amina\n\nP-2,Bru\0no\n", "", 4, None, "NUL"),
    (b'id,name\nP-1,Amina\nP-2,"Bruno\nP-3,Chen\n', "", 3, None, "a quote that is not closed"),
    (b'id,name\nP-1,Amina\nP-2,"Bruno\n' + b"P-3,Chen\n" * 50_000, "", 3, None, "a quote that is not closed"),
    (b'id,name\nP-1,"Amina" Diallo\n', "", 2, None, "letters behind a closed one"),
    (b"id,name\nP-1,Amina\nP-2," + b"x" * LONGEST_LINE, "", 3, None, "a line of more than"),
    (b"id,name\nP-1,Amina\nP-2,Jos\xe9\n", "", 3, None, "`encoding: cp1252`"),
    (b"\xff\xfei\x00d\x00,\x00n\x00a\x00m\x00e\x00\n", "", 1, None, "breaks off inside a letter"),
    (b"id,name\nP-1,Amina\n", "encoding: utf-16", None, None, "no byte-order mark"),
    (amina(id=""), "", 2, "id", "is blank"),
    (amina(name="", given=""), "", 2, "name", "is blank"),
    (amina(birth_date="03/02/1958"), "", 2, "birth_date", "no date as 2026-11-23"),
    (amina(birth_date="58-03-02"), "", 2, "birth_date", "four digits"),
    (amina(birth_date="1958-02-30"), "", 2, "birth_date", "no date"),
    (amina(birth_date="0058-03-02"), "", 2, "birth_date", "year that cannot be right"),
    (amina(birth_date="2026-11-24"), "", 2, "birth_date", "in the future"),
    (amina(phone="2.12556E+09"), "", 2, "phone", "no phone number"),
    (amina(phone="12"), "", 2, "phone", "no phone number"),
    (amina(language="Dialloish"), "", 2, "language", "no language"),
    (amina(time_zone="Boston"), "", 2, "time_zone", "no IANA time zone"),
    (amina(country="Atlantis"), "", 2, "country", "no country"),
    (amina(active="maybe"), "", 2, "active", "neither yes nor no"),
    (amina(caregiver_name="Bruno"), "", 2, "caregiver_scopes", "is blank"),
    (amina(caregiver_phone="212 555 0172", caregiver_scopes="adherence"), "", 2, "caregiver_name", "is blank"),
    (amina(caregiver_name="Bruno", caregiver_scopes=""), "", 2, "caregiver_scopes", "is blank"),
    (amina(caregiver_name="", caregiver_scopes="appointments"), "", 2, "caregiver_name", "is blank"),
    (amina(caregiver_name="Bruno", caregiver_scopes="everything"), "", 2, "caregiver_scopes", "may hold appointments"),
    (table(AMINA, AMINA), "", 3, "id", "also the id of row 2"),
]


@pytest.mark.parametrize(("content", "column_map", "row", "column", "why"), FILES)
def test_what_is_wrong_in_a_patients_file_is_told_with_row_and_column(
    tmp_path: Path, content: bytes, column_map: str, row: int | None, column: str | None, why: str
) -> None:
    found = faults(tmp_path, patients=content, column_map=column_map)
    assert places(found) == [("patients", row, column)]
    assert why in found[0].reason


ROWS = [
    (Kind.APPOINTMENTS, {**VISIT, "start": "tomorrow"}, "start", "no date and time as 2026-11-23 09:30"),
    (Kind.APPOINTMENTS, {**VISIT, "start": "2026-11-26"}, "start", "no date and time"),
    (Kind.APPOINTMENTS, {**VISIT, "start": "2026-11-26 25:00"}, "start", "no date and time"),
    (Kind.APPOINTMENTS, {**VISIT, "start": "2026-11-01 01:30"}, "start", "happens twice in America/New_York"),
    (Kind.APPOINTMENTS, {**VISIT, "start": "2026-03-08 02:30"}, "start", "does not exist in America/New_York"),
    (Kind.APPOINTMENTS, {**VISIT, "start": ""}, "start", "is blank"),
    (Kind.APPOINTMENTS, {**VISIT, "minutes": ""}, "minutes", "is blank"),
    (Kind.APPOINTMENTS, {**VISIT, "minutes": "half"}, "minutes", "no whole number from 1 to 1440"),
    (Kind.APPOINTMENTS, {**VISIT, "end": "2026-11-26 10:30"}, "end", "not after the start"),
    (Kind.APPOINTMENTS, {**VISIT, "status": "nope"}, "status", "is none of proposed"),
    (Kind.APPOINTMENTS, {**VISIT, "patient_id": "P-9"}, "patient_id", "is no id of the patients' file"),
    (Kind.APPOINTMENTS, {**VISIT, "patient_id": ""}, "patient_id", "is blank"),
    (Kind.APPOINTMENTS, {**VISIT, "video_link": "ask us"}, "video_link", "no web address"),
    (Kind.APPOINTMENTS, {**VISIT, "location": ""}, "location", "name the place"),
    (Kind.MEDICINES, {**METFORMIN, "medicine": ""}, "medicine", "is blank"),
    (Kind.MEDICINES, {**METFORMIN, "status": "nope"}, "status", "is none of active"),
    (Kind.MEDICINES, {**METFORMIN, "stopped": "2026-12-24"}, "stopped", "in the future"),
    (Kind.MEDICINES, {**METFORMIN, "stopped": "2026-04-01"}, "stopped", "before the start"),
    (Kind.MEDICINES, {**METFORMIN, "stopped": "2026-06-01", "status": "active"}, "stopped", "status says"),
    (Kind.MEDICINES, {**METFORMIN, "dose_amount": "1", "dose_unit": "tablet"}, "times_a_day", "give all of the dose"),
    (Kind.MEDICINES, {**METFORMIN, "times_a_day": "2", "dose_unit": "tablet"}, "dose_amount", "give all of it"),
    (Kind.MEDICINES, {**METFORMIN, "as_needed": "yes"}, "as_needed", "needs a dose by numbers"),
    (
        Kind.MEDICINES,
        {**METFORMIN, "dose_amount": "1,5", "dose_unit": "tablet", "times_a_day": "2"},
        "dose_amount",
        "no amount above 0",
    ),
    (
        Kind.MEDICINES,
        {**METFORMIN, "dose_amount": "1", "dose_unit": "tablet", "timing": "BID"},
        "timing",
        "has no translation",
    ),
]


@pytest.mark.parametrize(("kind", "row", "column", "why"), ROWS)
def test_what_is_wrong_in_a_visit_or_a_medicine_is_told_with_row_and_column(
    tmp_path: Path, kind: Kind, row: dict[str, str], column: str, why: str
) -> None:
    found = faults(tmp_path, patients=table(AMINA), **{kind.value: table(row)})
    assert places(found)[0] == (kind.value, 2, column)
    assert why in found[0].reason


def test_one_place_with_two_addresses_is_told_and_a_blank_one_says_nothing(tmp_path: Path) -> None:
    blank = {**VISIT, "id": "V-2", "location": "riverside  CLINIC", "location_address": ""}
    other = {**VISIT, "id": "V-3", "location_address": "1 Other Street"}
    assert faults(tmp_path, patients=table(AMINA), appointments=table(blank, VISIT)) == []
    found = faults(tmp_path, patients=table(AMINA), appointments=table(VISIT, blank, other))
    assert places(found) == [("appointments", 4, "location_address")]


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    content = b'id,name\r\nP-1,"Amina\r\nDiallo"\r\n\r\n,,\r\nP-2,Bruno,\r\n'
    assert [fault.row for fault in faults(tmp_path, patients=content.replace(b",,", b","))] == [5]


@pytest.mark.parametrize(
    ("content", "column_map"),
    [
        ("id,name\nP-1,José\n".encode("utf-8-sig"), ""),
        ("id,name\nP-1,José\n".encode("utf-16"), ""),
        ("id,name\nP-1,José\n".encode("cp1252"), "encoding: cp1252"),
        ("id;name\nP-1;José\n".encode(), "delimiter: ';'"),
        ("ID\tName\nP-1\tJosé\n".encode(), "delimiter: tab"),
    ],
)
def test_encodings_and_delimiters_are_read_as_they_are_said(tmp_path: Path, content: bytes, column_map: str) -> None:
    assert faults(tmp_path, patients=content, column_map=column_map) == []


def test_more_faults_than_anybody_reads_are_not_collected(tmp_path: Path) -> None:
    patients = [{**AMINA, "id": f"P-{number}", "phone": "none"} for number in range(MOST_FAULTS + 500)]
    assert len(faults(tmp_path, patients=table(*patients))) == MOST_FAULTS


def test_a_broken_patients_file_does_not_make_every_other_row_wrong(tmp_path: Path) -> None:
    found = faults(tmp_path, patients=b"PK\x03\x04", medicines=table(METFORMIN))
    assert places(found) == [("patients", None, None)]


MAPS = [
    ("patients:\n  id: MRN\n  surname: Name\n", "line 3: surname is not known here; use one of id, name"),
    ("patients:\n  id: MRN\n  id: Number\n", "line 3: id stands twice"),
    ("people:\n  id: MRN\n", "line 1: people is not known here"),
    ("patients: MRN\n", "line 1: must be pairs"),
    ("patients:\n  id: [MRN]\n", "line 2: must be pairs"),
    ("patients:\n  id: {column: MRN, fixed: 1}\n", "line 2: id needs one of column, columns and fixed"),
    ("patients:\n  id: {columns: MRN}\n", "line 2: columns must be a list"),
    ("patients:\n  id: {column: MRN, values: {A: b, a: c}}\n", "line 2: the value stands twice"),
    ("date_format: '%d.%m.%y'\n", "line 1: date_format must hold %Y"),
    ("date_format: '%Y'\n", "line 1: date_format lacks %m %d"),
    ("time_format: '%d.%m.%Y %I:%M'\n", "line 1: time_format lacks %H"),
    ("time_zone: Boston\n", "line 1: time_zone must be an IANA name"),
    ("delimiter: ':'\n", "line 1: delimiter must be one of"),
    ("encoding: ebcdic\n", "line 1: encoding must be one of"),
    ("language: English words\n", "line 1: language must be a BCP 47 code"),
    ("patients:\n  id: 'MRN\n", "line 3: is no YAML"),
    ("medicines:\n  timing: {column: Sig, values: {BID: twice}}\n", "line 2: must be FHIR's Timing.repeat"),
    ("medicines:\n  timing: {column: Sig, values: {BID: {freq: 2}}}\n", "line 2: freq is no part of FHIR's"),
    ("medicines:\n  timing: {column: Sig, values: {BID: {frequency: two}}}\n", "line 2: frequency must be a FHIR"),
    ("medicines:\n  timing: {column: Sig, values: {BID: {timeOfDay: [20:00:00]}}}\n", "line 2: timeOfDay[0] must be"),
]


@pytest.mark.parametrize(("text", "why"), MAPS)
def test_what_is_wrong_in_a_map_is_told_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "map.yml").write_text(text, "utf-8")
    with pytest.raises(ContentInvalid) as told:
        load_column_map(tmp_path / "map.yml")
    assert str(told.value).startswith(f"map.yml, {why}")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("es", "es"),
        ("es_MX", "es-MX"),
        ("Spanish", "es"),
        ("ESPAÑOL", "es"),
        ("Simplified Chinese", "zh-Hans"),
        ("中文 (简体)", "zh-Hans"),
        ("tl", "tl"),
        ("Haitian Creole", "ht"),
        ("kreyòl ayisyen", "ht"),
        ("Polish", "pl"),
    ],
)
def test_a_language_is_a_code_or_a_name(text: str, code: str) -> None:
    assert cells.language(text) == code


def test_a_time_with_its_offset_is_never_in_doubt() -> None:
    assert CONVENTIONS.instant("2026-11-01 01:30-05:00").astimezone(UTC) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert CONVENTIONS.instant("2026-11-26T10:30Z").astimezone(UTC) == datetime(2026, 11, 26, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(("text", "value"), [("1", 1), ("1.0", 1), ("0.5", 0.5), ("2.25", 2.25)])
def test_an_amount_is_taken_as_it_is_written(text: str, value: float) -> None:
    assert cells.amount(text) == value
    assert isinstance(cells.amount(text), type(value))


@pytest.mark.parametrize("text", ["0", "-1", "1/2", "nan", "1e3", "½", "1,5", "٣"])
def test_an_amount_that_may_mean_something_else_is_none(text: str) -> None:
    with pytest.raises(CellWrong):
        cells.amount(text)


def test_scopes_are_named_one_by_one() -> None:
    assert cells.scopes("Medications; appointments") == [ConsentScope.APPOINTMENTS, ConsentScope.MEDICATIONS]
