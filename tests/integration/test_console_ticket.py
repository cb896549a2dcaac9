"""From the queue to the ticket: claim, reply, resolve, and what the page tells."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from bot.domain.enums import Author, CommunicationStatus, Disclosure, TicketReason, TicketStatus
from bot.outbox import Say, enqueue
from bot.records import Communication, Conversation, Patient
from tests.support.console import Browser, text_of
from tests.support_pages import AMINA, BRUNO, FARAH, MARIA, STRANGER, THABO, Clinic

IBUPROFEN = "¿Puedo tomar ibuprofeno con la losartán?"


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    clinic = Clinic(tmp_path)
    yield clinic
    clinic.close()


class Coordinator(Browser):
    """What is done with tickets."""

    def claim(self, ticket_id: UUID, version: int = 1):
        return self.post(f"/console/tickets/{ticket_id}/claim", version=str(version))

    def reply(self, ticket_id: UUID, text: str, after: str = ""):
        return self.post(f"/console/tickets/{ticket_id}/reply", text=text, after=after)

    def resolve(self, ticket_id: UUID):
        return self.post(f"/console/tickets/{ticket_id}/resolve")


@pytest.fixture
def dolores(clinic: Clinic) -> Coordinator:
    return Coordinator(clinic, "dolores")


@pytest.fixture
def adaeze(clinic: Clinic) -> Coordinator:
    return Coordinator(clinic, "adaeze")


@pytest.fixture
def clinical(clinic: Clinic) -> UUID:
    return clinic.open_ticket(
        MARIA,
        TicketReason.CLINICAL,
        IBUPROFEN,
        did="handoff_clinical",
        understood={"intent": "clinical_question", "confidence": 0.94, "language": "es"},
        asked={"medicine": "losartan 50 mg"},
    )


def replies(clinic: Clinic) -> int:
    with clinic.database.read() as session:
        return session.scalar(select(func.count()).where(Communication.author == Author.COORDINATOR))


def test_the_headline_says_who_needs_help_now(clinic: Clinic, dolores: Coordinator) -> None:
    assert "Nobody is waiting for you." in dolores.get("/console")
    clinic.open_ticket(MARIA, TicketReason.CLINICAL, IBUPROFEN)
    assert "Nothing urgent. One person waits for an answer." in dolores.get("/console")
    clinic.open_ticket(THABO, TicketReason.EMERGENCY, "my chest hurts", did="emergency_known")
    assert "One person needs you now." in dolores.get("/console")


def test_urgent_tickets_stand_first_however_new(clinic: Clinic, dolores: Coordinator) -> None:
    clinic.open_ticket(MARIA, TicketReason.CLINICAL, IBUPROFEN, minutes_ago=300)
    clinic.open_ticket(THABO, TicketReason.EMERGENCY, "my chest hurts", minutes_ago=1)
    page = dolores.get("/console")
    assert page.index("my chest hurts") < page.index(IBUPROFEN)


def test_a_broken_promise_is_shown_as_overdue_and_needs_someone_now(
    clinic: Clinic, dolores: Coordinator, clinical: UUID
) -> None:
    clinic.clock.turn_to(clinic.ticket(clinical).due_at + timedelta(hours=2))
    page = text_of(dolores.get("/console"))
    assert "overdue by 2 h" in page
    assert "One person needs you now." in page


def test_the_queue_splits_mine_unclaimed_and_colleagues(
    clinic: Clinic, dolores: Coordinator, adaeze: Coordinator, clinical: UUID
) -> None:
    dolores.claim(clinical)
    assert IBUPROFEN in dolores.get("/console?view=mine")
    assert IBUPROFEN not in dolores.get("/console?view=unclaimed")
    assert IBUPROFEN not in adaeze.get("/console?view=mine")
    assert "With colleagues" in adaeze.get("/console")


def test_the_ticket_shows_words_source_reason_and_what_was_understood(dolores: Coordinator, clinical: UUID) -> None:
    page = text_of(dolores.get(f"/console/tickets/{clinical}"))
    assert IBUPROFEN in page
    assert "No puedo responder a eso con seguridad" in page
    assert "I can&#39;t answer that safely, so a person will." in page
    assert "because the question asks for clinical judgement" in page
    assert "Understood: clinical question, sure (0.94)" in page
    assert "Medicine: losartan 50 mg" in page
    assert "2 segments · delivered" in page


def test_a_long_text_is_never_cut(clinic: Clinic, dolores: Coordinator) -> None:
    words = "palabra " * 1200 + "fin"
    ticket_id = clinic.open_ticket(MARIA, TicketReason.PERSON, words)
    assert words in dolores.get(f"/console/tickets/{ticket_id}")


def test_texts_are_shown_as_text(clinic: Clinic, dolores: Coordinator) -> None:
    ticket_id = clinic.open_ticket(MARIA, TicketReason.PERSON, "<script>alert(1)</script>")
    for path in ("/console", f"/console/tickets/{ticket_id}"):
        page = dolores.get(path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_an_attachment_is_named(clinic: Clinic, dolores: Coordinator) -> None:
    ticket_id = clinic.open_ticket(MARIA, TicketReason.ATTACHMENT, "")
    with clinic.database.write() as session:
        clinic.write_in(session, MARIA, "", media=("image/jpeg",))
    assert "a picture (image/jpeg)" in dolores.get(f"/console/tickets/{ticket_id}")


def test_the_panel_has_the_record(dolores: Coordinator, clinical: UUID) -> None:
    page = text_of(dolores.get(f"/console/tickets/{clinical}"))
    assert "María Elena García" in page
    assert "losartan 50 mg 1 tablet, once a day, at 8:00 AM" in page
    assert "Check-up with a fasting blood test" in page
    assert "Carmen García, daughter" in page
    assert "taken back: may know nothing" in page
    assert "SMS, number ending 0104" in page
    assert MARIA not in page


def test_the_panel_shows_each_day_of_each_medicine_and_says_it_in_words(clinic: Clinic, dolores: Coordinator) -> None:
    ticket_id = clinic.open_ticket(AMINA, TicketReason.CLINICAL, "Puis-je la prendre avec du lait ?")
    page = dolores.get(f"/console/tickets/{ticket_id}")
    [lisinopril, metformin] = re.findall(r'<svg[^>]*role="img" aria-label="([^"]*)"', page)
    assert re.match(r"lisinopril 10 mg, last 30 days: taken on \d+, .*\. PDC \d+ percent: \d+ of \d+ known", lisinopril)
    assert metformin.startswith("metformin 500 mg, last 30 days: ")
    charts = page.split("<figure>")[1:]
    assert [chart.split("</figure>")[0].count('class="cell ') for chart in charts] == [30, 30]
    assert "without an answer" in text_of(page)
    assert "style=" not in page


def test_the_panel_says_that_no_dose_was_asked_about(clinic: Clinic, dolores: Coordinator) -> None:
    ticket_id = clinic.open_ticket(THABO, TicketReason.CLINICAL, "Can I take it with milk?")
    path = f"/console/tickets/{ticket_id}"
    assert "Doses of the last 30 days No dose was asked about." in text_of(dolores.get(path))
    with clinic.database.write() as session:
        session.get_one(Patient, clinic.ticket(ticket_id).patient_id).dose_reminders = False
    assert "Dose reminders are off, so no dose was asked about." in text_of(dolores.get(path))


def test_a_recurring_visit_is_shown_once_and_collisions_are_named(clinic: Clinic, dolores: Coordinator) -> None:
    ticket_id = clinic.open_ticket("+15550100102", TicketReason.RESCHEDULE, "another day please")
    page = text_of(dolores.get(f"/console/tickets/{ticket_id}"))
    assert page.count("Dialysis,") == 1
    assert "Dialysis, Tue Thu Sat 07:00" in page
    assert "collides with another visit" in page


def test_a_caregivers_ticket_says_who_writes_and_for_whom(clinic: Clinic, dolores: Coordinator) -> None:
    ticket_id = clinic.open_ticket(BRUNO, TicketReason.PERSON, "did mom take her pills")
    page = text_of(dolores.get(f"/console/tickets/{ticket_id}"))
    assert "Bruno Diallo" in page
    assert "It is not clear yet whom this is about." in page


def test_an_unknown_number_gets_a_ticket_with_a_warning(clinic: Clinic, dolores: Coordinator) -> None:
    ticket_id = clinic.open_ticket(STRANGER, TicketReason.UNKNOWN_PERSON, "hello", did="unknown_person")
    page = text_of(dolores.get(f"/console/tickets/{ticket_id}"))
    assert "Tell nothing about anybody until you know who writes." in page


def test_a_shared_phone_names_everybody_who_may_be_writing(clinic: Clinic, dolores: Coordinator) -> None:
    ticket_id = clinic.open_ticket("+15550100111", TicketReason.COST, "too expensive")
    assert "shared by Jim Kowalski and Wanda Kowalski" in dolores.get(f"/console/tickets/{ticket_id}")


def test_a_one_time_code_is_not_shown(clinic: Clinic, dolores: Coordinator, clinical: UUID) -> None:
    with clinic.database.write() as session:
        conversation = session.get_one(Conversation, clinic.ticket(clinical).conversation_id)
        says = [Say("sign_in_code", {"code": "482913"})]
        enqueue(session, clinic.words, conversation, says, now=clinic.clock.now(), level=Disclosure.GENERIC)
    page = dolores.get(f"/console/tickets/{clinical}")
    assert "482913" not in page
    assert "A one-time code was sent." in page


def test_a_failed_delivery_is_said_with_its_code(clinic: Clinic, dolores: Coordinator, clinical: UUID) -> None:
    with clinic.database.write() as session:
        row = session.scalars(select(Communication).where(Communication.author == Author.BOT)).one()
        row.status, row.error_code = CommunicationStatus.FAILED, "30006"
    assert "not delivered (code 30006)" in dolores.get(f"/console/tickets/{clinical}")


def test_dolores_claims_replies_and_resolves(clinic: Clinic, dolores: Coordinator, clinical: UUID) -> None:
    assert "It is yours." in dolores.claim(clinical).text
    assert "Sent." in dolores.reply(clinical, "Mejor no. Tome paracetamol.\r\nDolores").text
    clinic.deliver()
    assert clinic.bodies(MARIA) == ["Mejor no. Tome paracetamol.\nDolores"]
    page = dolores.resolve(clinical)
    assert page.url.path == "/console"
    assert "Resolved." in page.text
    clinic.deliver()
    assert "asistente automático" in clinic.bodies(MARIA)[-1]
    assert clinic.ticket(clinical).status is TicketStatus.RESOLVED
    assert clinic.woken == 2
    assert "resolved" in dolores.get(f"/console/tickets/{clinical}")


def test_opening_a_ticket_changes_nothing(clinic: Clinic, dolores: Coordinator, clinical: UUID) -> None:
    dolores.get(f"/console/tickets/{clinical}")
    ticket = clinic.ticket(clinical)
    assert (ticket.status, ticket.version) == (TicketStatus.OPEN, 1)


def test_who_claims_second_is_told_politely(
    clinic: Clinic, dolores: Coordinator, adaeze: Coordinator, clinical: UUID
) -> None:
    adaeze.claim(clinical)
    page = text_of(dolores.claim(clinical).text)
    assert "Someone else was faster" in page
    assert "Adaeze Obi has this ticket" in page
    assert clinic.ticket(clinical).claimed_by_id == clinic.coordinator_id("adaeze")


def test_only_the_holder_can_reply_and_the_text_is_kept(
    clinic: Clinic, dolores: Coordinator, adaeze: Coordinator, clinical: UUID
) -> None:
    adaeze.claim(clinical)
    answer = dolores.reply(clinical, "Hola María Elena")
    assert answer.status_code == 409
    assert "Hola María Elena" in answer.text
    assert dolores.resolve(clinical).text.count("Someone else was faster") == 1
    assert replies(clinic) == 0


def test_a_reply_that_is_posted_twice_is_sent_once(clinic: Clinic, dolores: Coordinator, clinical: UUID) -> None:
    dolores.claim(clinical)
    assert "Sent." in dolores.reply(clinical, "Hola").text
    assert "Sent." in dolores.reply(clinical, "Hola").text
    assert replies(clinic) == 1
    page = dolores.get(f"/console/tickets/{clinical}")
    after = re.findall(r'name="after" value="([^"]+)"', page)[0]
    dolores.reply(clinical, "Hola", after=after)
    assert replies(clinic) == 2


@pytest.mark.parametrize(("text", "words"), [("  \n ", "Write something first"), ("x" * 1601, "too long")])
def test_a_reply_that_cannot_be_sent_says_why(
    clinic: Clinic, dolores: Coordinator, clinical: UUID, text: str, words: str
) -> None:
    dolores.claim(clinical)
    answer = dolores.reply(clinical, text)
    assert answer.status_code == 422
    assert words in answer.text
    assert replies(clinic) == 0


def test_a_person_who_opted_out_is_not_written_to(clinic: Clinic, dolores: Coordinator, clinical: UUID) -> None:
    dolores.claim(clinical)
    with clinic.database.write() as session:
        conversation = session.get_one(Conversation, clinic.ticket(clinical).conversation_id)
        conversation.opted_out_at = clinic.clock.now()
    assert "stopped all messages" in dolores.get(f"/console/tickets/{clinical}")
    answer = dolores.reply(clinical, "Hola")
    assert answer.status_code == 409
    assert "stopped all messages" in answer.text


@pytest.mark.parametrize("action", ["claim", "reply", "resolve"])
def test_a_post_from_another_site_changes_nothing(
    clinic: Clinic, dolores: Coordinator, clinical: UUID, action: str
) -> None:
    dolores.csrf = "forged"
    answer = dolores.post(f"/console/tickets/{clinical}/{action}", version="1", text="Hola")
    assert answer.status_code == 403
    assert clinic.ticket(clinical).version == 1


def test_a_ticket_that_is_not_there_is_a_calm_404(dolores: Coordinator) -> None:
    ticket_id = uuid4()
    assert dolores.browser.get(f"/console/tickets/{ticket_id}").status_code == 404
    assert dolores.reply(ticket_id, "Hola").status_code == 404
    assert dolores.browser.get("/console/tickets/7").status_code == 404


def test_a_name_in_arabic_is_kept_apart_from_the_text_around_it(clinic: Clinic, dolores: Coordinator) -> None:
    clinic.open_ticket(FARAH, TicketReason.RESCHEDULE, "الخميس عندي غسيل كلى")
    page = dolores.get("/console")
    assert "<bdi>فرح الخطيب</bdi>" in page
    assert 'lang="ar" dir="auto"' in page
