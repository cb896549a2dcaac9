"""FHIR's required codes and shapes are checked by us; what is wrong is named with its path and never with its value."""

from typing import Any

import pytest

from bot.fhir.elements import check
from bot.fhir.identities import Names
from bot.fhir.mapping.places import country_of, time_zone_of
from bot.fhir.times import read_instant
from bot.i18n.languages import load_languages
from bot.i18n.nearest import nearest_language
from tests.support.fhir import DAILY, amina, dosage, metformin, visit


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (metformin(status="nope"), "MedicationRequest.status"),
        (metformin(status=["active"]), "MedicationRequest.status"),
        (metformin(intent="Order"), "MedicationRequest.intent"),
        (metformin(implicitRules="https://example.org"), "MedicationRequest.implicitRules"),
        (visit(participant=[]), "Appointment.participant"),
        (visit(participant=[{"actor": {}, "status": "nope"}]), "Appointment.participant[0].status"),
        (visit(participant={"actor": {}}), "Appointment.participant"),
        (amina(name=[{"given": "Amina"}]), "Patient.name[0].given"),
        (amina(name=[{"given": ["Amina", 7]}]), "Patient.name[0].given[1]"),
        (amina(name=[{"use": "official", "modifierExtension": []}]), "Patient.name[0].modifierExtension"),
    ],
)
def test_what_it_cannot_do_without_rejects_it(resource: dict[str, Any], path: str) -> None:
    checked = check(resource)
    assert checked.resource is None
    assert [problem.path for problem in checked.problems] == [path]


@pytest.mark.parametrize(
    ("elements", "path", "left"),
    [
        ({"birthDate": "3/2/1958"}, "Patient.birthDate", None),
        ({"birthDate": "2026-02-30"}, "Patient.birthDate", None),
        ({"gender": "F"}, "Patient.gender", None),
        ({"active": "true"}, "Patient.active", None),
        (
            {"telecom": [{"system": "phone", "value": "1"}, {"system": "fone", "value": "2"}]},
            "Patient.telecom[1].system",
            [{"system": "phone", "value": "1"}],
        ),
        ({"communication": [{"preferred": "yes"}]}, "Patient.communication[0].preferred", None),
    ],
)
def test_anything_else_is_left_out_and_said(elements: dict[str, Any], path: str, left: Any) -> None:
    checked = check(amina(**elements))
    assert checked.resource is not None
    assert [problem.path for problem in checked.problems] == [path]
    (element,) = elements
    assert checked.resource.get(element) == left
    assert checked.lost == {element}


@pytest.mark.parametrize(
    ("repeat", "path"),
    [
        ({**DAILY, "periodUnit": "day"}, "timing.repeat.periodUnit"),
        ({**DAILY, "frequency": 0}, "timing.repeat.frequency"),
        ({**DAILY, "frequency": True}, "timing.repeat.frequency"),
        ({**DAILY, "timeOfDay": ["8:00"]}, "timing.repeat.timeOfDay[0]"),
        ({**DAILY, "when": ["AM"]}, "timing.repeat.when[0]"),
        ({**DAILY, "dayOfWeek": ["monday"]}, "timing.repeat.dayOfWeek[0]"),
        ({**DAILY, "period": float("inf")}, "timing.repeat.period"),
    ],
)
def test_a_timing_has_codes_of_its_own(repeat: dict[str, Any], path: str) -> None:
    checked = check(metformin(dosageInstruction=[dosage(timing={"repeat": repeat})]))
    assert [problem.path for problem in checked.problems] == [f"MedicationRequest.dosageInstruction[0].{path}"]
    assert checked.lost == {"dosageInstruction"}


def test_a_problem_never_quotes_the_record() -> None:
    secret = "Amina-0171"
    broken = [amina(name=secret), amina(birthDate=secret, gender=secret), metformin(status=secret)]
    for resource in broken:
        problems = check(resource).problems
        assert problems
        assert not any(secret in f"{problem.path} {problem.reason}" for problem in problems)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-26T10:30:00-05:00", "2026-11-26T15:30:00+00:00"),
        ("2026-11-26T10:30:00Z", "2026-11-26T10:30:00+00:00"),
        ("2026-11-26T10:30:00.123+05:30", "2026-11-26T05:00:00.123000+00:00"),
        ("2026-11-26", "2026-11-26T05:00:00+00:00"),
        ("2026-11", None),
        ("2026", None),
    ],
)
def test_a_date_is_its_local_midnight_and_a_month_is_no_day(text: str, instant: str | None) -> None:
    found = read_instant(text, "America/New_York")
    assert (None if found is None else found.isoformat()) == instant


@pytest.mark.parametrize(
    ("address", "country", "time_zone"),
    [
        ({"state": "MA", "country": "US"}, "US", "America/New_York"),
        ({"state": "massachusetts", "country": "USA"}, "US", "America/New_York"),
        ({"state": "AZ", "country": "United States"}, "US", "America/Phoenix"),
        ({"state": "TX", "country": "US"}, "US", None),
        ({"country": "us"}, "US", None),
        ({"country": "Haiti"}, "HT", "America/Port-au-Prince"),
        ({"country": "Viet Nam"}, None, None),
        ({"country": "VNM"}, "VN", "Asia/Ho_Chi_Minh"),
        ({"country": "US", "state": "MA", "use": "old"}, None, None),
        ({}, None, None),
    ],
)
def test_a_zone_is_told_only_where_there_is_one(
    address: dict[str, Any], country: str | None, time_zone: str | None
) -> None:
    assert country_of([address]) == country
    assert time_zone_of([], [address], country or "US") == time_zone


def test_a_zone_in_the_record_goes_before_the_address() -> None:
    extension = {"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": "America/Denver"}
    assert time_zone_of([extension], [{"state": "MA", "country": "US"}], "US") == "America/Denver"
    unknown = {**extension, "valueCode": "Mars/Olympus"}
    assert time_zone_of([unknown], [{"state": "MA", "country": "US"}], "US") == "America/New_York"


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("en-US", "en"),
        ("es-419", "es"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-TW", None),
        ("tl", "fil"),
        ("pt", "pt-BR"),
        ("ht-HT", "ht"),
        ("spa", "es"),
        ("de", None),
        ("nonsense-", None),
        ("", None),
    ],
)
def test_a_language_is_ours_whatever_its_region(code: str, meant: str | None) -> None:
    assert nearest_language(code, load_languages()) == meant


def test_names_are_found_by_urn_and_identifier_and_only_of_their_type() -> None:
    names = Names()
    identifier = [{"system": "https://example.org/npi", "value": "7"}]
    names.learn("Practitioner", "nguyen", "urn:uuid:abc", {"identifier": identifier})
    assert names.resolve("urn:uuid:abc", "Practitioner") == "nguyen"
    assert names.resolve("Practitioner?identifier=https://example.org/npi|7", "Practitioner") == "nguyen"
    assert names.resolve("Practitioner?identifier=https://example.org/npi|8", "Practitioner") is None
    assert names.resolve("Practitioner/nguyen", "Patient") is None
    assert names.resolve("#nguyen", "Practitioner") is None
