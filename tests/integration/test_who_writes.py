"""Who writes, about whom, and how much this address may be told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.domain.enums import ConsentScope, TicketReason
from bot.records import Appointment, Consent, ContactPoint, Patient
from bot.reminders.schedule import schedule_appointment, schedule_doses
from tests.support.cast import AMINA, BRUNO, Cast, add_caregiver, add_medicine, add_patient
from tests.support.clinic import PUBLIC_URL, Clinic, settings_in
from tests.support.clock import NOW

PRIVATE = f"I can't show that here. To see it, sign in at {PUBLIC_URL}/chat. To reach a person, write: person"
NOT_PERMITTED = "I can't help with that here. A person at Riverside Clinic can: write person and they will answer you."
NEXT_VISIT = "The next visit is on Thursday, November 26 at 10:30 AM with Dr. Linh Nguyen, at Riverside Clinic."
FARAH = "+12125550103"


@pytest.fixture
def careful(database_url: str, tmp_path: Path) -> Iterator[Clinic]:
    """A clinic that did not choose `disclosure: standard`."""
    clinic = Clinic(settings_in(tmp_path, database_url, NORTHSTAR_DISCLOSURE="minimum"))
    clinic.rasa.understands("my medicines", "list_medications", action="action_medication_list")
    clinic.rasa.understands("my visit", "ask_appointment_when", action="action_appointment_when")
    clinic.rasa.understands("who", "ask_appointment_who", action="action_appointment_who")
    yield clinic
    clinic.close()


@pytest.fixture
def asking(clinic: Clinic) -> Clinic:
    clinic.rasa.understands("my medicines", "list_medications", action="action_medication_list")
    clinic.rasa.understands("my visit", "ask_appointment_when", action="action_appointment_when")
    return clinic


def test_by_sms_a_careful_clinic_names_no_medicine(careful: Clinic) -> None:
    careful.cast()
    assert careful.text(AMINA, "my medicines") == [PRIVATE]
    assert careful.text(AMINA, "my visit") == [NEXT_VISIT]
    assert careful.text(AMINA, "who") == [
        "The next visit is with Dr. Linh Nguyen on Thursday, November 26 at 10:30 AM."
    ]
    everything = " ".join(careful.received(AMINA))
    assert "metformin" not in everything
    assert "primary care" not in everything


def test_by_sms_a_careful_clinics_reminders_name_no_medicine_and_no_doctor(careful: Clinic) -> None:
    cast = careful.cast()
    with careful.database.write() as session:
        schedule_doses(session, careful.parts.policies, cast.amina, NOW)
        schedule_appointment(session, careful.parts.policies, session.get_one(Appointment, cast.visit), NOW)
    careful.clock.turn_to(NOW + timedelta(hours=22))
    careful.work()
    careful.clock.turn_to(NOW + timedelta(hours=48))
    careful.work()
    assert careful.received(AMINA)[:1] == [
        "A reminder from Riverside Clinic: it is time for your medicine. Reply 1 if taken, 2 later, 3 not today."
    ]
    assert careful.received(AMINA)[-1] == (
        "Reminder from Riverside Clinic: a visit on Thursday, November 26 at 10:30 AM, at Riverside Clinic. Reply 1 if "
        f"you will come, 2 to change it.\nPlease see how to prepare: sign in at {PUBLIC_URL}/chat"
    )


def test_bruno_of_two_patients_is_asked_whom_he_means_and_then_answered(asking: Clinic, cast: Cast) -> None:
    def two(session: Session) -> None:
        farah = add_patient(session, "Farah", FARAH)
        session.add(
            Consent(
                patient_id=farah,
                related_person_id=cast.bruno,
                relationship_code="SON",
                scopes=[ConsentScope.APPOINTMENTS.value],
                given_at=NOW - timedelta(days=1),
            )
        )

    asking.seed(two)
    assert asking.text(BRUNO, "my visit") == ["Whom is this about? Reply with the number: 1 Amina, 2 Farah"]
    assert asking.text(BRUNO, "3") == ["Please reply with 1 or 2. To reach a person, write: person"]
    assert asking.text(BRUNO, "1") == [f"About Amina:\n{NEXT_VISIT}"]
    assert asking.text(BRUNO, "my visit") == [f"About Amina:\n{NEXT_VISIT}"]


def test_a_phone_that_two_people_share_names_nothing_before_one_is_chosen(asking: Clinic, cast: Cast) -> None:
    def share(session: Session) -> None:
        wanda = add_patient(session, "Wanda", AMINA)
        add_medicine(session, wanda, "warfarin", "5 mg")

    asking.seed(share)
    assert asking.text(AMINA, "my medicines") == ["Who is writing? Reply with the number: 1 Amina, 2 Wanda"]
    assert asking.text(AMINA, "2") == ["1 medicine on the list:\nwarfarin 5 mg: 1 tablet, once a day, at 8:00 AM"]
    assert asking.rasa.heard[-1][0] == "my medicines"
    asking.clock.forward(hours=5)
    assert asking.text(AMINA, "my medicines") == ["Who is writing? Reply with the number: 1 Amina, 2 Wanda"]


@pytest.mark.parametrize("end", ["expires_at", "revoked_at"])
def test_a_consent_that_ended_is_effective_at_the_next_message(asking: Clinic, cast: Cast, end: str) -> None:
    assert asking.text(BRUNO, "my visit") == [f"About Amina:\n{NEXT_VISIT}"]
    (consent,) = asking.rows(Consent)
    asking.change(Consent, consent.id, **{end: NOW + timedelta(minutes=1)})
    asking.clock.forward(minutes=1)
    assert asking.text(BRUNO, "my visit") == [NOT_PERMITTED]


def test_a_scope_that_was_not_given_is_not_shown_to_exist(asking: Clinic, cast: Cast) -> None:
    (consent,) = asking.rows(Consent)
    asking.change(Consent, consent.id, scopes=[ConsentScope.APPOINTMENTS.value])
    assert asking.text(BRUNO, "my medicines") == [NOT_PERMITTED]
    assert asking.text(BRUNO, "my visit") == [f"About Amina:\n{NEXT_VISIT}"]


def test_the_language_changes_on_request_and_stays(asking: Clinic, cast: Cast) -> None:
    assert asking.text(AMINA, "español por favor") == ["Desde ahora le escribiré en español."]
    assert asking.text(AMINA, "my visit") == [
        "La próxima cita es el jueves 26 de noviembre a las 10:30 a.m. con Dr. Linh Nguyen, en Riverside Clinic."
    ]
    assert asking.conversation(AMINA).language == "es"


def test_which_language_is_asked_with_digits(asking: Clinic, cast: Cast) -> None:
    asking.rasa.understands("another language", "change_language", {"effect": "change_language"})
    assert asking.text(AMINA, "another language") == [
        "Which language should I write in? Reply with the number: 1 English, 2 Español, 3 中文 (简体), 4 Tiếng Việt, "
        "5 العربية, 6 Français, 7 Português (Brasil), 8 Русский, 9 한국어, 10 Filipino, 11 Kreyòl Ayisyen, 12 हिन्दी"
    ]
    assert asking.text(AMINA, "2") == ["Desde ahora le escribiré en español."]


def test_a_caregiver_is_spoken_to_in_their_own_language(asking: Clinic, cast: Cast) -> None:
    asking.change(Patient, cast.amina, language="es")
    assert asking.text(BRUNO, "my visit") == [f"About Amina:\n{NEXT_VISIT}"]


@pytest.mark.parametrize("phone", [AMINA, BRUNO])
def test_after_a_wrong_number_nothing_personal_goes_there(asking: Clinic, cast: Cast, phone: str) -> None:
    asking.rasa.understands("this is not amina", "wrong_number", {"effect": "wrong_number"})
    assert asking.text(phone, "this is not amina") == [
        "Thank you for telling us, and sorry for the trouble. Riverside Clinic will check this number by Monday, "
        "November 23 at 5:00 PM. Until then we will not send you anything else."
    ]
    ticket = asking.ticket()
    assert ticket.reason is TicketReason.WRONG_NUMBER
    assert asking.rows(ContactPoint, ContactPoint.address_index == phone)[0].suspended_at == NOW
    said = " ".join(asking.text(phone, "my visit") + asking.text(phone, "my medicines"))
    for secret in ("Amina", "Nguyen", "November 26", "metformin"):
        assert secret not in said


def test_a_caregiver_who_cares_for_nobody_any_more_is_not_told_so(asking: Clinic, cast: Cast) -> None:
    asking.seed(lambda session: add_caregiver(session, "Ivo", "+12125550107", []))
    assert asking.text("+12125550107", "my visit") == [NOT_PERMITTED]
