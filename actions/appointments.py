"""When, where, with whom, how long, how to prepare: the next visit, or the next one that the words mean."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from sqlalchemy.orm import Session

from actions.base import Asked, Message, OpenSession, RecordAction, moment, open_ticket, say
from bot.care.appointments import Visit, clinic_phone, coming_visits, pick_visits
from bot.domain.clock import Clock
from bot.domain.enums import ConsentScope, TicketReason

# One text message holds about this many lines.
LISTED = 5


class VisitAction(RecordAction):
    """Answers about one visit; without any, says so and whom to call."""

    scope = ConsentScope.APPOINTMENTS

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        visits = coming_visits(session, asked.subject.patient_id, asked.now)
        if not visits:
            yield from none_coming(session, asked)
            return
        picked = pick_visits(self.likeliest(visits), asked.text, asked.suiting)
        if picked:
            yield from self.about(session, asked, picked[0])
            return
        yield say("appointment_none_like")
        yield _described("appointment_when", visits[0])

    def likeliest(self, visits: list[Visit]) -> list[Visit]:
        """Of which visits the question may be."""
        return visits

    def about(self, session: Session, asked: Asked, visit: Visit) -> Iterator[Message]:
        raise NotImplementedError


class AppointmentWhen(VisitAction):
    action_name = "action_appointment_when"

    def about(self, session: Session, asked: Asked, visit: Visit) -> Iterator[Message]:
        yield _described("appointment_when", visit)


class AppointmentWhere(VisitAction):
    """`map_link` is a web address with {address} in it, None for a clinic that wants none."""

    action_name = "action_appointment_where"

    def __init__(self, open_session: OpenSession, clock: Clock, map_link: str | None) -> None:
        super().__init__(open_session, clock)
        self._map_link = map_link

    def about(self, session: Session, asked: Asked, visit: Visit) -> Iterator[Message]:
        if visit.telehealth_url:
            yield say("appointment_telehealth", start=_start(visit), link=visit.telehealth_url)
        elif visit.place is None:
            yield say("appointment_when_only", start=_start(visit))
            yield open_ticket(TicketReason.NOT_ON_RECORD, appointment=str(visit.id), asked="where")
        else:
            place = visit.place
            yield say(
                "appointment_where",
                location=place.name,
                address=place.address,
                floor=dict(place.floor),
                directions=dict(place.directions),
            )
            if self._map_link is None or not place.address:
                yield say("appointment_where_phone", phone=place.phone)
            else:
                link = self._map_link.format(address=quote(place.address, safe=""))
                yield say("appointment_where_map", link=link, phone=place.phone)


class AppointmentWho(VisitAction):
    action_name = "action_appointment_who"

    def about(self, session: Session, asked: Asked, visit: Visit) -> Iterator[Message]:
        start, practitioner = _start(visit), visit.practitioner
        if practitioner is None:
            yield say("appointment_who_unknown", start=start)
            yield open_ticket(TicketReason.NOT_ON_RECORD, appointment=str(visit.id), asked="who")
        elif not visit.specialty:
            yield say("appointment_who_name", practitioner=practitioner, start=start)
        else:
            specialty = dict(visit.specialty)
            yield say("appointment_who", practitioner=practitioner, specialty=specialty, start=start)


class AppointmentPreparation(VisitAction):
    action_name = "action_appointment_preparation"

    def about(self, session: Session, asked: Asked, visit: Visit) -> Iterator[Message]:
        if visit.preparation:
            yield say("appointment_preparation", start=_start(visit), preparation=dict(visit.preparation))
            return
        phone = visit.place.phone if visit.place else clinic_phone(session, asked.subject.patient_id)
        if phone is None:
            yield open_ticket(TicketReason.NOT_ON_RECORD, appointment=str(visit.id), asked="preparation")
        else:
            yield say("appointment_no_preparation", start=_start(visit), phone=phone)


class AppointmentDirections(AppointmentWhere):
    """As where it is, after what the clinic itself says of the way, parking or the entrance."""

    action_name = "action_appointment_directions"

    def about(self, session: Session, asked: Asked, visit: Visit) -> Iterator[Message]:
        yield from super().about(session, asked, visit)
        yield {"effect": "add_from_words"}


class AppointmentLength(VisitAction):
    action_name = "action_appointment_length"

    def about(self, session: Session, asked: Asked, visit: Visit) -> Iterator[Message]:
        minutes = int((visit.ends_at - visit.starts_at) / timedelta(minutes=1))
        yield say("appointment_length", start=_start(visit), count=minutes, end=moment(visit.ends_at, visit.time_zone))


class AppointmentTelehealth(VisitAction):
    """The link, and what to check before the visit."""

    action_name = "action_appointment_telehealth"

    def likeliest(self, visits: list[Visit]) -> list[Visit]:
        """Who asks for the link means the video visit, even where another visit comes first."""
        return [each for each in visits if each.telehealth_url] or visits

    def about(self, session: Session, asked: Asked, visit: Visit) -> Iterator[Message]:
        if visit.telehealth_url:
            yield say("appointment_telehealth", start=_start(visit), link=visit.telehealth_url)
            yield say("telehealth_check")
            yield {"effect": "ask_telehealth", "appointment": str(visit.id)}
        elif visit.place is not None:
            yield say("appointment_not_telehealth", start=_start(visit), location=visit.place.name)
        else:
            yield say("appointment_when_only", start=_start(visit))
            yield open_ticket(TicketReason.NOT_ON_RECORD, appointment=str(visit.id), asked="link")


class AppointmentConfirm(VisitAction):
    """Nothing is confirmed here: the visit is read back and the person answers with a digit."""

    action_name = "action_appointment_confirm"

    def about(self, session: Session, asked: Asked, visit: Visit) -> Iterator[Message]:
        if visit.practitioner is None:
            yield say("appointment_confirm_ask_only", start=_start(visit))
        else:
            yield say("appointment_confirm_ask", start=_start(visit), practitioner=visit.practitioner)
        yield {"effect": "ask_appointment", "appointment": str(visit.id)}


class AppointmentList(RecordAction):
    """All coming visits, or those with one doctor, of one kind or on the days that are named."""

    action_name = "action_appointment_list"
    scope = ConsentScope.APPOINTMENTS

    def answer(self, session: Session, asked: Asked) -> Iterator[Message]:
        visits = coming_visits(session, asked.subject.patient_id, asked.now)
        if not visits:
            yield from none_coming(session, asked)
            return
        picked = pick_visits(visits, asked.text, asked.suiting)
        if not picked:
            yield say("appointment_none_like")
            yield _described("appointment_when", visits[0])
            return
        lines = [_described("appointment_line", visit) for visit in picked[:LISTED]]
        items = [[line["utterance"], line["params"]] for line in lines]
        if len(picked) > LISTED:
            items.append(["appointment_list_more", {"count": len(picked) - LISTED}])
        yield say("appointment_list", count=len(picked), items=items)


def none_coming(session: Session, asked: Asked) -> Iterator[Message]:
    """No visit to come: how to get one."""
    phone = clinic_phone(session, asked.subject.patient_id)
    if phone is None:
        yield open_ticket(TicketReason.BOOK, asked="no coming visit and no phone on record")
    else:
        yield say("appointment_none", phone=phone)


def appointment_actions(open_session: OpenSession, clock: Clock, map_link: str | None) -> list[RecordAction]:
    kinds: tuple[type[RecordAction], ...] = (
        AppointmentWhen,
        AppointmentLength,
        AppointmentWho,
        AppointmentPreparation,
        AppointmentTelehealth,
        AppointmentConfirm,
        AppointmentList,
    )
    mapped = (AppointmentWhere, AppointmentDirections)
    return [
        *(kind(open_session, clock) for kind in kinds),
        *(kind(open_session, clock, map_link) for kind in mapped),
    ]


def _start(visit: Visit) -> Mapping[str, str]:
    return moment(visit.starts_at, visit.time_zone)


def _described(utterance: str, visit: Visit) -> Message:
    """The utterance with all that the record has of the visit, or its variant for a video visit, or the time."""
    params: dict[str, Any] = {"start": _start(visit)}
    if visit.practitioner and visit.telehealth_url:
        return say(f"{utterance}_video", **params, practitioner=visit.practitioner)
    if visit.practitioner and visit.place:
        return say(utterance, **params, practitioner=visit.practitioner, location=visit.place.name)
    return say(f"{utterance}_only", **params)
