"""A person takes over. `handoff_REASON` is said for that ticket reason where it exists, else `handoff`.

Each says what happens next and by when.
"""

from bot.i18n.utterances.entry import Kind, say

UTTERANCES = (
    # Translators: {due} is a day and time, such as "Thursday, November 26 at 10:30 AM".
    say(
        "handoff",
        "I have passed your message to a person at {clinic}. They will answer you here by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: the question needs a nurse or doctor. Do not add any medical content.
    say(
        "handoff_clinical",
        "I can't answer that safely, so a person will. {clinic} will answer you here by {due}. If you need "
        "advice before then, call the nurse line: {nurse_line}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: as handoff_clinical, for a clinic without a nurse line.
    say(
        "handoff_clinical_no_line",
        "I can't answer that safely, so a person will. {clinic} will answer you here by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: a person already has an open request; this message was added to it.
    say("handoff_existing", "I have added this to what {clinic} already has. A person will answer you here."),
    say(
        "handoff_cost",
        "The cost of care is a real worry, and there may be help. Someone at {clinic} will write to you by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    say(
        "handoff_refill",
        "I have asked {clinic} about your refill. Someone will write to you by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: the person said that it is all too much for them (often a caregiver). Warm.
    say(
        "handoff_overwhelmed",
        "That sounds like a lot to carry. You do not have to do it alone. Someone at {clinic} will write to "
        "you by {due} to see what would help.",
        due=Kind.DAY_AND_TIME,
    ),
    say(
        "handoff_complaint",
        "I am sorry this happened. I have passed your words to a person at {clinic}, who will answer you "
        "here by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: the person said that they are not who we think. Reveal nothing about the patient.
    say(
        "handoff_wrong_number",
        "Thank you for telling us, and sorry for the trouble. {clinic} will check this number by {due}. "
        "Until then we will not send you anything else.",
        due=Kind.DAY_AND_TIME,
    ),
    say(
        "handoff_reschedule",
        "Thank you. Someone at {clinic} will look for a new time and write to you by {due}. Until then your "
        "visit stays as it is.",
        due=Kind.DAY_AND_TIME,
    ),
    say(
        "handoff_late",
        "Thank you for telling us. I have let {clinic} know that you are late. Someone will write to you by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: the second message in a row that the computer could not understand.
    say(
        "not_understood",
        "I still did not understand, so I have passed your messages to a person at {clinic}. They will "
        "answer you here by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: the program that understands texts did not answer. No technical words.
    say(
        "model_silent",
        "I can't answer right now, so I have passed your message to a person at {clinic}. They will answer "
        "you here by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: the person sent a picture, a voice note or a file.
    say(
        "attachment",
        "Thank you. I can't read pictures, voice notes or files. A person at {clinic} will look at it and "
        "answer you here by {due}. You can also write it in words.",
        due=Kind.DAY_AND_TIME,
    ),
)
