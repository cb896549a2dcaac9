"""Reminders, the answers to their digits, and the labels of their buttons."""

from bot.domain.enums import Disclosure
from bot.i18n.utterances.entry import Kind, say

UTTERANCES = (
    say(
        "reminder_appointment",
        "Reminder from {clinic}: a visit with {practitioner} on {start}, at {location}. Reply 1 if you will "
        "come, 2 to change it.",
        level=Disclosure.FULL,
        minimal="reminder_appointment_private",
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
        location=Kind.TEXT,
    ),
    # Translators: as reminder_appointment, without the doctor's name.
    say(
        "reminder_appointment_private",
        "Reminder from {clinic}: a visit on {start}, at {location}. Reply 1 if you will come, 2 to change it.",
        level=Disclosure.MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        location=Kind.TEXT,
    ),
    # Translators: a visit by video call.
    say(
        "reminder_appointment_video",
        "Reminder from {clinic}: a video visit with {practitioner} on {start}. Reply 1 if you will come, "
        "2 to change it.",
        level=Disclosure.FULL,
        minimal="reminder_appointment_video_private",
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
    ),
    say(
        "reminder_appointment_video_private",
        "Reminder from {clinic}: a video visit on {start}. Reply 1 if you will come, 2 to change it.",
        level=Disclosure.MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
    ),
    # Translators: an extra line of a visit's reminder; {preparation} is the clinic's own words.
    say(
        "reminder_preparation",
        "How to prepare: {preparation}",
        level=Disclosure.FULL,
        minimal="reminder_preparation_private",
        preparation=Kind.WORDS,
    ),
    say("reminder_preparation_private", "Please see how to prepare: sign in at {url}"),
    # Translators: {items} is one line per medicine: its name and dose.
    say(
        "reminder_dose",
        "It is time for your medicine:\n{items}\nReply 1 if taken, 2 later, 3 not today.",
        level=Disclosure.FULL,
        minimal="reminder_dose_private",
        items=Kind.ITEMS,
    ),
    # Translators: as reminder_dose; must not name a medicine.
    say(
        "reminder_dose_private",
        "A reminder from {clinic}: it is time for your medicine. Reply 1 if taken, 2 later, 3 not today.",
        level=Disclosure.MINIMUM,
        minimal="private",
    ),
    # Translators: asked once more, some time after reminder_dose had no answer. No blame. {time} is the dose's.
    say(
        "nudge_dose",
        "We have not heard from you about your medicine of {time}:\n{items}\nReply 1 if taken, 2 later, 3 not today.",
        level=Disclosure.FULL,
        minimal="nudge_dose_private",
        items=Kind.ITEMS,
        time=Kind.TIME,
    ),
    # Translators: as nudge_dose; must not name a medicine.
    say(
        "nudge_dose_private",
        "{clinic}: we have not heard from you about your medicine of {time}. Reply 1 if taken, 2 later, 3 not today.",
        level=Disclosure.MINIMUM,
        minimal="private",
        time=Kind.TIME,
    ),
    # Translators: to somebody who cares for {person} and may know of missed doses. {time} is the dose's. No alarm: the
    # dose may well have been taken.
    say(
        "caregiver_no_answer",
        "A note from {clinic}: {person} has not answered the medicine reminder of {time}. Perhaps nobody looked at the "
        "phone. Please check in with {person}.",
        level=Disclosure.MINIMUM,
        minimal="private",
        person=Kind.TEXT,
        time=Kind.TIME,
    ),
    # Translators: answer to 1. {time} is when the person said so.
    say("answer_taken", "Thank you. I have noted it as taken at {time}.", time=Kind.TIME),
    # Translators: answer to 2. {time} is when we will ask again.
    say("answer_later", "All right. I will ask you again at {time}.", time=Kind.TIME),
    # Translators: answer to 3, and a question. No blame, no pressure: whoever does not want to say need not.
    say(
        "ask_why_not",
        "Thank you for telling me. I have noted it. If you like, tell me why, so that we can help: 1 it costs too "
        "much, 2 it makes me feel unwell, 3 I have run out, 4 I am not sure I should take it, 5 I forgot, 6 I feel "
        "well without it, 7 another reason.",
    ),
    # Translators: after the reason was told.
    say("answer_skipped", "Thank you for telling me. I have noted it. To talk with a person, write: person"),
    say("answer_will_come", "Thank you. We look forward to seeing you on {start}.", start=Kind.DAY_AND_TIME),
    say(
        "answer_change",
        "All right. Someone at {clinic} will write to you by {due} to find another time. Until then your "
        "visit stays as it is.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: labels of buttons, at most 20 letters.
    say("option_taken", "Taken"),
    say("option_later", "Later"),
    say("option_not_today", "Not today"),
    say("option_will_come", "I will come"),
    say("option_change", "Change it"),
)
