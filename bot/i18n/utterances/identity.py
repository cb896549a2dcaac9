"""Who writes, about whom, what they may see, and stop, start and help."""

from bot.i18n.utterances.entry import Kind, say

# Codes prove who somebody is; whoever reads along must not learn them.
SECRET = frozenset({"sign_in_code"})

UTTERANCES = (
    # Translators: START stays in English capitals; phone companies understand it.
    say("opted_out", "{clinic} will send you no more messages here. To get them again, text START."),
    say("opted_in", "You will get messages from {clinic} again. Text STOP to end them."),
    # Translators: the answer to HELP. STOP stays in English capitals.
    say(
        "help",
        "{clinic}: ask me about visits and medicines. To reach a person, call {phone} or write: person. "
        "Text STOP to get no more messages.",
        phone=Kind.PHONE,
    ),
    # Translators: the number is not on record. Reveal nothing about anybody.
    say(
        "unknown_person",
        "This is the automatic assistant of {clinic}. I do not know this number, so I can't show any records "
        "here. A person at {clinic} will look at your message and answer by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: web chat, before the person has signed in.
    say(
        "sign_in_first",
        "To see your own information, please sign in first: enter the phone number that {clinic} has for you "
        "and we will text you a code.",
    ),
    # Translators: {code} is a one-time code of digits.
    say(
        "sign_in_code",
        "{clinic}: your code is {code}. Never share it; we never ask for it by phone.",
        code=Kind.DIGITS,
    ),
    say("signed_in", "Thank you, {name}. You are signed in. How can I help you?", name=Kind.NAME),
    # Translators: a caregiver helps several people. {choices} is a list such as "1 Amina, 2 Robert".
    say("about_whom", "Whom is this about? Reply with the number: {choices}", choices=Kind.CHOICES),
    # Translators: several people share this phone. {choices} as above.
    say("who_is_this", "Who is writing? Reply with the number: {choices}", choices=Kind.CHOICES),
    say("about_chosen", "All right, this is about {name}. What would you like to know?", name=Kind.NAME),
    # Translators: a heading before an answer to a caregiver; the answer follows.
    say("about_name", "About {name}:", name=Kind.NAME),
    # Translators: sent instead of anything that would name a medicine or an illness on an open channel.
    say("private", "I can't show that here. To see it, sign in at {url}. To reach a person, write: person"),
    # Translators: a caregiver asked for something they may not see. Must not reveal that it exists.
    say(
        "not_permitted",
        "I can't help with that here. A person at {clinic} can: write person and they will answer you.",
    ),
    say(
        "telegram_linked",
        "Thank you, {name}. This Telegram chat now belongs to your record at {clinic}. How can I help you?",
        name=Kind.NAME,
    ),
    say("link_invalid", "This link does not work any more. Please ask {clinic} for a new one."),
    # Translators: the bot was added to a group.
    say(
        "private_chats_only",
        "To keep health matters private, I answer only in a private chat. Please write to me there; {clinic} "
        "can send you a link.",
    ),
)
