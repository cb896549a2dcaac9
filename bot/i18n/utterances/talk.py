"""Small talk, who we are, and what to say when a text was empty or not understood."""

from bot.i18n.utterances.entry import Kind, say

UTTERANCES = (
    # Translators: first misunderstanding. "person" is the word to write; translate it.
    say(
        "clarify",
        "Sorry, I did not understand. I can tell you about visits and medicines at {clinic}, for example: "
        "When is my next visit? To reach a person, write: person",
    ),
    # Translators: the message had no words in it.
    say(
        "empty",
        "I got a message without words. What would you like to know? To reach a person at {clinic}, write: person",
    ),
    say("greet", "Hello, this is the automatic assistant of {clinic}. How can I help you?"),
    say("thanks", "You are welcome. Write to {clinic} here at any time."),
    # Translators: answer to "who are you?" or "are you a robot?".
    say(
        "who_are_you",
        "I am a computer program of {clinic}, not a person. I can tell you about visits and medicines from "
        "the record, and remind you of them. To reach a person, write: person",
    ),
    # Translators: answer to "who can read this?".
    say(
        "who_can_see",
        "The staff of {clinic} can read this conversation. Family and helpers get only what you agreed to "
        "share. Your phone or chat company carries the messages. To change anything, write: person",
    ),
    say("nevermind", "All right, I have left it as it was. Write to {clinic} here at any time."),
    # Translators: the person wrote "1" or "yes" but nothing was asked.
    say(
        "no_open_question",
        "I am not waiting for an answer right now. What would you like to know? To reach a person at "
        "{clinic}, write: person",
    ),
    # Translators: first step of moving a visit; the answer is free text.
    say(
        "reschedule_ask_times",
        "Which days and times would be good for you? For example: evenings, or Saturday, or any day but Tuesday. "
        "Your visit stays as it is until you choose a new time.",
    ),
    # Translators: the days that the person named, said back before anything is asked of the clinic. {when} is such
    # as "Tuesday, December 1, in the afternoon".
    say(
        "reschedule_times_understood",
        "I understood: {when}. Reply 1 if that is right, 2 if not.",
        when=Kind.WHEN,
    ),
    # Translators: labels of buttons, at most 20 letters: whether the days that were understood are right.
    say("option_right", "That is right"),
    say("option_wrong", "Not right"),
    # Translators: {digits} is a short list of allowed answers, such as "1, 2 or 3".
    say("choose_again", "Please reply with {digits}. To reach a person, write: person", digits=Kind.ANY_OF),
    # Translators: a person at the clinic has finished; the program answers again.
    say(
        "bot_is_back",
        "You are writing with the automatic assistant of {clinic} again. To reach a person, write: person",
    ),
    # Translators: sent in the new language. Name your own language here.
    say("language_changed", "From now on I will write to you in English."),
    # Translators: {choices} is a numbered list, such as "1 English, 2 Español".
    say(
        "language_which",
        "Which language should I write in? Reply with the number: {choices}",
        choices=Kind.CHOICES,
    ),
    # Translators: sent before an answer to somebody whose language the clinic has not released yet; the answer
    # follows in your language. {language} is the other language's own name. Name your own language here.
    say(
        "interpreter_offer",
        "This assistant does not write {language} yet, so I answer in English. {clinic} can get you an interpreter "
        "at no cost. To ask for one, write: interpreter",
        language=Kind.TEXT,
    ),
)
