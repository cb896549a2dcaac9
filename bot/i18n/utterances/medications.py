"""Answers about medicines: copied from the record, never advice. Below full disclosure, none is named."""

from bot.domain.enums import Disclosure
from bot.i18n.utterances.entry import Kind, say, say_count

MINIMUM, FULL = Disclosure.MINIMUM, Disclosure.FULL

UTTERANCES = (
    # Translators: {items} is one line per medicine: its name and dose.
    say_count(
        "medication_list",
        "{count} medicine on the list:\n{items}",
        "{count} medicines on the list:\n{items}",
        level=FULL,
        minimal="private",
        count=Kind.COUNT,
        items=Kind.ITEMS,
    ),
    # Translators: one medicine and its dose, such as "Metformin 500 mg: 1 tablet, twice a day".
    say(
        "medication_line",
        "{name}: {dosage}",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        dosage=Kind.DOSAGE,
    ),
    say(
        "medication_none",
        "I see no current medicines in the record at {clinic}. If that is not right, write: person",
        level=MINIMUM,
        minimal="private",
    ),
    say(
        "medication_dose",
        "{name}: {dosage}\nThis is what the prescription says.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        dosage=Kind.DOSAGE,
    ),
    say(
        "medication_when",
        "{name}: {dosage}\nThe next time is {next}.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        dosage=Kind.DOSAGE,
        next=Kind.DAY_AND_TIME,
    ),
    # Translators: a medicine without fixed times, for example against pain.
    say(
        "medication_as_needed",
        "{name}: {dosage}\nIt has no fixed times; it is used only when needed.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        dosage=Kind.DOSAGE,
    ),
    # Translators: {instruction} is a line of the clinician's own words; it may be missing.
    say(
        "medication_how",
        "How to use {name}: {dosage}\n{instruction}\n"
        "This is what the prescription says. For anything else, write: person",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        instruction=Kind.TEXT,
        dosage=Kind.DOSAGE,
    ),
    # Translators: {purpose} is the clinician's own words, such as "high blood pressure".
    say(
        "medication_purpose",
        "{name} is for: {purpose}",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        purpose=Kind.WORDS,
    ),
    # Translators: followed by a sentence that says when a person will answer.
    say(
        "medication_purpose_unknown",
        "The record does not say what {name} is for.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
    ),
    say_count(
        "medication_refills",
        "{name}: {count} refill left.",
        "{name}: {count} refills left.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        count=Kind.COUNT,
    ),
    # Translators: follows the number of refills that are left. "refill" is the word to write; translate it.
    say("medication_refills_how", "To ask for a refill, write: refill"),
    say(
        "medication_refills_none",
        "{name}: no refills left. To ask for more, write: person",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
    ),
    # Translators: followed by a sentence that says when a person will answer.
    say(
        "medication_refills_unknown",
        "The record does not say how many refills {name} has left.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
    ),
    # Translators: the person asked about a medicine that was ended.
    say(
        "medication_stopped",
        "{name} was stopped on {date} and is not on the list now. For questions about it, write: person",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        date=Kind.DATE,
    ),
    # Translators: as medication_stopped, where the record has no date.
    say(
        "medication_stopped_undated",
        "{name} was stopped and is not on the list now. For questions about it, write: person",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
    ),
    # Translators: the named medicine is not on the person's list. A sentence follows that says when a person
    # will answer.
    say(
        "medication_not_on_list",
        "I do not see that medicine on the list, and I do not want to guess.",
        level=MINIMUM,
        minimal="private",
    ),
    # Translators: {names} are two or more medicines, such as "Metformin 500 mg or Metoprolol 25 mg".
    say(
        "medication_which",
        "Which medicine do you mean: {names}? Please write its name.",
        level=FULL,
        minimal="private",
        names=Kind.ANY_OF,
    ),
    # Translators: {old} and {new} are medicines with their strength; {reason} is the clinician's own words.
    say(
        "medication_change",
        "On {date}, {old} was changed to {new}. The reason on record: {reason}",
        level=FULL,
        minimal="private",
        date=Kind.DATE,
        old=Kind.TEXT,
        new=Kind.TEXT,
        reason=Kind.WORDS,
    ),
    # Translators: followed by a sentence that says when a person will answer.
    say(
        "medication_change_no_reason",
        "On {date}, {old} was changed to {new}. The record does not say why.",
        level=FULL,
        minimal="private",
        date=Kind.DATE,
        old=Kind.TEXT,
        new=Kind.TEXT,
    ),
    # Translators: {old} and {new} are doses, such as "1 tablet, once a day"; {reason} is the clinician's own words.
    say(
        "medication_change_dose",
        "On {date}, the dose of {name} was changed.\nBefore: {old}\nNow: {new}\nThe reason on record: {reason}",
        level=FULL,
        minimal="private",
        date=Kind.DATE,
        name=Kind.TEXT,
        old=Kind.DOSAGE,
        new=Kind.DOSAGE,
        reason=Kind.WORDS,
    ),
    # Translators: as medication_change_dose; followed by a sentence that says when a person will answer.
    say(
        "medication_change_dose_no_reason",
        "On {date}, the dose of {name} was changed.\nBefore: {old}\nNow: {new}\nThe record does not say why.",
        level=FULL,
        minimal="private",
        date=Kind.DATE,
        name=Kind.TEXT,
        old=Kind.DOSAGE,
        new=Kind.DOSAGE,
    ),
    # Translators: the person asked about a change, but the record has none. A sentence follows that says when
    # a person will answer.
    say(
        "medication_change_unknown",
        "I see no change of that kind in the record.",
        level=MINIMUM,
        minimal="private",
    ),
    say(
        "medication_prescribed",
        "{name} was prescribed by {practitioner} on {date}.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        practitioner=Kind.TEXT,
        date=Kind.DATE,
    ),
    say(
        "medication_prescribed_undated",
        "{name} was prescribed by {practitioner}. The record does not say since when.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        practitioner=Kind.TEXT,
    ),
    say(
        "medication_dated",
        "The prescription for {name} is dated {date}. The record does not say who wrote it.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        date=Kind.DATE,
    ),
    # Translators: followed by a sentence that says when a person will answer.
    say(
        "medication_prescriber_unknown",
        "The record does not say who prescribed {name}.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
    ),
    # Translators: after a change was explained: does the person know how to take it now? No test, no blame. {first}
    # and {second} are doses; one of the two is the old one.
    say(
        "teach_back",
        "Did I say it clearly? How is {name} taken now?\n1: {first}\n2: {second}\n3: not sure\nReply with the number.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        first=Kind.DOSAGE,
        second=Kind.DOSAGE,
    ),
    # Translators: as teach_back, where one medicine came in the place of another; {first} and {second} are medicines.
    say(
        "teach_back_medicine",
        "Did I say it clearly? Which one is taken now?\n1: {first}\n2: {second}\n3: not sure\nReply with the number.",
        level=FULL,
        minimal="private",
        first=Kind.TEXT,
        second=Kind.TEXT,
    ),
    say("teach_back_right", "Yes, that is what the prescription says. Thank you."),
    # Translators: the person chose the old dose or was not sure. No blame. A sentence follows that says when a person
    # will answer.
    say(
        "teach_back_again",
        "Thank you for telling me. The prescription now says: {name}, {dosage}. A person will go over it with you.",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        dosage=Kind.DOSAGE,
    ),
    # Translators: the person missed a dose. {instruction} is the clinician's own words. A sentence follows that says
    # when a person will answer.
    say(
        "medication_instruction",
        "The prescription for {name} says: {instruction}",
        level=FULL,
        minimal="private",
        name=Kind.TEXT,
        instruction=Kind.TEXT,
    ),
)
