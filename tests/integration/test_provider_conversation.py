"""`northstar demo up`, texted as a provider would: signed form posts in, the local carrier's messages out.

Every answer equals the seeded record to the word and the minute. What is expected is worked out from clinic.yml
and the stored visit by code of the tests' own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.demo.seed import load_clinic
from bot.domain.enums import AppointmentStatus
from bot.records import Appointment, ContactPoint
from tests.support.expected_words import English, Entry, Language, Spanish, by_ref
from tests.support.processes import Site, eventually

pytestmark = pytest.mark.nlu

CLINIC: Entry = load_clinic()
# What a reminder says and an answer does not: one may fall due while the test runs.
REMINDERS = ("Reply 1", "Responda 1")
VISIT_QUESTIONS = {
    "en": {
        "when": "When is my next appointment?",
        "where": "Where is my next appointment?",
        "who": "Who is my next appointment with?",
        "prepare": "How do I prepare for my appointment?",
    },
    "es": {
        "when": "¿Cuándo es mi próxima cita?",
        "where": "¿Dónde es mi próxima cita?",
        "who": "¿Con quién es mi próxima cita?",
        "prepare": "¿Cómo me preparo para la cita?",
    },
}
MEDICINE_QUESTIONS = {
    "en": {
        "list": "What medicines do I take?",
        "how_much": "How much {name} do I take?",
        "next_dose": "When do I take {name}?",
        "purpose": "What is {name} for?",
        "refills": "How many refills of {name} are left?",
        "misspelt": "What is my dose of {misspelt}?",
    },
    "es": {
        "list": "¿Qué medicinas tomo?",
        "how_much": "¿Cuánta {name} tomo?",
        "next_dose": "¿Cuándo tomo {name}?",
        "purpose": "¿Para qué es {name}?",
        "refills": "¿Cuántos resurtidos me quedan de {name}?",
        "misspelt": "¿Cuál es mi dosis de {misspelt}?",
    },
}


@dataclass(frozen=True)
class Person:
    """Who texts: their entry in clinic.yml, the medicine asked about, how they call it, and one they misspell."""

    ref: str
    words: Language
    medicine: str
    called: str
    misspelt: str
    meant: str

    @property
    def entry(self) -> Entry:
        return by_ref(CLINIC["patients"], self.ref)

    @property
    def visit(self) -> Entry:
        return by_ref(CLINIC["appointments"], f"{self.ref}-next")

    def medicine_entry(self, ref: str) -> Entry:
        return by_ref(self.entry["medicines"], f"{self.ref}-{ref}")


SAMUEL = Person("samuel", English(), "hydralazine", "hydralazine", "hydralazne", "hydralazine")
THABO = Person("thabo", English(), "fluticasone", "fluticasone", "fluticazon", "fluticasone")
MARIA = Person("maria", Spanish(), "metformin", "metformina", "levotiroxna", "levothyroxine")
EVERYBODY = pytest.mark.parametrize("person", [SAMUEL, THABO, MARIA], ids=lambda person: person.ref)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("demo"), {"NORTHSTAR_LEASE_S": "30", "NORTHSTAR_RASA_TIMEOUT_S": "5"})
    try:
        made.await_health(made.start("demo", "up"), model=True)
        yield made
    finally:
        made.close()


def expect(site: Site, person: Person, text: str, answer: Callable[[], str]) -> None:
    """Text, and get exactly this answer. It is worked out before and after, in case a dose falls due in between."""
    phone = person.entry["sms"]
    seen, before = len(site.replies(phone)), answer()
    site.text(phone, text)

    def look() -> list[str]:
        return [reply for reply in site.replies(phone)[seen:] if not any(part in reply for part in REMINDERS)]

    assert eventually(look, what=f"an answer to {text!r}")[0] in {before, answer()}


def stored_start(site: Site, person: Person) -> datetime:
    """When the next visit begins, by the wall clock of its place; it has the time that clinic.yml gives it."""
    with site.records() as session:
        owner = select(ContactPoint.patient_id).where(ContactPoint.address_index == person.entry["sms"])
        starts_at = session.scalars(
            select(Appointment.starts_at)
            .where(Appointment.patient_id.in_(owner), Appointment.status == AppointmentStatus.BOOKED)
            .order_by(Appointment.starts_at)
        ).first()
    assert starts_at is not None
    place = by_ref(CLINIC["locations"], person.visit["location"])
    start = starts_at.astimezone(ZoneInfo(place["time_zone"]))
    assert f"{start:%H:%M}" == person.visit["time"]
    return start


@EVERYBODY
def test_the_next_visit_is_told_to_the_minute(site: Site, person: Person) -> None:
    start, words, ask = stored_start(site, person), person.words, VISIT_QUESTIONS[person.words.code]
    expect(site, person, ask["when"], lambda: words.when(start, person.visit, CLINIC))
    expect(site, person, ask["where"], lambda: words.where(person.visit, CLINIC))
    expect(site, person, ask["who"], lambda: words.who(start, person.visit, CLINIC))
    expect(site, person, ask["prepare"], lambda: words.prepare(start, person.visit))


@EVERYBODY
def test_the_medicines_are_told_to_the_word(site: Site, person: Person) -> None:
    words, ask = person.words, MEDICINE_QUESTIONS[person.words.code]
    medicine, meant = person.medicine_entry(person.medicine), person.medicine_entry(person.meant)
    active = [entry for entry in person.entry["medicines"] if "stopped" not in entry]
    by_age = sorted(active, key=lambda entry: int(entry["authored"]))
    zone = ZoneInfo(person.entry["time_zone"])

    def asked(kind: str) -> str:
        return ask[kind].format(name=person.called, misspelt=person.misspelt)

    expect(site, person, asked("list"), lambda: words.medicines(by_age))
    expect(site, person, asked("how_much"), lambda: words.how_much(medicine))
    expect(site, person, asked("next_dose"), lambda: words.next_dose(medicine, datetime.now(zone)))
    expect(site, person, asked("purpose"), lambda: words.purpose(medicine))
    expect(site, person, asked("refills"), lambda: words.refills(medicine))
    expect(site, person, asked("misspelt"), lambda: words.how_much(meant))
