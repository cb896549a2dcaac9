"""The pieces of a dose, as translators see them, and the codes of FHIR R4 that they stand for.

What is not in these tables, the renderer does not know: the clinician's own words are shown instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.i18n.messages import Message, message, message_count

# Translators: puts two pieces of a dose side by side, as "1 tablet, 2 times a day".
BESIDE = message("dosage", "{first}, {second}")
# Translators: two doses that both hold, as "10 units in the morning; 8 units at bedtime".
ALSO = message("dosage", "{first}; {second}")
# Translators: a dose that follows after another one has ended.
THEN = message("dosage", "{first}; then {second}")
# Translators: stands where a dose should be, when the record has none or only a part of it.
NOT_ON_RECORD = message("dosage", "the full dose is not in the record; please ask the clinic")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """`counted` things come whole; a measure may have decimals. `half` and `and_half` say 0.5 and n + 0.5."""

    words: Message
    names: frozenset[str]
    counted: bool = True
    half: Message | None = None
    and_half: Message | None = None


def _counted(words: Message, *names: str) -> Unit:
    return Unit(words=words, names=frozenset(names))


def _measure(words: Message, *names: str) -> Unit:
    return Unit(words=words, names=frozenset(names), counted=False)


UNITS: tuple[Unit, ...] = (
    Unit(
        words=message_count("dosage", "{count} tablet", "{count} tablets"),
        names=frozenset({"tablet", "tablets", "tab", "tabs", "{tbl}", "{tablet}"}),
        half=message("dosage", "half a tablet"),
        # Translators: {count} is the whole tablets: "2 and a half tablets".
        and_half=message_count("dosage", "{count} and a half tablets", "{count} and a half tablets"),
    ),
    _counted(message_count("dosage", "{count} capsule", "{count} capsules"), "capsule", "capsules", "cap", "caps"),
    # Translators: of an inhaler.
    _counted(message_count("dosage", "{count} puff", "{count} puffs"), "puff", "puffs", "{puff}"),
    # Translators: of insulin.
    _counted(message_count("dosage", "{count} unit", "{count} units"), "unit", "units", "u", "iu", "[iu]", "{unit}"),
    _counted(message_count("dosage", "{count} drop", "{count} drops"), "drop", "drops", "[drp]", "{drop}"),
    _counted(message_count("dosage", "{count} patch", "{count} patches"), "patch", "patches", "{patch}"),
    # Translators: of a nasal spray.
    _counted(message_count("dosage", "{count} spray", "{count} sprays"), "spray", "sprays", "{spray}"),
    _measure(message("dosage", "{count} mL"), "ml"),
    _measure(message("dosage", "{count} mg"), "mg"),
    _measure(message("dosage", "{count} mcg"), "mcg", "ug", "µg"),
    _measure(message("dosage", "{count} g"), "g"),
)

# FHIR R4 UnitsOfTime: once in a period, and once in several.
ONCE_EACH: Mapping[str, Message] = {
    "d": message("dosage", "once a day"),
    "wk": message("dosage", "once a week"),
    "mo": message("dosage", "once a month"),
}
EVERY: Mapping[str, Message] = {
    "min": message_count("dosage", "every minute", "every {count} minutes"),
    "h": message_count("dosage", "every hour", "every {count} hours"),
    "d": message_count("dosage", "every day", "every {count} days"),
    "wk": message_count("dosage", "every week", "every {count} weeks"),
    "mo": message_count("dosage", "every month", "every {count} months"),
}
EVERY_FEW_HOURS = message("dosage", "every {low} to {high} hours")
TIMES_EACH: Mapping[str, Message] = {
    "d": message_count("dosage", "{count} time a day", "{count} times a day"),
    "wk": message_count("dosage", "{count} time a week", "{count} times a week"),
    "mo": message_count("dosage", "{count} time a month", "{count} times a month"),
}
LASTING: Mapping[str, Message] = {
    "d": message_count("dosage", "for {count} day", "for {count} days"),
    "wk": message_count("dosage", "for {count} week", "for {count} weeks"),
    "mo": message_count("dosage", "for {count} month", "for {count} months"),
}
TIME_UNITS: Mapping[str, str] = {
    "day": "d",
    "days": "d",
    "week": "wk",
    "weeks": "wk",
    "month": "mo",
    "months": "mo",
}

# Translators: a time of day. The plural form follows the hour shown ("a la 1", "a las 2").
AT_TIME = message_count("dosage", "at {time}", "at {time}")
# Translators: {days} are names of weekdays, as "Monday and Thursday".
ON_DAYS = message("dosage", "every {days}")

# FHIR R4 EventTiming and v3 TimingEvent.
WHEN: Mapping[str, Message] = {
    "MORN": message("dosage", "in the morning"),
    "NOON": message("dosage", "at noon"),
    "AFT": message("dosage", "in the afternoon"),
    "EVE": message("dosage", "in the evening"),
    "NIGHT": message("dosage", "at night"),
    "HS": message("dosage", "at bedtime"),
    "WAKE": message("dosage", "after waking up"),
    "AC": message("dosage", "before meals"),
    "ACM": message("dosage", "before breakfast"),
    "ACD": message("dosage", "before lunch"),
    "ACV": message("dosage", "before dinner"),
    "PC": message("dosage", "after meals"),
    "PCM": message("dosage", "after breakfast"),
    "PCD": message("dosage", "after lunch"),
    "PCV": message("dosage", "after dinner"),
    "C": message("dosage", "with meals"),
    "CM": message("dosage", "with breakfast"),
    "CD": message("dosage", "with lunch"),
    "CV": message("dosage", "with dinner"),
}
# These say nothing about how many meals, so a frequency may stand beside them.
ANY_MEAL = frozenset({"AC", "PC", "C"})
# Translators: {when} is a meal with before or after: "30 minutes before breakfast".
OFFSET = message_count("dosage", "{count} minute {when}", "{count} minutes {when}")

AS_NEEDED = message("dosage", "only when needed")
# Translators: {reason} is the clinician's own words, as "pain".
AS_NEEDED_FOR = message("dosage", "only when needed for {reason}")
# Translators: {dose} is an amount, as "8 tablets".
AT_MOST = message("dosage", "no more than {dose} in 24 hours")

# SNOMED CT route codes, and the same in English words. None: the way that goes without saying.
_INHALED = message("dosage", "inhaled")
_UNDER_SKIN = message("dosage", "injected under the skin")
_UNDER_TONGUE = message("dosage", "under the tongue")
_ON_SKIN = message("dosage", "on the skin")
_IN_NOSE = message("dosage", "in the nose")
_IN_EYE = message("dosage", "in the eye")
ROUTES: Mapping[str, Message | None] = {
    "26643006": None, "oral": None, "oral route": None, "by mouth": None,
    "447694001": _INHALED, "inhaled": _INHALED, "inhalation": _INHALED, "respiratory tract route": _INHALED,
    "34206005": _UNDER_SKIN, "subcutaneous": _UNDER_SKIN, "subcutaneous route": _UNDER_SKIN,
    "37839007": _UNDER_TONGUE, "sublingual": _UNDER_TONGUE, "sublingual route": _UNDER_TONGUE,
    "6064005": _ON_SKIN, "topical": _ON_SKIN, "topical route": _ON_SKIN,
    "46713006": _IN_NOSE, "nasal": _IN_NOSE, "nasal route": _IN_NOSE,
    "54485002": _IN_EYE, "ophthalmic": _IN_EYE, "ophthalmic route": _IN_EYE,
}  # fmt: skip

# Dosage.additionalInstruction, by SNOMED CT code or English words.
_WITH_FOOD = message("dosage", "with food")
_WITH_OR_AFTER_FOOD = message("dosage", "with or after food")
_EMPTY_STOMACH = message("dosage", "on an empty stomach")
_WATER = message("dosage", "with a full glass of water")
_WHOLE = message("dosage", "swallow whole, do not crush or chew")
_RINSE = message("dosage", "rinse your mouth afterwards")
INSTRUCTIONS: Mapping[str, Message] = {
    "with food": _WITH_FOOD, "take with food": _WITH_FOOD,
    "311504000": _WITH_OR_AFTER_FOOD, "with or after food": _WITH_OR_AFTER_FOOD,
    "717154004": _EMPTY_STOMACH, "on an empty stomach": _EMPTY_STOMACH,
    "take on an empty stomach": _EMPTY_STOMACH,
    "with a full glass of water": _WATER, "take with a full glass of water": _WATER,
    "swallow whole, do not crush or chew": _WHOLE, "do not crush or chew": _WHOLE,
    "rinse mouth after use": _RINSE, "rinse your mouth afterwards": _RINSE,
}  # fmt: skip

MESSAGES: tuple[Message, ...] = tuple(
    dict.fromkeys(
        (
            *(
                BESIDE,
                ALSO,
                THEN,
                EVERY_FEW_HOURS,
                NOT_ON_RECORD,
                AT_TIME,
                ON_DAYS,
                OFFSET,
                AS_NEEDED,
                AS_NEEDED_FOR,
                AT_MOST,
            ),
            *(found for unit in UNITS for found in (unit.words, unit.half, unit.and_half) if found),
            *(found for table in (ONCE_EACH, EVERY, TIMES_EACH, LASTING, WHEN) for found in table.values()),
            *(found for found in ROUTES.values() if found),
            *INSTRUCTIONS.values(),
        )
    )
)
