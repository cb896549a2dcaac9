"""Who may ask about whom: Amina about herself, Bruno about her as far as she agreed, Chen about nobody."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bot.care.access import Access, NotPermitted, SeveralPeople, Subject, UnknownPerson, find_subject
from bot.domain.enums import ConsentScope
from bot.records import Conversation
from tests.unit.care_cast import NOW, Clinic, make_clinic

VISITS, MEDICINES = ConsentScope.APPOINTMENTS, ConsentScope.MEDICATIONS


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return make_clinic(tmp_path)


def asks(clinic: Clinic, who: str, scope: ConsentScope = VISITS) -> Access:
    with clinic.database.read() as session:
        return find_subject(session, clinic.conversations[who], scope, NOW)


def test_amina_asks_about_herself(clinic: Clinic) -> None:
    access = asks(clinic, "amina", MEDICINES)
    assert isinstance(access, Subject)
    assert (access.patient_id, access.given_name, access.caregiver) == (clinic.patients["amina"], "Amina", False)


def test_bruno_asks_about_amina_within_his_scope_only(clinic: Clinic) -> None:
    clinic.add_consent("bruno", "amina", [VISITS])
    access = asks(clinic, "bruno")
    assert isinstance(access, Subject)
    assert (access.patient_id, access.caregiver) == (clinic.patients["amina"], True)
    assert asks(clinic, "bruno", MEDICINES) == NotPermitted()


@pytest.mark.parametrize("ended", ["revoked_at", "expires_at"])
def test_bruno_may_know_nothing_once_consent_has_ended(clinic: Clinic, ended: str) -> None:
    clinic.add_consent("bruno", "amina", [VISITS, MEDICINES], **{ended: NOW - timedelta(minutes=1)})
    assert asks(clinic, "bruno") == NotPermitted()


def test_bruno_without_any_consent_is_refused(clinic: Clinic) -> None:
    assert asks(clinic, "bruno") == NotPermitted()


def test_bruno_has_to_say_whom_he_means_and_the_choice_holds_as_long_as_the_consent(clinic: Clinic) -> None:
    clinic.add_consent("bruno", "amina", [VISITS])
    clinic.add_consent("bruno", "robert", [MEDICINES])
    access = asks(clinic, "bruno")
    assert isinstance(access, SeveralPeople)
    assert set(access.patient_ids) == set(clinic.patients.values())
    with clinic.database.write() as session:
        session.get_one(Conversation, clinic.conversations["bruno"]).about_patient_id = clinic.patients["robert"]
    assert asks(clinic, "bruno", VISITS) == NotPermitted(), "Amina's consent says nothing about Robert"
    chosen = asks(clinic, "bruno", MEDICINES)
    assert isinstance(chosen, Subject)
    assert chosen.given_name == "Robert"


def test_chen_and_a_conversation_that_does_not_exist_are_nobody(clinic: Clinic) -> None:
    assert asks(clinic, "chen") == UnknownPerson()
    with clinic.database.read() as session:
        assert find_subject(session, uuid4(), VISITS, NOW) == UnknownPerson()
