"""The steps of a turn, in the order of the architecture. Each looks at the snapshot and plans, or passes on.

No step writes; the only one that waits for anything is the dialogue, which asks the Rasa server.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from bot.channels.twilio.keywords import carrier_answers
from bot.conversation.emergency import EmergencyNumbers, emergency_say
from bot.conversation.keywords import Keywords
from bot.conversation.plan import (
    AnswerQuestion,
    AppendToHumanTicket,
    Ask,
    Choose,
    CloseQuestion,
    LinkPerson,
    LookForTimes,
    Misunderstood,
    OpenTicket,
    OptIn,
    OptOut,
    Plan,
    SetLanguage,
    TellDetail,
)
from bot.conversation.snapshot import OpenQuestion, Snapshot
from bot.conversation.understanding import Understander
from bot.conversation.why_not import INTENTS as REASONS_IN_WORDS
from bot.dialogue.client import MODEL_TEXT_LIMIT
from bot.domain.enums import (
    ChannelName,
    Keyword,
    QuestionKind,
    Severity,
    TicketReason,
)
from bot.i18n.wishes import Wishes
from bot.outbox import Say
from bot.reminders.replies import DIGITS, bare_digit, read_digit, read_word

CARRIER_CANCEL = "cancel"
START_COMMAND = re.compile(r"/start(?:\s+([A-Za-z0-9_-]{16,64}))?\s*\Z")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the steps consult: phrase lists, numbers, the languages by code (and which the clinic has released) and
    the clinic's own phone (E.164)."""

    understander: Understander
    wishes: Wishes
    numbers: Mapping[str, EmergencyNumbers]
    languages: Mapping[str, str]
    released: Collection[str]
    phone: str

    @property
    def keywords(self) -> Keywords:
        return self.understander.keywords


# Questions with numbered choices, and how many where the question itself does not say.
NUMBERED: Mapping[QuestionKind, int] = {
    QuestionKind.OFFER: 0,
    QuestionKind.VISIT: 0,
    QuestionKind.CANCEL: 3,
    QuestionKind.CANCEL_WHY: 5,
    QuestionKind.DOSE_WHY: 7,
    QuestionKind.TELEHEALTH: 2,
    QuestionKind.TEACH_BACK: 3,
    QuestionKind.HELP: 2,
}
YES_OR_NO = (QuestionKind.TELEHEALTH, QuestionKind.HELP)
YES_AND_NO = {"yes": 1, "no": 2}
TOLD_IN_WORDS = (QuestionKind.DETAIL, QuestionKind.CANCEL_WHY, QuestionKind.DOSE_WHY)

Step = Callable[[Snapshot, Desk], Plan | None]


def red_flag(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """Danger, before everything else: before consent, identity and a person who has the conversation."""
    understood = desk.understander.danger(snapshot.text, snapshot.language, snapshot.parse)
    flag = understood.red_flag if understood else None
    if flag is None:
        return None
    facts = {"red_flag": flag.category}
    # Somebody we do not know is answered in the language they wrote; others in their own.
    language = snapshot.language if snapshot.known else flag.language
    if flag.severity is Severity.URGENT:
        ticket = OpenTicket(reason=TicketReason.URGENT_SYMPTOM, facts=facts)
        return Plan(effects=(ticket,), understood=understood, language=language)
    says = (emergency_say(flag, desk.numbers.get(snapshot.country or "")),)
    ticket = OpenTicket(reason=TicketReason.EMERGENCY, facts=facts, silently=True)
    return Plan(says=says, effects=(ticket,), understood=understood, language=language)


def keyword(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """STOP, START, HELP. Where the carrier answers the word itself, we do not answer a second time."""
    understood = desk.understander.keyword(snapshot.text, snapshot.language)
    silent = snapshot.channel is ChannelName.SMS and carrier_answers(snapshot.text)
    match understood.keyword if understood else None:
        case Keyword.STOP:
            said = () if silent else (Say("opted_out"),)
            return Plan(says=said, effects=_opt_out(snapshot), understood=understood)
        case Keyword.START if snapshot.opted_out:
            return Plan(says=() if silent else (Say("opted_in"),), effects=(OptIn(),), understood=understood)
        case Keyword.HELP:
            said = () if silent else (Say("help", {"phone": desk.phone}),)
            return Plan(says=said, understood=understood)
        case _:
            return None


def _opt_out(snapshot: Snapshot) -> tuple[OptOut | OpenTicket, ...]:
    """A bare CANCEL from somebody with a visit may mean either: honour the opt-out, and let a person look."""
    bare_cancel = snapshot.text.strip().casefold() == CARRIER_CANCEL
    if bare_cancel and snapshot.has_visit:
        return OptOut(), OpenTicket(reason=TicketReason.OPT_OUT_WITH_VISIT, silently=True)
    return (OptOut(),)


def opted_out(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """Somebody who opted out still writes: we may not answer, a person reads it."""
    if not snapshot.opted_out:
        return None
    return Plan(effects=(OpenTicket(reason=TicketReason.PERSON, silently=True),))


def link_command(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """Telegram's `/start TOKEN`, from a link that a signed-in person was given; it undoes an earlier opt-out."""
    match = START_COMMAND.match(snapshot.text) if snapshot.channel is ChannelName.TELEGRAM else None
    if match is None:
        return None
    token = match.group(1)
    if token is None:
        return Plan(says=(Say("greet"),))
    return Plan(effects=(*((OptIn(),) if snapshot.opted_out else ()), LinkPerson(token=token)))


def human(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """A person has the ticket: what is written is theirs to read, and the bot is silent."""
    return Plan(effects=(AppendToHumanTicket(),)) if snapshot.human else None


def language_request(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """ "English please", "español": at once."""
    wanted = desk.keywords.language_request(snapshot.text)
    return None if wanted is None or wanted not in desk.languages else change_language(wanted)


def change_language(wanted: str) -> Plan:
    return Plan(says=(Say("language_changed"),), effects=(SetLanguage(language=wanted),), language=wanted)


def attachment(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """A picture or voice note is for a person; so is a text longer than the model is shown."""
    if snapshot.media:
        ticket = OpenTicket(reason=TicketReason.ATTACHMENT, facts={"media": list(snapshot.media)})
        return Plan(effects=(ticket,))
    if len(snapshot.text) > MODEL_TEXT_LIMIT:
        return Plan(effects=(OpenTicket(reason=TicketReason.PERSON),))
    return None


def detail(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """What was asked after a hand-off is answered in any words, unless they clearly ask for something else."""
    question = snapshot.question
    if question is None or question.kind not in TOLD_IN_WORDS or not any(map(str.isalnum, snapshot.text)):
        return None
    if question.kind is not QuestionKind.DETAIL and bare_digit(snapshot.text) is not None:
        return None
    if question.kind is QuestionKind.DOSE_WHY and snapshot.parse and snapshot.parse.intent in REASONS_IN_WORDS:
        return Plan(effects=(TellDetail(question_id=question.id),))
    reason = str(question.subject.get("reason", ""))
    if desk.understander.begins_anew(snapshot.parse, reason):
        return None
    return Plan(effects=(TellDetail(question_id=question.id),))


def other_times(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """ "What about Friday?", when times were offered."""
    question = snapshot.question
    if question is None or question.kind is not QuestionKind.OFFER or bare_digit(snapshot.text) is not None:
        return None
    zone = snapshot.time_zone
    suiting = zone and desk.wishes.suiting(snapshot.text, snapshot.language, snapshot.now, zone)
    if not suiting or desk.understander.asks_record(snapshot.parse):
        return None
    appointment = question.subject["appointment"]
    effect = LookForTimes(
        reason=TicketReason.RESCHEDULE if appointment else TicketReason.BOOK,
        words=snapshot.text,
        appointment_id=UUID(appointment) if appointment else None,
    )
    return Plan(effects=(CloseQuestion(question_id=question.id, answer="other times"), effect))


def short_reply(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """A digit or a word that answers what we asked; a bare digit without a question is not guessed at."""
    text, question = snapshot.text.strip(), snapshot.question
    if question is not None and question.kind in DIGITS:
        words = desk.keywords.shorts(text, snapshot.language)
        read = (read_digit(question.kind, text), *(read_word(question.kind, word) for word in words))
        answer = next((each for each in read if each is not None), None)
        if answer is not None:
            return Plan(effects=(AnswerQuestion(question_id=question.id, answer=answer),))
        if words:
            return Plan(says=(_ask_again(question),))
    if question is not None and question.kind in NUMBERED:
        words = desk.keywords.shorts(text, snapshot.language) if question.kind in YES_OR_NO else ()
        digit = bare_digit(text) or next((YES_AND_NO[word] for word in words if word in YES_AND_NO), None)
        if digit is not None and 1 <= digit <= count_choices(question):
            return Plan(effects=(Choose(question_id=question.id, digit=digit),))
    if question is not None and question.kind is QuestionKind.LANGUAGE:
        wanted = chosen(question, text)
        if wanted is not None:
            effects = (
                SetLanguage(language=wanted),
                CloseQuestion(question_id=question.id, answer=wanted),
            )
            return Plan(says=(Say("language_changed"),), effects=effects, language=wanted)
    if bare_digit(text) is not None:
        return Plan(says=(Say("no_open_question") if question is None else _ask_again(question),))
    return None


def chosen(question: OpenQuestion, text: str) -> str | None:
    """What a digit picks from a numbered list of patients or languages."""
    choices = _choices(question)
    digit = bare_digit(text)
    return choices[digit - 1] if digit is not None and 1 <= digit <= len(choices) else None


def wordless(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """Nothing, or emoji and punctuation only: never an action, and no guess either."""
    if not snapshot.text.strip():
        return Plan(says=(Say("empty"),))
    if not any(character.isalnum() for character in snapshot.text):
        return Plan(effects=(Misunderstood(),))
    return None


def several_people(snapshot: Snapshot, desk: Desk) -> Plan | None:
    """A phone that several people share: nobody is named until one of them is chosen."""
    if not snapshot.candidates:
        return None
    subject = {
        "patients": [str(candidate) for candidate in snapshot.candidates],
        "text_of": str(snapshot.communication_id),
    }
    return Plan(effects=(Ask(kind=QuestionKind.WHO_IS_THIS, subject=subject),))


def _choices(question: OpenQuestion) -> list[str]:
    key = "languages" if question.kind is QuestionKind.LANGUAGE else "patients"
    return list(question.subject.get(key, ()))


def _ask_again(question: OpenQuestion) -> Say:
    return Say("choose_again", {"digits": [str(number) for number in range(1, count_choices(question) + 1)]})


def count_choices(question: OpenQuestion) -> int:
    """How many numbers it may be answered with."""
    if question.kind in DIGITS:
        return len(DIGITS[question.kind])
    match question.kind:
        case QuestionKind.OFFER:
            return len(question.subject["slots"]) + 1
        case QuestionKind.VISIT:
            return len(question.subject["visits"])
        case _:
            return NUMBERED.get(question.kind) or len(_choices(question))


GUARDS: tuple[Step, ...] = (
    red_flag,
    keyword,
    link_command,
    opted_out,
    human,
    language_request,
    attachment,
)
SHORT_REPLIES: tuple[Step, ...] = (detail, other_times, short_reply, wordless, several_people)
