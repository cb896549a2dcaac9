"""Visits that a person books, moves or calls off by text: what is offered, and what their choice writes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.care.appointments import Visit, calendar, usual_practitioners
from bot.care.conflicts import conflicts_with
from bot.care.free_times import FreeTime, Times, Wanted, find_clash, find_times, read_time
from bot.conversation.booked import call_off, take
from bot.conversation.handing_over import hand_over, say_handed_over
from bot.conversation.scene import Scene, moment
from bot.domain.enums import ParticipationStatus, QuestionKind, TicketReason, TicketStatus
from bot.domain.suiting import ANY_TIME, Suiting
from bot.handoff.tickets import settle
from bot.handoff.wished_days import note_days
from bot.records import Appointment, Question, Ticket

WISH = "preferred_times"


def look_for_times(scene: Scene, reason: TicketReason, words: str | None, appointment_id: UUID | None) -> None:
    """Offer free times that suit the words, or the next ones; a person has the wish at once, whatever is answered."""
    asked: dict[str, Any] = {} if words is None else {WISH: words}
    asked |= {} if appointment_id is None else {"appointment": str(appointment_id)}
    ticket = hand_over(scene, reason, {"asked": asked}, silently=True)
    suiting = None if words is None else _suiting(scene, words)
    wanted = _wanted(scene, reason, suiting or ANY_TIME, appointment_id)
    times = None if wanted is None else find_times(scene.session, wanted, scene.now)
    if times is not None and times.offered:
        _offer(scene, times, ticket, appointment_id, wished=suiting is not None, settles=ticket.opened_at == scene.now)
    elif words is None or not _ask_back(scene, ticket, asked, words):
        say_handed_over(scene, ticket, is_new=ticket.opened_at == scene.now)


def choose_time(scene: Scene, question: Question, digit: int) -> None:
    """One of the offered times, or none of them."""
    slots = [UUID(text) for text in question.subject["slots"]]
    ticket = scene.session.get_one(Ticket, UUID(question.subject["ticket"]), with_for_update=True)
    if digit > len(slots):
        _keep_waiting(scene, ticket)
        return
    appointment_id = UUID(text) if (text := question.subject["appointment"]) else None
    time = read_time(scene.session, slots[digit - 1])
    patient_id = scene.snapshot.about_id
    if time is None or patient_id is None:
        _keep_waiting(scene, ticket)
        return
    clash = find_clash(scene.session, time, patient_id, appointment_id, scene.now)
    if clash is not None:
        _say_clash(scene, time, clash)
    elif (booked := take(scene, time.slot_id, patient_id, appointment_id)) is None:
        scene.say("time_taken")
    else:
        said = "visit_booked" if appointment_id is None else "visit_moved"
        scene.say(said, start=_start(time), practitioner=time.practitioner, location=time.place.name)
        if question.subject["settles"]:
            settle(scene.session, ticket, scene.now, f"{said}: {booked}")
        return
    _offer_again(scene, ticket, appointment_id, question)


def ask_which(scene: Scene, reason: TicketReason, visit_ids: Sequence[UUID]) -> None:
    """Which of several visits is to be moved or called off."""
    visits = [visit for visit in _calendar(scene) if visit.id in visit_ids]
    scene.say("visit_which", items=[visit_line(number, visit) for number, visit in enumerate(visits, 1)])
    subject = {
        "visits": [str(visit.id) for visit in visits],
        "reason": reason.value,
        "text_of": str(scene.snapshot.communication_id),
    }
    scene.ask(QuestionKind.VISIT, subject)


def ask_before_calling_off(scene: Scene, appointment_id: UUID) -> None:
    """Another time, none, or as it is? What comes again for a treatment is not called off without a person."""
    visit = next((each for each in _calendar(scene) if each.id == appointment_id), None)
    if visit is None or visit.recurs:
        hand_over(scene, TicketReason.CANCEL, {"asked": {"appointment": str(appointment_id)}})
        return
    start = moment(visit.starts_at, visit.time_zone)
    if visit.practitioner is None:
        scene.say("cancel_ask_only", start=start)
    else:
        scene.say("cancel_ask", start=start, practitioner=visit.practitioner)
    scene.ask(QuestionKind.CANCEL, {"appointment": str(appointment_id)})


def settle_cancel(scene: Scene, question: Question, digit: int) -> None:
    """1 another time, 2 call it off, 3 keep it."""
    appointment_id = UUID(question.subject["appointment"])
    visit = next((each for each in _calendar(scene) if each.id == appointment_id), None)
    if visit is None:
        hand_over(scene, TicketReason.CANCEL, {"asked": {"appointment": str(appointment_id)}})
        return
    start = moment(visit.starts_at, visit.time_zone)
    match digit:
        case 1:
            look_for_times(scene, TicketReason.RESCHEDULE, None, appointment_id)
        case 2:
            ticket = call_off(scene, appointment_id)
            scene.say("visit_cancelled", start=start)
            scene.say("cancel_why")
            subject = {"appointment": str(appointment_id), "ticket": str(ticket.id) if ticket else None}
            scene.ask(QuestionKind.CANCEL_WHY, subject)
        case _:
            scene.say("visit_kept", start=start)


def refuse_collision(scene: Scene, question: Question) -> bool:
    """Whether the visit that somebody wants to confirm cannot be kept beside another: told, and never confirmed."""
    visits = _calendar(scene)
    visit = next((each for each in visits if str(each.id) == question.subject["appointment"]), None)
    others = [] if visit is None else conflicts_with(visit, [each for each in visits if each.id != visit.id])
    if visit is None or not others:
        return False
    row = scene.session.get_one(Appointment, visit.id)
    row.participation, row.participation_at = ParticipationStatus.TENTATIVE, scene.now
    other = others[0]
    scene.say(
        "visit_collides",
        start=moment(visit.starts_at, visit.time_zone),
        other_start=moment(other.starts_at, other.time_zone),
    )
    hand_over(scene, TicketReason.CONFLICT, {"asked": {"appointment": str(visit.id), "collides": str(other.id)}})
    return True


def visit_line(number: int, visit: Visit) -> list[Any]:
    """One numbered line, with all that the record has of the visit."""
    params: dict[str, Any] = {"number": number, "start": moment(visit.starts_at, visit.time_zone)}
    if visit.practitioner and visit.telehealth_url:
        return ["time_line_video", {**params, "practitioner": visit.practitioner}]
    if visit.practitioner and visit.place:
        return ["time_line", {**params, "practitioner": visit.practitioner, "location": visit.place.name}]
    return ["time_line_only", params]


def _calendar(scene: Scene) -> list[Visit]:
    about_id = scene.snapshot.about_id
    return [] if about_id is None else calendar(scene.session, about_id, scene.now)


def _suiting(scene: Scene, words: str) -> Suiting | None:
    return scene.office.wishes.suiting(words, scene.language, scene.now, scene.time_zone)


def _wanted(scene: Scene, reason: TicketReason, suiting: Suiting, appointment_id: UUID | None) -> Wanted | None:
    """What to look for; None where a person has to: whom to see is not clear, or the visit is no plain one."""
    patient_id = scene.snapshot.about_id
    if patient_id is None:
        return None
    if appointment_id is None:
        if reason is TicketReason.RESCHEDULE:
            return None
        practitioner_ids = usual_practitioners(scene.session, patient_id, scene.snapshot.text, _named(scene))
        return Wanted(patient_id=patient_id, practitioner_ids=practitioner_ids, suiting=suiting)
    visit = next((each for each in _calendar(scene) if each.id == appointment_id), None)
    if visit is None or visit.practitioner_id is None or visit.spot is None or visit.recurs:
        return None
    return Wanted(
        patient_id=patient_id,
        practitioner_ids=[visit.practitioner_id],
        suiting=suiting,
        at_least=visit.ends_at - visit.starts_at,
        instead_of=visit.id,
    )


def _named(scene: Scene) -> bool:
    """Whether the words name somebody or some kind of doctor."""
    understood = scene.plan.understood
    return understood is not None and any(entity.entity == "practitioner" for entity in understood.entities)


def _offer(
    scene: Scene, times: Times, ticket: Ticket, appointment_id: UUID | None, *, wished: bool, settles: bool
) -> None:
    """`settles`: the ticket asks for nothing else, so that a time that is taken closes it."""
    if times.clash is not None:
        _say_clash(scene, times.clash.time, times.clash.visit)
    key = "times_offer" if times.as_wished else "times_offer_nearest"
    items = [
        [
            "time_line",
            {
                "number": number,
                "start": _start(time),
                "practitioner": time.practitioner,
                "location": time.place.name,
            },
        ]
        for number, time in enumerate(times.offered, 1)
    ]
    scene.say(key if wished else "times_offer_next", items=items, none=len(items) + 1)
    subject = {
        "slots": [str(time.slot_id) for time in times.offered],
        "ticket": str(ticket.id),
        "appointment": None if appointment_id is None else str(appointment_id),
        "settles": settles,
        "practitioners": sorted({str(time.practitioner_id) for time in times.offered}),
    }
    scene.ask(QuestionKind.OFFER, subject)


def _offer_again(scene: Scene, ticket: Ticket, appointment_id: UUID | None, question: Question) -> None:
    """The next times with whom the first ones were."""
    wanted = _wanted(scene, ticket.reason, ANY_TIME, appointment_id)
    if wanted is not None:
        practitioner_ids = [UUID(text) for text in question.subject["practitioners"]]
        times = find_times(scene.session, replace(wanted, practitioner_ids=practitioner_ids), scene.now)
        if times.offered:
            _offer(scene, times, ticket, appointment_id, wished=False, settles=question.subject["settles"])
            return
    _keep_waiting(scene, ticket)


def _keep_waiting(scene: Scene, ticket: Ticket) -> None:
    """No time was taken: a person looks for one. A ticket that was closed meanwhile is opened anew."""
    if ticket.status is TicketStatus.RESOLVED:
        hand_over(scene, ticket.reason)
    else:
        say_handed_over(scene, ticket, is_new=ticket.due_at > scene.now)


def _ask_back(scene: Scene, ticket: Ticket, asked: Mapping[str, Any], words: str) -> bool:
    """Days that can be read are said back, where no free times are known."""
    wish = scene.office.wishes.read(words, scene.language, scene.now, scene.time_zone)
    if wish is None or ticket.reason is not TicketReason.RESCHEDULE:
        return False
    note_days(ticket, asked, wish.as_params())
    scene.say("reschedule_times_understood", when=wish.as_params())
    scene.ask(QuestionKind.TIMES, {"ticket": str(ticket.id)})
    return True


def _say_clash(scene: Scene, time: FreeTime, visit: Visit) -> None:
    params: dict[str, Any] = {"start": _start(time), "other_start": moment(visit.starts_at, visit.time_zone)}
    if visit.spot is None:
        scene.say("time_collides_only", **params)
    else:
        scene.say("time_collides", **params, location=visit.spot.name)


def _start(time: FreeTime) -> dict[str, str]:
    return moment(time.starts_at, time.time_zone)
