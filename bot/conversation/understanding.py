"""What a text means and where it goes: the one path for real turns and for `northstar understand`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.conversation.keywords import Keywords, Short
from bot.conversation.red_flags import RedFlag, RedFlags
from bot.dialogue.client import Danger, Entity, Parse
from bot.domain.enums import Keyword, Route, Severity

FALLBACK = "nlu_fallback"
# How likely danger has to be, by the classifiers, for an emergency phrase to be one.
PHRASE_NEEDS = 0.1
# In a longer text (characters) a phrase holds by itself: among so many words the classifiers may overlook it.
LONGEST_DOUBTED = 400

# Questions for what is on the record, and how sure the model has to be that a text is one to be nothing more.
ASKS = frozenset(
    [
        "list_appointments",
        "ask_appointment_when",
        "ask_appointment_where",
        "ask_appointment_who",
        "ask_appointment_preparation",
        "ask_directions",
        "ask_telehealth_link",
        "list_medications",
        "ask_refills_left",
    ]
)
SURELY = 0.97
# Requests that are nobody's answer to a question about another, with the reason of their own tickets.
WANTS: Mapping[str, str] = {
    "running_late": "late",
    "need_transport": "transport",
    "need_interpreter": "interpreter",
    "insurance_or_bill": "insurance",
    "test_results": "test_results",
    "portal_trouble": "portal",
    "find_resource": "resource",
    "talk_to_person": "person",
    "complaint": "complaint",
}
# "I use a walker" is no question how a medicine is used; "the one of the laboratory" may be a bill.
ANSWERS = frozenset({"ask_medication_how"})
LIKE: Mapping[str, tuple[str, ...]] = {
    "test_results": ("insurance",),
    "insurance_or_bill": ("cost",),
    "portal_trouble": ("telehealth",),
    "ask_telehealth_link": ("telehealth",),
}
POLITE = frozenset({"greet", "thanks"})
# How sure it has to be that a text is no answer to what was asked.
CLEARLY = 0.8

# What an answer must not begin with.
OPPOSITES: Mapping[str, Short] = {"affirm": Short.NO, "deny": Short.YES}
CLAUSE_END = re.compile(r"[.,;:!?…。，、；：！？،؛؟।\n]")

# Every intent of intents/domain.yml has its place here; a contract test compares this with the Rasa rules.
ROUTES: Mapping[Route, frozenset[str]] = {
    Route.ANSWER: frozenset(
        [
            "ask_appointment_when",
            "ask_appointment_where",
            "ask_appointment_who",
            "ask_appointment_preparation",
            "ask_appointment_duration",
            "list_appointments",
            "ask_directions",
            "ask_telehealth_link",
            "list_medications",
            "ask_medication_dose",
            "ask_medication_when",
            "ask_medication_how",
            "ask_medication_purpose",
            "ask_medication_prescriber",
            "ask_refills_left",
            "ask_medication_change",
            "ask_clinic_info",
            "find_resource",
            "affirm",
            "deny",
            "taken",
            "skip",
            "later",
            "thanks",
            "greet",
            "nevermind",
            "who_are_you",
            "who_can_see",
            "change_language",
        ]
    ),
    Route.TASK: frozenset({"reschedule_appointment", "book_appointment"}),
    Route.CONFIRM: frozenset({"confirm_appointment", "cancel_appointment"}),
    Route.HANDOFF: frozenset(
        [
            "running_late",
            "need_transport",
            "need_interpreter",
            "request_refill",
            "ran_out",
            "missed_dose",
            "clinical_question",
            "cannot_afford",
            "stopped_taking",
            "reminder_settings",
            "talk_to_person",
            "complaint",
            "caregiver_overwhelmed",
            "insurance_or_bill",
            "test_results",
            "portal_trouble",
            "wrong_number",
        ]
    ),
    Route.CLARIFY: frozenset({"out_of_scope", FALLBACK}),
}
_ROUTE_OF = {intent: route for route, intents in ROUTES.items() for intent in intents}


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """`confidence` is 0 to 1. Without a model `intent` is None."""

    language: str
    route: Route
    intent: str | None = None
    confidence: float = 0.0
    entities: tuple[Entity, ...] = ()
    red_flag: RedFlag | None = None
    keyword: Keyword | None = None

    @property
    def severity(self) -> Severity | None:
        return self.red_flag.severity if self.red_flag else None


class Understander:
    """Phrase lists and keywords first, then what the model said."""

    def __init__(self, red_flags: RedFlags, keywords: Keywords) -> None:
        self._red_flags = red_flags
        self.keywords = keywords

    def danger(self, text: str, language: str, parse: Parse | None) -> Understanding | None:
        """What phrase lists and classifiers together make of danger in the text; None for none.

        Each sees what the other does not. With the model silent a phrase of either severity is an emergency. With
        it, a phrase that the classifiers find harmless ("the stroke clinic") is only for a person to look at.
        """
        flag = self._red_flags.match(text, language)
        seen = parse.danger if parse else None
        if flag is not None:
            found = replace(flag, severity=_phrase_severity(flag, seen, text))
        elif parse is not None and seen is not None and seen.severity is not None and not _only_asks(parse, seen):
            found = RedFlag(category=seen.category, severity=Severity(seen.severity), language=language)
        else:
            return None
        return Understanding(language=language, route=_flag_route(found), red_flag=found)

    def asks_record(self, parse: Parse | None) -> bool:
        """Whether a text clearly asks for what is on the record, rather than going on with what was asked."""
        return parse is not None and parse.confidence >= CLEARLY and (parse.intent or "").startswith(("ask_", "list_"))

    def begins_anew(self, parse: Parse | None, reason: str) -> bool:
        """Whether a text clearly wants something else than what was asked about, of which `reason` is the ticket's."""
        if parse is None or parse.confidence < CLEARLY:
            return False
        intent = parse.intent or ""
        if reason in (WANTS.get(intent), *LIKE.get(intent, ())):
            return False
        asks = intent.startswith(("ask_", "list_")) and intent not in ANSWERS
        return asks or intent in WANTS or intent in POLITE or intent.endswith("_appointment")

    def sees_danger(self, text: str) -> bool:
        """Whether a red flag is in the text, in any language: such a message is taken before others."""
        return self._red_flags.match(text) is not None

    def keyword(self, text: str, language: str) -> Understanding | None:
        """Stop, start and help, which need no model."""
        keyword = self.keywords.match(text)
        return Understanding(language=language, route=Route.KEYWORD, keyword=keyword) if keyword else None

    def with_model(self, parse: Parse, language: str, text: str) -> Understanding:
        """What the model read. An intent that no route knows goes to clarification, never to an action.

        A yes that begins with "no", and the other way round ("No, that's alright"), is neither: it is asked back.
        """
        intent = FALLBACK if self._contradicts(parse.intent, language, text) else parse.intent
        return Understanding(
            language=language,
            route=_ROUTE_OF.get(intent or FALLBACK, Route.CLARIFY),
            intent=intent,
            confidence=parse.confidence,
            entities=parse.entities,
        )

    def _contradicts(self, intent: str | None, language: str, text: str) -> bool:
        opposite = OPPOSITES.get(intent or "")
        if opposite is None:
            return False
        begins = CLAUSE_END.split(text.strip(), maxsplit=1)[0]
        return opposite in self.keywords.shorts(begins, language)


def _only_asks(parse: Parse, seen: Danger) -> bool:
    """What a classifier alone finds urgent, though it surely asks for what is on the record ("what is she taking")."""
    return seen.severity != Severity.EMERGENCY and parse.intent in ASKS and parse.confidence >= SURELY


def _phrase_severity(flag: RedFlag, seen: Danger | None, text: str) -> Severity:
    if seen is None or seen.severity == Severity.EMERGENCY or len(text) > LONGEST_DOUBTED:
        return Severity.EMERGENCY
    harmless = flag.severity is Severity.URGENT or seen.probability < PHRASE_NEEDS
    return Severity.URGENT if harmless else Severity.EMERGENCY


def _flag_route(flag: RedFlag) -> Route:
    return Route.EMERGENCY if flag.severity is Severity.EMERGENCY else Route.HANDOFF
