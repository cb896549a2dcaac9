"""Files of a clinic without FHIR come in whole or not at all; what is wrong is told by row and column."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import Mock, patch

import pytest

from bot.care.medications import current_medicines, ended_medicines
from bot.domain.enums import ConsentScope, MedicationRequestStatus, ParticipationStatus
from bot.fhir.csv.example import write_example
from bot.fhir.csv.importing import CsvImport, Refused, Taken
from bot.fhir.report import Outcome, Report
from bot.fhir.sources import ImportRefused, Source
from bot.i18n.catalogs import Catalogs
from bot.i18n.dosage import describe_dosage
from bot.i18n.formats import Formats
from bot.records import (
    Appointment,
    Consent,
    ContactPoint,
    FhirResource,
    Location,
    MedicationRequest,
    MedicationRequestVersion,
    Patient,
    Practitioner,
    RelatedPerson,
    Timer,
)
from tests.support.clinic import Clinic
from tests.support.csv_files import AMINA, METFORMIN, VISIT, faults_of, import_files, places, table
from tests.support.fhir import everything_stored

CATALOGS = Catalogs.load()
EVERYTHING = {"patients": table(AMINA), "appointments": table(VISIT), "medicines": table(METFORMIN)}
CAREGIVER = {
    "caregiver_name": "Bruno Diallo",
    "caregiver_phone": "212 555 0172",
    "caregiver_relationship": "SON",
    "caregiver_scopes": "appointments, adherence",
    "caregiver_expires": "2027-01-31",
}
BY_NUMBERS = {**METFORMIN, "dose_amount": "1", "dose_unit": "tablet", "times_a_day": "2"}


def test_three_files_become_a_record_that_answers(clinic: Clinic, tmp_path: Path) -> None:
    taken = import_files(clinic, tmp_path, **EVERYTHING)
    assert isinstance(taken, Taken)
    assert (taken.remarks, taken.report.total(Outcome.NEW)) == ((), 5)
    (amina,), (contact,) = clinic.rows(Patient), clinic.rows(ContactPoint)
    assert (amina.name, amina.given_name, amina.birth_date) == ("Amina Diallo", "Amina", date(1958, 3, 2))
    assert (amina.language, amina.time_zone, amina.country, amina.active) == ("es", "America/New_York", "US", True)
    assert (contact.address, contact.patient_id, contact.verified_at) == ("+12125550171", amina.id, None)
    (visit,), (place,), (doctor,) = clinic.rows(Appointment), clinic.rows(Location), clinic.rows(Practitioner)
    assert visit.starts_at == datetime(2026, 11, 26, 16, 30, tzinfo=UTC)  # the clinic's zone, Chicago
    assert visit.ends_at == datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
    assert (visit.practitioner_id, visit.location_id) == (doctor.id, place.id)
    assert (doctor.name, place.name, place.address) == (
        "Dr. Linh Nguyen",
        "Riverside Clinic",
        "48 Harbor Street, Boston",
    )
    assert any(timer.unique_key.startswith(f"appointment:{visit.id}") for timer in clinic.rows(Timer))


def test_what_is_answered_about_a_medicine_is_in_the_clinicians_words(clinic: Clinic, tmp_path: Path) -> None:
    import_files(clinic, tmp_path, **EVERYTHING)
    (amina,) = clinic.rows(Patient)
    with clinic.database.read() as session:
        (medicine,) = current_medicines(session, amina.id)
    assert medicine.name == METFORMIN["medicine"]
    assert list(medicine.dosage) == [{"text": METFORMIN["instruction"]}]  # "twice a day" became no timing
    formats = Formats(CATALOGS, "en")
    assert describe_dosage(medicine.dosage, formats, "en") == METFORMIN["instruction"]


def test_a_dose_by_numbers_is_told_in_the_patients_language_beside_the_words(clinic: Clinic, tmp_path: Path) -> None:
    import_files(clinic, tmp_path, patients=table(AMINA), medicines=table(BY_NUMBERS))
    (amina,) = clinic.rows(Patient)
    with clinic.database.read() as session:
        (medicine,) = current_medicines(session, amina.id)
    assert describe_dosage(medicine.dosage, Formats(CATALOGS, "es"), "en") == "1 tableta, 2 veces al día"
    assert medicine.instruction == METFORMIN["instruction"]


def test_a_sig_code_is_what_the_map_says_of_it(clinic: Clinic, tmp_path: Path) -> None:
    column_map = """
medicines:
  id: id
  patient_id: patient_id
  medicine: medicine
  dose_amount: {fixed: 0.5}
  dose_unit: {fixed: tablet}
  timing: {column: sig, values: {QHS: {frequency: 1, period: 1, periodUnit: d, when: [HS]}}}
  as_needed: prn
"""
    known = {**METFORMIN, "sig": "qhs", "prn": "yes"}
    import_files(clinic, tmp_path, patients=table(AMINA), medicines=table(known), column_map=column_map)
    (request,) = clinic.rows(MedicationRequest)
    english = Formats(CATALOGS, "en")
    assert (
        describe_dosage(request.dosage_instruction, english, "en")
        == "half a tablet, once a day, at bedtime, only when needed"
    )
    unknown = table({**known, "id": "R-2", "sig": "HS PRN"})
    refused = import_files(clinic, tmp_path, patients=table(AMINA), medicines=unknown, column_map=column_map)
    assert places(faults_of(refused)) == [("medicines", 2, "sig")]


def test_the_same_files_again_change_nothing(clinic: Clinic, tmp_path: Path) -> None:
    undated = {**METFORMIN, "id": "R-2", "start": ""}
    files = {**EVERYTHING, "patients": table({**AMINA, **CAREGIVER}), "medicines": table(METFORMIN, undated)}
    first = import_files(clinic, tmp_path, **files)
    before = everything_stored(clinic)
    again = import_files(clinic, tmp_path, **files)
    assert everything_stored(clinic) == before
    assert isinstance(first, Taken)
    assert isinstance(again, Taken)
    assert again.report.total(Outcome.UNCHANGED) == first.report.total(Outcome.NEW) == 8
    assert places(again.remarks) == [("medicines", 3, "start")]


def test_a_phone_or_a_date_that_is_written_another_way_is_the_same(clinic: Clinic, tmp_path: Path) -> None:
    import_files(clinic, tmp_path, patients=table(AMINA))
    before = everything_stored(clinic)
    other = table({**AMINA, "phone": "+1 212-555-0171", "birth_date": "02.03.1958"})
    names = "\n".join(f"  {name}: {name}" for name in AMINA)
    import_files(clinic, tmp_path, patients=other, column_map=f"date_format: '%d.%m.%Y'\npatients:\n{names}\n")
    assert everything_stored(clinic) == before


def test_a_changed_dose_updates_and_leaves_a_version(clinic: Clinic, tmp_path: Path) -> None:
    import_files(clinic, tmp_path, **EVERYTHING)
    changed = {**METFORMIN, "instruction": "Take 2 tablets in the evening"}
    taken = import_files(clinic, tmp_path, medicines=table(changed))
    assert isinstance(taken, Taken)
    assert taken.report.counts["MedicationRequest", Outcome.UPDATED] == 1
    (request,), (version,) = clinic.rows(MedicationRequest), clinic.rows(MedicationRequestVersion)
    assert (request.version, request.dosage_instruction) == (2, [{"text": "Take 2 tablets in the evening"}])
    assert (version.version, version.dosage_instruction) == (1, [{"text": METFORMIN["instruction"]}])
    assert version.replaced_at == clinic.clock.now()


def test_a_stopped_medicine_keeps_its_day(clinic: Clinic, tmp_path: Path) -> None:
    old = {**METFORMIN, "id": "R-2", "stopped": "2026-09-01"}
    import_files(clinic, tmp_path, patients=table(AMINA), medicines=table(METFORMIN, old))
    import_files(clinic, tmp_path, medicines=table({**METFORMIN, "stopped": "2026-11-20"}, old))
    (amina,) = clinic.rows(Patient)
    with clinic.database.read() as session:
        ended = ended_medicines(session, amina.id)
    midnights = [datetime(2026, 9, 1, 5, tzinfo=UTC), datetime(2026, 11, 20, 6, tzinfo=UTC)]
    assert sorted(each.stopped_at for each in ended if each.stopped_at) == midnights
    assert {each.status for each in clinic.rows(MedicationRequest)} == {MedicationRequestStatus.STOPPED}


def test_a_confirmed_visit_is_booked_and_answered(clinic: Clinic, tmp_path: Path) -> None:
    names = "\n".join(f"  {name}: {name}" for name in VISIT)
    column_map = f"appointments:\n{names}\n  status: {{column: state, values: {{Confirmed: accepted}}}}\n"
    confirmed = table({**VISIT, "state": "CONFIRMED"})
    import_files(clinic, tmp_path, patients=table(AMINA), appointments=confirmed, column_map=column_map)
    (visit,) = clinic.rows(Appointment)
    assert (visit.status, visit.participation) == ("booked", ParticipationStatus.ACCEPTED)


def test_a_visit_by_video_has_its_link_and_one_abroad_its_offset(clinic: Clinic, tmp_path: Path) -> None:
    visit = {**VISIT, "start": "2026-11-26T10:30:00-05:00", "video_link": "https://video.example.org/1"}
    import_files(clinic, tmp_path, patients=table(AMINA), appointments=table(visit))
    (booked,) = clinic.rows(Appointment)
    assert (booked.telehealth_url, booked.location_id) == ("https://video.example.org/1", None)
    assert booked.starts_at == datetime(2026, 11, 26, 15, 30, tzinfo=UTC)


def test_a_caregiver_may_know_what_the_row_says_until_it_says_so_no_more(clinic: Clinic, tmp_path: Path) -> None:
    import_files(clinic, tmp_path, patients=table({**AMINA, **CAREGIVER}))
    now = clinic.clock.now()
    (bruno,), (given,) = clinic.rows(RelatedPerson), clinic.rows(Consent)
    assert (bruno.name, given.relationship_code) == ("Bruno Diallo", "SON")
    assert "+12125550172" in {contact.address for contact in clinic.rows(ContactPoint)}
    assert given.permits(ConsentScope.APPOINTMENTS, now)
    assert not given.permits(ConsentScope.MEDICATIONS, now)
    assert not given.permits(ConsentScope.APPOINTMENTS, datetime(2027, 2, 1, 7, tzinfo=UTC))
    import_files(clinic, tmp_path, patients=table(AMINA))  # a file without these columns says nothing of them
    assert clinic.rows(Consent)[0].is_effective(now)
    blank = table({**AMINA, **dict.fromkeys(CAREGIVER, "")})
    import_files(clinic, tmp_path, patients=blank)
    assert not clinic.rows(Consent)[0].is_effective(now)
    before = everything_stored(clinic)
    import_files(clinic, tmp_path, patients=blank)
    assert everything_stored(clinic) == before


def test_rows_may_refer_to_patients_of_an_earlier_import(clinic: Clinic, tmp_path: Path) -> None:
    import_files(clinic, tmp_path, patients=table(AMINA))
    stranger = {**VISIT, "id": "V-2", "patient_id": "P-2"}
    refused = import_files(clinic, tmp_path, appointments=table(VISIT, stranger))
    assert places(faults_of(refused)) == [("appointments", 3, "patient_id")]
    assert clinic.rows(Appointment) == []
    import_files(clinic, tmp_path, appointments=table(VISIT))
    assert len(clinic.rows(Appointment)) == 1


def test_ids_of_any_letters_are_found_again(clinic: Clinic, tmp_path: Path) -> None:
    odd = "Nº 12/345 ü"
    files = {
        "patients": table({**AMINA, "id": odd}),
        "medicines": table({**METFORMIN, "id": odd, "patient_id": odd}),
    }
    import_files(clinic, tmp_path, **files)
    import_files(clinic, tmp_path, **files)
    assert len(clinic.rows(Patient)) == len(clinic.rows(MedicationRequest)) == 1


def test_one_wrong_row_among_a_thousand_writes_nothing(clinic: Clinic, tmp_path: Path) -> None:
    patients = [{**AMINA, "id": f"P-{number}"} for number in range(1000)]
    patients[699]["birth_date"] = "1958-02-30"
    before = everything_stored(clinic)
    refused = import_files(clinic, tmp_path, patients=table(*patients), medicines=table(METFORMIN))
    assert places(faults_of(refused)) == [("patients", 701, "birth_date")]
    assert everything_stored(clinic) == before


def test_what_only_writing_would_find_is_found_before_anything_is_written(clinic: Clinic, tmp_path: Path) -> None:
    patients = table(AMINA, {**AMINA, "id": "P-2", "phone": "212 555 0191"})
    import_files(clinic, tmp_path, patients=patients, medicines=table(METFORMIN), appointments=table(VISIT))
    before = everything_stored(clinic)
    anothers = {**METFORMIN, "patient_id": "P-2"}
    newcomer = {**AMINA, "id": "P-3", "phone": "212 555 0192"}
    refused = import_files(
        clinic,
        tmp_path,
        patients=table(newcomer),
        medicines=table({**METFORMIN, "id": "R-2"}, anothers),
        appointments=table({**VISIT, "patient_id": "P-2"}),
    )
    assert places(faults_of(refused)) == [("appointments", 2, "patient_id"), ("medicines", 3, "patient_id")]
    assert everything_stored(clinic) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("rehearsal-")]


def test_a_check_writes_nothing_and_says_what_would_come(clinic: Clinic, tmp_path: Path) -> None:
    checked = import_files(clinic, tmp_path, **EVERYTHING, only_check=True)
    assert isinstance(checked, Taken)
    assert checked.report.total(Outcome.NEW) == 5
    assert clinic.rows(FhirResource) == clinic.rows(Patient) == []


def test_an_import_that_was_cut_short_is_completed_by_the_same_files(clinic: Clinic, tmp_path: Path) -> None:
    rehearse = CsvImport._rehearse

    def cut_after(run: CsvImport, sources: list[Source]) -> Report:
        report = rehearse(run, sources)
        cut.start()
        return report

    cut = patch.dict("bot.fhir.importing.TAKE", {"Appointment": Mock(side_effect=KeyboardInterrupt)})
    with patch.object(CsvImport, "_rehearse", cut_after), pytest.raises(KeyboardInterrupt):
        import_files(clinic, tmp_path, **EVERYTHING)
    cut.stop()
    assert (len(clinic.rows(Patient)), len(clinic.rows(Appointment))) == (1, 0)
    assert isinstance(import_files(clinic, tmp_path, **EVERYTHING), Taken)
    assert len(clinic.rows(Patient)) == len(clinic.rows(Appointment)) == len(clinic.rows(MedicationRequest)) == 1
    assert [contact.address for contact in clinic.rows(ContactPoint)] == ["+12125550171"]


def test_a_file_that_is_saved_while_it_is_read_stops_the_import(clinic: Clinic, tmp_path: Path) -> None:
    rehearse = CsvImport._rehearse

    def save_after(run: CsvImport, sources: list[Source]) -> Report:
        report = rehearse(run, sources)
        (tmp_path / "patients.csv").write_bytes(table(AMINA, {**AMINA, "id": ""}))
        return report

    with patch.object(CsvImport, "_rehearse", save_after), pytest.raises(ImportRefused, match="changed while"):
        import_files(clinic, tmp_path, **EVERYTHING)
    assert clinic.rows(Patient) == clinic.rows(FhirResource) == []


def test_the_example_is_imported_as_it_stands(clinic: Clinic, tmp_path: Path) -> None:
    made = {path.name: path for path in write_example(tmp_path / "example")}
    taken = import_files(
        clinic,
        tmp_path,
        patients=made["patients.csv"].read_bytes(),
        appointments=made["appointments.csv"].read_bytes(),
        medicines=made["medicines.csv"].read_bytes(),
        column_map=made["map.yml"].read_text("utf-8"),
    )
    assert isinstance(taken, Taken)
    assert (taken.remarks, len(clinic.rows(Patient)), len(clinic.rows(Location))) == ((), 3, 2)
    assert {patient.language for patient in clinic.rows(Patient)} == {"es", "vi", "ht"}
    (purpose,) = [each.purpose_json for each in clinic.rows(MedicationRequest) if "metformin" in each.medication]
    assert json.loads(str(purpose)) == {"en": "type 2 diabetes"}


def test_a_language_that_northstar_does_not_speak_is_said_and_stops_nothing(clinic: Clinic, tmp_path: Path) -> None:
    taken = import_files(clinic, tmp_path, patients=table({**AMINA, "language": "Polish"}))
    assert isinstance(taken, Taken)
    assert places(taken.remarks) == [("patients", 2, "language")]
    assert [patient.language for patient in clinic.rows(Patient)] == ["en"]


def test_nothing_that_is_told_of_a_file_repeats_what_stands_in_it(clinic: Clinic, tmp_path: Path) -> None:
    wrong = {
        "id": "",
        "name": "Amina Diallo",
        "birth_date": "long ago 1958",
        "phone": "ask her son 0171",
        "language": "Dialloish",
    }
    refused = import_files(clinic, tmp_path, patients=table(wrong))
    assert isinstance(refused, Refused)
    told = " ".join(f"{fault.what} {fault.place}" for fault in refused.faults)
    assert len(refused.faults) == 4
    assert not [value for value in wrong.values() if value and value in told]
