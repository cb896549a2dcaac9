"""Emergencies. Conditional on purpose: the person knows whether it is happening now, a phrase match does not.

Each names a number from the dated country table or none at all, and says that texts are not watched.
"""

from bot.i18n.utterances.entry import Kind, say

UTTERANCES = (
    # Translators: someone wrote an emergency phrase. Calm, short. {number} is the emergency number (911).
    say(
        "emergency_known",
        "If this is happening now, call {number}. Texts are not watched at all hours. I have alerted a "
        "person at {clinic}, who will write to you as soon as they can.",
        number=Kind.TEXT,
    ),
    # Translators: as emergency_known, where the country and so the number are not known. Never name a number.
    say(
        "emergency_unknown",
        "If this is happening now, call your local emergency number. Texts are not watched at all hours. "
        "I have alerted a person at {clinic}, who will write to you as soon as they can.",
    ),
    # Translators: someone wrote about hurting themselves. Warm, no blame. {crisis_line} is as 988.
    say(
        "self_harm_known",
        "I am glad you wrote. If you are in danger now, call {number}. You can call or text {crisis_line} at "
        "any hour to talk with someone. Texts here are not watched at all hours. I have alerted a person at "
        "{clinic}, who will write to you as soon as they can.",
        number=Kind.TEXT,
        crisis_line=Kind.TEXT,
    ),
    # Translators: as self_harm_known, where the country and so the numbers are not known. Name none.
    say(
        "self_harm_unknown",
        "I am glad you wrote. If you are in danger now, call your local emergency number or go to someone "
        "you trust. Texts here are not watched at all hours. I have alerted a person at {clinic}, who will "
        "write to you as soon as they can.",
    ),
    # Translators: someone may have swallowed too much or something harmful. {poison_line} is a phone number.
    say(
        "poisoning_known",
        "If this is happening now, call Poison Control: {poison_line}. If someone faints, cannot breathe or "
        "cannot be woken, call {number}. Texts are not watched at all hours. I have alerted a person at "
        "{clinic}, who will write to you as soon as they can.",
        number=Kind.TEXT,
        poison_line=Kind.TEXT,
    ),
    # Translators: someone wrote that another person hurts or threatens them; that person may see the phone. Calm,
    # short. {violence_line} is a help line for violence at home.
    say(
        "violence_known",
        "I am glad you wrote. If you are in danger now, call {number}. You can call {violence_line} at any hour to "
        "talk with someone. Texts here are not watched at all hours. I have alerted a person at {clinic}, who will "
        "write to you as soon as they can.",
        number=Kind.TEXT,
        violence_line=Kind.TEXT,
    ),
    # Translators: a line after an emergency reply, at night and on days off.
    say(
        "emergency_closed",
        "Nobody at {clinic} is on duty right now. Please do not wait for an answer here.",
    ),
    # Translators: to be looked at soon, but not named as an emergency. No medical advice, nothing that calms.
    say(
        "urgent",
        "A person should look at this soon. I have alerted {clinic}, and someone will answer you by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: as urgent, at night and on days off.
    say(
        "urgent_closed",
        "A person should look at this, and nobody at {clinic} is on duty right now. Someone will answer you by "
        "{due}. If you do not want to wait, call the nurse line: {nurse_line}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: as urgent_closed, for a clinic without a nurse line.
    say(
        "urgent_closed_no_line",
        "A person should look at this, and nobody at {clinic} is on duty right now. Someone will answer you by "
        "{due}. If you do not want to wait, call your local emergency number.",
        due=Kind.DAY_AND_TIME,
    ),
)
