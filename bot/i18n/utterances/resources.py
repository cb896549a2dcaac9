"""The clinic's own answers and help outside it, offered with or before a hand-off."""

from bot.i18n.utterances.entry import Kind, say

UTTERANCES = (
    # Translators: {items} are one or more places that may help, each with a few lines.
    say("help_offer", "This may help:\n{items}", items=Kind.ITEMS),
    # Translators: no words to translate; the lines are the clinic's own and may be missing.
    say(
        "help_entry",
        "{name}: {summary}\n{eligibility}\n{hours}\n{place}\n{phone}\n{link}",
        name=Kind.WORDS,
        summary=Kind.WORDS,
        eligibility=Kind.WORDS,
        hours=Kind.WORDS,
        place=Kind.TEXT,
        phone=Kind.PHONE,
        link=Kind.URL,
    ),
    # Translators: after an answer of the clinic, whether it was the right one.
    say("help_ask", "Reply 1 if that helps, 2 if a person should write to you."),
    say("help_glad", "Good. Write to {clinic} here at any time."),
    # Translators: followed by a sentence that says when a person will answer.
    say("help_none", "I have no answer to that on my list."),
    # Translators: labels of buttons, at most 20 letters.
    say("option_helps", "That helps"),
    say("option_person", "A person, please"),
)
