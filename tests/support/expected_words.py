"""What a person should read, written from clinic.yml by hand: shares no code and no catalog with the product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

Entry = Mapping[str, Any]

ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPANISH_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
SPANISH_MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


@dataclass(frozen=True)
class English:
    """Sentences in English, as texted to a phone in the United States."""

    code = "en"

    def clock(self, at: time) -> str:
        return f"{at.hour % 12 or 12}:{at.minute:02} {'AM' if at.hour < 12 else 'PM'}"

    def moment(self, local: datetime) -> str:
        day, month = ENGLISH_DAYS[local.weekday()], ENGLISH_MONTHS[local.month - 1]
        return f"{day}, {month} {local.day} at {self.clock(local.time())}"

    def dose(self, medicine: Entry) -> str:
        (dosage,) = medicine["dosage"]
        quantity, repeat = dosage["doseAndRate"][0]["doseQuantity"], dosage["timing"]["repeat"]
        many = "" if quantity["value"] == 1 else "s"
        parts = [f"{quantity['value']} {quantity['unit']}{many}"]
        if repeat["periodUnit"] == "h":
            parts.append(f"every {repeat['period']} to {repeat['periodMax']} hours")
        else:
            parts.append("once a day" if repeat["frequency"] == 1 else f"{repeat['frequency']} times a day")
        parts += _listed([f"at {self.clock(at)}" for at in times(medicine)], "and", comma_before_last=True)
        parts += ["at bedtime"] if repeat.get("when") == ["HS"] else []
        parts += ["only when needed"] if dosage.get("asNeededBoolean") else []
        return ", ".join([*parts, *(each["text"] for each in dosage.get("additionalInstruction", []))])

    def when(self, start: datetime, visit: Entry, clinic: Entry) -> str:
        who, where = (
            by_ref(clinic["practitioners"], visit["practitioner"]),
            by_ref(clinic["locations"], visit["location"]),
        )
        return f"The next visit is on {self.moment(start)} with {who['name']}, at {where['name']}."

    def where(self, visit: Entry, clinic: Entry) -> str:
        return f"The next visit is here:\n{_place(visit, clinic, self.code, map_and_phone=('Directions', 'Phone'))}"

    def who(self, start: datetime, visit: Entry, clinic: Entry) -> str:
        who = by_ref(clinic["practitioners"], visit["practitioner"])
        return f"The next visit is with {who['name']} ({who['specialty']['en']}) on {self.moment(start)}."

    def prepare(self, start: datetime, visit: Entry) -> str:
        return f"To prepare for the visit on {self.moment(start)}: {visit['preparation']['en']}"

    def medicines(self, medicines: Sequence[Entry]) -> str:
        lines = (f"{name(medicine)}: {self.dose(medicine)}" for medicine in medicines)
        return "\n".join([f"{len(medicines)} medicines on the list:", *lines])

    def how_much(self, medicine: Entry) -> str:
        return f"{name(medicine)}: {self.dose(medicine)}\nThis is what the prescription says."

    def next_dose(self, medicine: Entry, now: datetime) -> str:
        return f"{name(medicine)}: {self.dose(medicine)}\nThe next time is {self.moment(next_time(medicine, now))}."

    def purpose(self, medicine: Entry) -> str:
        return f"{name(medicine)} is for: {medicine['purpose']['en']}"

    def refills(self, medicine: Entry) -> str:
        left = medicine["refills"]
        return f"{name(medicine)}: {left} refill{'' if left == 1 else 's'} left.\nTo ask for a refill, write: refill"


@dataclass(frozen=True)
class Spanish:
    """Sentences in Spanish, with the twelve-hour clock of the United States."""

    code = "es"
    units = (("tablet", "tableta", "tabletas"),)
    instructions = (("with food", "con comida"), ("on an empty stomach", "en ayunas"))

    def clock(self, at: time) -> str:
        return f"{at.hour % 12 or 12}:{at.minute:02} {'a.m.' if at.hour < 12 else 'p.m.'}"

    def at_clock(self, at: time) -> str:
        return f"a la{'' if at.hour % 12 == 1 else 's'} {self.clock(at)}"

    def moment(self, local: datetime) -> str:
        day, month = SPANISH_DAYS[local.weekday()], SPANISH_MONTHS[local.month - 1]
        return f"{day} {local.day} de {month} {self.at_clock(local.time())}"

    def dose(self, medicine: Entry) -> str:
        (dosage,) = medicine["dosage"]
        quantity, repeat = dosage["doseAndRate"][0]["doseQuantity"], dosage["timing"]["repeat"]
        one, many = next((one, many) for unit, one, many in self.units if unit == quantity["unit"])
        parts = [f"{quantity['value']} {one if quantity['value'] == 1 else many}"]
        parts.append("una vez al día" if repeat["frequency"] == 1 else f"{repeat['frequency']} veces al día")
        parts += _listed([self.at_clock(at) for at in times(medicine)], "y", comma_before_last=False)
        known = dict(self.instructions)
        return ", ".join([*parts, *(known[each["text"]] for each in dosage.get("additionalInstruction", []))])

    def when(self, start: datetime, visit: Entry, clinic: Entry) -> str:
        who, where = (
            by_ref(clinic["practitioners"], visit["practitioner"]),
            by_ref(clinic["locations"], visit["location"]),
        )
        return f"La próxima cita es el {self.moment(start)} con {who['name']}, en {where['name']}."

    def where(self, visit: Entry, clinic: Entry) -> str:
        return (
            f"La próxima cita es aquí:\n{_place(visit, clinic, self.code, map_and_phone=('Cómo llegar', 'Teléfono'))}"
        )

    def who(self, start: datetime, visit: Entry, clinic: Entry) -> str:
        who = by_ref(clinic["practitioners"], visit["practitioner"])
        return f"La próxima cita es con {who['name']} ({who['specialty']['es']}) el {self._ended(start)}"

    def prepare(self, start: datetime, visit: Entry) -> str:
        return f"Para prepararse para la cita del {self.moment(start)}: {visit['preparation']['es']}"

    def medicines(self, medicines: Sequence[Entry]) -> str:
        lines = (f"{name(medicine)}: {self.dose(medicine)}" for medicine in medicines)
        return "\n".join([f"{len(medicines)} medicinas en la lista:", *lines])

    def how_much(self, medicine: Entry) -> str:
        return f"{name(medicine)}: {self.dose(medicine)}\nEsto es lo que dice la receta."

    def next_dose(self, medicine: Entry, now: datetime) -> str:
        at = self._ended(next_time(medicine, now))
        return f"{name(medicine)}: {self.dose(medicine)}\nLa próxima vez es el {at}"

    def purpose(self, medicine: Entry) -> str:
        return f"{name(medicine)} es para: {medicine['purpose']['es']}"

    def refills(self, medicine: Entry) -> str:
        left = medicine["refills"]
        how = "Para pedir un resurtido, escriba: necesito un resurtido"
        return (
            f"{name(medicine)}: {'queda' if left == 1 else 'quedan'} {left} resurtido{'' if left == 1 else 's'}.\n{how}"
        )

    def _ended(self, local: datetime) -> str:
        """At the end of a sentence: "a.m." and "p.m." take no second full stop."""
        return self.moment(local)


Language = English | Spanish


def by_ref(entries: Sequence[Entry], ref: str) -> Entry:
    return next(entry for entry in entries if entry["ref"] == ref)


def name(medicine: Entry) -> str:
    return f"{medicine['medication']} {medicine['strength']}"


def times(medicine: Entry) -> list[time]:
    return [time.fromisoformat(at) for at in medicine["dosage"][0]["timing"]["repeat"].get("timeOfDay", [])]


def next_time(medicine: Entry, now: datetime) -> datetime:
    """The first of the medicine's daily times after this local instant."""
    days = (now.date() + timedelta(days=ahead) for ahead in (0, 1))
    wall = (datetime.combine(day, at, now.tzinfo) for day in days for at in times(medicine))
    return next(at for at in wall if at > now)


def _listed(parts: list[str], word: str, *, comma_before_last: bool) -> list[str]:
    """One piece that holds all parts, as "a, b, and c" or "a, b y c"."""
    if len(parts) < 2:
        return parts
    comma = "," if comma_before_last and len(parts) > 2 else ""
    return [f"{', '.join(parts[:-1])}{comma} {word} {parts[-1]}"]


def _place(visit: Entry, clinic: Entry, language: str, *, map_and_phone: tuple[str, str]) -> str:
    place = by_ref(clinic["locations"], visit["location"])
    address = place["address"].replace(" ", "%20").replace(",", "%2C")
    country, area, line = place["phone"][:2], place["phone"][2:5], place["phone"][5:]
    assert country == "+1"
    to_map, to_phone = map_and_phone
    return "\n".join(
        [
            *(place["name"], place["address"], place["floor"][language], place["directions"][language]),
            f"{to_map}: https://www.google.com/maps/dir/?api=1&destination={address}",
            f"{to_phone}: ({area}) {line[:3]}-{line[3:]}",
        ]
    )
