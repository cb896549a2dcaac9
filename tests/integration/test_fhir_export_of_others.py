"""In one person's file nothing of others, and nothing that would harm whom it is about."""

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete

from bot.domain.enums import ChannelName, QuestionKind, TicketReason
from bot.outbox import Say
from bot.records import ContactPoint, Conversation, FhirResource, Question, Ticket
from tests.support.cast import AMINA, BRUNO, Cast, add_medicine, add_patient
from tests.support.clinic import Clinic
from tests.support.fhir import amina, bundle, nguyen, resource, take, to
from tests.support.fhir_export import FATOU, FROM_RECORD, consent, export, hand_over, of_kind, texts, write


def test_nothing_of_a_caregivers_other_patient_and_nothing_that_is_the_caregivers_own_is_there(
    clinic: Clinic, cast: Cast, tmp_path: Path
) -> None:
    with clinic.database.write() as session:
        write(clinic, session, BRUNO, "When does she come?", FROM_RECORD)
        own = write(clinic, session, BRUNO, "I cannot sleep any more", minutes=1)
        hand_over(clinic, session, own, cast.amina, TicketReason.OVERWHELMED)
        for_her = write(clinic, session, BRUNO, "She ran out of it", minutes=2)
        hand_over(clinic, session, for_her, cast.amina, TicketReason.RAN_OUT)
        fatou = add_patient(session, "Fatou", FATOU)
        add_medicine(session, fatou, "warfarin", "3 mg")
        later = clinic.clock.now() + timedelta(days=1)
        session.add(consent(fatou, cast.bruno, later))
        write(clinic, session, BRUNO, "And what about Fatou?", FROM_RECORD, minutes=3000)
        write(clinic, session, FATOU, "It is Fatou who writes", FROM_RECORD, minutes=3001)
    document, page = export(clinic, cast.amina, tmp_path)
    assert "When does she come?" in texts(document)
    assert {each["code"]["coding"][0]["code"] for each in of_kind(document, "Task")} == {"ran_out"}
    assert "She ran out of it" in page
    assert "they may be about someone else" in page
    both = json.dumps(document, ensure_ascii=False) + page
    for others in (FATOU, "555-0155", "Fatou", "warfarin", str(fatou), BRUNO, "555-0102", "I cannot sleep", "Dolores"):
        assert others not in both, others


def test_a_ticket_to_which_a_caregiver_may_have_added_about_another_is_told_without_words(
    clinic: Clinic, cast: Cast, tmp_path: Path
) -> None:
    with clinic.database.write() as session:
        asked = write(clinic, session, BRUNO, "She ran out of it")
        ticket = session.get_one(Ticket, hand_over(clinic, session, asked, cast.amina, TicketReason.RAN_OUT))
        fatou = add_patient(session, "Fatou", FATOU)
        session.add(consent(fatou, cast.bruno, clinic.clock.now() + timedelta(days=1)))
        ticket.facts = {**ticket.facts, "words": [*ticket.facts["words"], "So did Fatou"]}
        ticket.last_message_at = clinic.clock.now() + timedelta(days=2)
    document, page = export(clinic, cast.amina, tmp_path)
    (task,) = of_kind(document, "Task")
    assert "input" not in task
    assert "So did Fatou" not in page


def test_of_a_phone_that_two_people_share_only_the_reminders_of_this_one_are_told(
    clinic: Clinic, cast: Cast, tmp_path: Path
) -> None:
    with clinic.database.write() as session:
        write(clinic, session, AMINA, "Who wrote this?", FROM_RECORD)
        reminder = write(clinic, session, AMINA, "It is time for your medicine", minutes=1)
        session.add(
            Question(
                conversation_id=reminder.conversation_id,
                communication_id=reminder.id,
                kind=QuestionKind.APPOINTMENT,
                subject={"appointment": str(cast.visit)},
                asked_at=clinic.clock.now(),
                expires_at=clinic.clock.now() + timedelta(hours=12),
            )
        )
        add_patient(session, "Fatou", AMINA)
    document, page = export(clinic, cast.amina, tmp_path)
    assert texts(document) == ["It is time for your medicine"]
    assert "Who wrote this?" not in page
    assert "they may be about someone else" in page


def test_a_sign_in_code_is_not_shown(clinic: Clinic, cast: Cast, tmp_path: Path) -> None:
    with clinic.database.write() as session:
        write(clinic, session, AMINA, "hello", Say("sign_in_code", {"code": "493817"}))
    document, page = export(clinic, cast.amina, tmp_path)
    assert "493817" not in json.dumps(document) + page
    assert "A sign-in code; it is not shown here." in page


def test_what_people_wrote_is_shown_as_text_never_as_a_part_of_the_page(
    clinic: Clinic, cast: Cast, tmp_path: Path
) -> None:
    with clinic.database.write() as session:
        write(clinic, session, AMINA, "<script>alert(1)</script>")
    _, page = export(clinic, cast.amina, tmp_path)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page


def test_of_a_number_that_was_the_patients_before_only_answers_from_the_record_are_told(
    clinic: Clinic, cast: Cast, tmp_path: Path
) -> None:
    with clinic.database.write() as session:
        write(clinic, session, AMINA, "When is my visit?", FROM_RECORD)
        write(clinic, session, AMINA, "Who is Amina?", minutes=900)
        session.execute(delete(ContactPoint).where(ContactPoint.patient_id == cast.amina))
    document, page = export(clinic, cast.amina, tmp_path)
    assert texts(document)[0] == "When is my visit?"
    assert len(texts(document)) == 2
    assert "Who is Amina?" not in page


def test_of_a_chat_that_was_somebody_elses_before_only_what_came_after_the_link_is_told(
    clinic: Clinic, cast: Cast, tmp_path: Path
) -> None:
    with clinic.database.write() as session:
        before = write(clinic, session, "4711", "It is Fatou who writes", channel=ChannelName.TELEGRAM)
        write(clinic, session, "4711", "It is Amina now", channel=ChannelName.TELEGRAM, minutes=60)
        session.get_one(Conversation, before.conversation_id).patient_id = cast.amina
        linked_at = clinic.clock.now() + timedelta(minutes=30)
        session.add(
            ContactPoint(
                channel=ChannelName.TELEGRAM,
                address="4711",
                address_index="4711",
                patient_id=cast.amina,
                verified_at=linked_at,
            )
        )
    document, page = export(clinic, cast.amina, tmp_path)
    assert texts(document) == ["It is Amina now"]
    assert "Fatou" not in page


def test_another_patient_to_whom_a_document_refers_is_not_named(clinic: Clinic, tmp_path: Path) -> None:
    number = "0c5b5a0e-9d0f-4f0e-8a43-3a4f2f6f3d11"
    team = resource(
        "CareTeam",
        "team",
        name="Diabetes team",
        subject=to("Patient", "amina"),
        participant=[
            {"member": {"reference": "Patient/chen", "display": "Chen Wei"}},
            {"member": {"reference": f"urn:uuid:{number}", "display": "Fatou Sow"}},
            {"member": {"reference": "Practitioner/nguyen", "display": "Dr. Nguyen"}},
        ],
    )
    fatou = resource("Patient", number, name=[{"text": "Fatou Sow"}])
    take(clinic, tmp_path, bundle(amina(), fatou, nguyen(), team))
    (hers,) = clinic.rows(FhirResource, FhirResource.fhir_id == "amina")
    document, page = export(clinic, hers.local_id, tmp_path)
    assert "Diabetes team" in page
    (told,) = of_kind(document, "CareTeam")
    assert told["subject"]["reference"] == f"urn:uuid:{hers.local_id}"
    assert [each["member"].get("display") for each in told["participant"]] == [None, None, "Dr. Nguyen"]
    for private in ("Chen Wei", "Fatou Sow", number):
        assert private not in json.dumps(document) + page
