"""Communication (each message), Task (what went to a person) and QuestionnaireResponse (what we asked).

Staff stand under the clinic's name, as the patient sees them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain.enums import CommunicationStatus, Direction, TicketStatus, Urgency
from bot.fhir.export.gathering import PatientFile
from bot.fhir.export.shapes import OWN, Element, coding, instant, own, period, ref, resource
from bot.fhir.export.threads import SharedTicket
from bot.i18n.utterances.identity import SECRET
from bot.records import Communication, Question

# FHIR R4 event-status of a message on its way; every other one is completed.
STATUS = {
    CommunicationStatus.QUEUED: "preparation",
    CommunicationStatus.SENDING: "in-progress",
    CommunicationStatus.UNKNOWN: "unknown",
    CommunicationStatus.FAILED: "not-done",
    CommunicationStatus.EXPIRED: "not-done",
}
TASK_STATUS = {
    TicketStatus.OPEN: "requested",
    TicketStatus.CLAIMED: "in-progress",
    TicketStatus.RESOLVED: "completed",
}


def messages(file: PatientFile) -> Iterable[Element]:
    """Messages in their order, then what went to a person and what we asked."""
    yield from (_communication(file, each) for each in file.correspondence.messages)
    yield from (_task(file, each) for each in file.correspondence.tickets)
    yield from (_answered(file, each) for each in file.correspondence.questions)


def is_secret(message: Communication) -> bool:
    """A code proves who somebody is, perhaps for some minutes still: whoever writes this file must not learn it."""
    return any(key in SECRET for key, _ in message.detail.get("says", ()))


def _communication(file: PatientFile, message: Communication) -> Element:
    inbound = message.direction is Direction.INBOUND
    detail = message.detail
    person, clinic = _person(file, message), {"display": file.clinic}
    understood = detail.get("understood") or {}
    return resource(
        "Communication",
        message.id,
        language=message.language,
        status=STATUS.get(message.status, "completed"),
        statusReason={"text": f"{message.status} {message.error_code or ''}".strip()},
        medium=[coding(f"{OWN}channel", message.channel)],
        topic=coding(f"{OWN}intent", understood["intent"]) if understood.get("intent") else None,
        subject=ref("Patient", file.patient.id),
        sender=person if inbound else clinic,
        recipient=[clinic if inbound else person],
        sent=instant(message.created_at if inbound else message.sent_at),
        received=instant(message.created_at if inbound else message.delivered_at),
        payload=_payload(message, detail),
        extension=[
            *own("author", valueCode=message.author.value),
            *own("created-at", valueDateTime=instant(message.created_at)),
            *own("confidence", valueDecimal=understood.get("confidence")),
        ],
    )


def _payload(message: Communication, detail: Mapping[str, Any]) -> list[Element]:
    if is_secret(message):
        return []
    options = [{"contentString": f"{digit} {label}"} for digit, label in detail.get("options", ())]
    files = [{"contentAttachment": {"contentType": kind}} for kind in detail.get("media", ())]
    return [*([{"contentString": message.body}] if message.body.strip() else []), *options, *files]


def _person(file: PatientFile, message: Communication) -> Element:
    caregiver = file.correspondence.writers.get(message.conversation_id)
    return ref("RelatedPerson", caregiver) if caregiver else ref("Patient", file.patient.id)


def _task(file: PatientFile, shared: SharedTicket) -> Element:
    ticket, person = shared.ticket, shared.related_person_id
    facts = ticket.facts if shared.whole else {}
    return resource(
        "Task",
        ticket.id,
        status=TASK_STATUS[ticket.status],
        intent="order",
        priority="urgent" if ticket.urgency is Urgency.URGENT else "routine",
        code=coding(f"{OWN}ticket-reason", ticket.reason),
        for_=ref("Patient", file.patient.id),
        requester=ref("RelatedPerson", person) if person else ref("Patient", file.patient.id),
        owner={"display": file.clinic},
        authoredOn=instant(ticket.opened_at),
        lastModified=instant(ticket.last_message_at),
        executionPeriod=period(ticket.claimed_at, ticket.resolved_at),
        restriction={"period": {"end": instant(ticket.due_at)}},
        input=[
            {"type": {"text": name}, "valueString": _plain(value)} for name, value in _facts(facts) if _plain(value)
        ],
        extension=own("answered-at", valueDateTime=instant(ticket.answered_at)),
    )


def _facts(facts: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """What was gathered, one by one: each text of the person for itself."""
    for name, value in facts.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield from ((name, each) for each in (value if isinstance(value, list) else [value]))


def _plain(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _answered(file: PatientFile, question: Question) -> Element:
    """The questions that a short reply answers; of which kind stands in `item.linkId`."""
    asked_by = ref("Communication", question.communication_id) if question.communication_id else None
    answer = [{"valueString": question.answer}] if question.answer else None
    return resource(
        "QuestionnaireResponse",
        question.id,
        status="completed" if question.answered_at else "in-progress",
        subject=ref("Patient", file.patient.id),
        authored=instant(question.answered_at),
        item=[{"linkId": question.kind.value, **({"answer": answer} if answer else {})}],
        extension=[
            *own("asked-at", valueDateTime=instant(question.asked_at)),
            *own("asked-by", valueReference=asked_by),
            *(
                each
                for row_id in question.subject.get("administrations") or [question.subject.get("appointment")]
                for each in own("about", valueString=row_id)
            ),
        ],
    )
