"""ContactPoint: which of somebody's numbers may be texted. A landline cannot read, an old number is somebody else's."""

from datetime import datetime

from bot.channels.phone_numbers import as_e164
from bot.fhir.taking import Taking
from bot.fhir.times import read_instant

TEXTED_USES = ("mobile", None)


def texting_numbers(taking: Taking, country: str) -> dict[str, None]:
    """The E.164 numbers, the first choice first. What is left out is said."""
    entries = list(enumerate(taking.resource.get("telecom", ())))
    numbers: dict[str, None] = {}
    for place, entry in sorted(entries, key=lambda each: each[1].get("rank", 1000)):
        if entry.get("system") not in ("phone", "sms") or "value" not in entry:
            continue
        path = f"telecom[{place}]"
        if entry["system"] == "phone" and entry.get("use") not in TEXTED_USES:
            taking.remark(path, "is no mobile number, so it is not texted; give it use=mobile if it is one")
        elif not _in_use(entry.get("period", {}), taking):
            taking.remark(path, "is not in use now, so it is not texted")
        elif (number := as_e164(entry["value"], country)) is None:
            taking.remark(path, "is no phone number")
        else:
            numbers[number] = None
    return numbers


def _in_use(period: dict[str, str], taking: Taking) -> bool:
    def at(name: str) -> datetime | None:
        return read_instant(period[name], taking.defaults.time_zone) if name in period else None

    start, end = at("start"), at("end")
    return (start is None or start <= taking.now) and (end is None or end > taking.now)
