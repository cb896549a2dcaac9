"""One question after a hand-off, so that the person who takes it over has the facts. Nobody has to answer."""

from bot.i18n.utterances.entry import say

UTTERANCES = (
    say("detail_late", "About how many minutes late will you be?"),
    # Translators: a ride to a visit is wanted.
    say("detail_transport", "What should the driver know, such as a wheelchair or stairs? A few words are enough."),
    say("detail_interpreter", "Which language do you need, and by phone or in the room? A few words are enough."),
    say("detail_insurance", "Which bill or letter is it, and what does it say? A few words are enough."),
    say("detail_test_results", "Which test was it, and when? A few words are enough."),
    # Translators: the person cannot sign in to the clinic's web page for patients.
    say("detail_portal", "What happens when you try to sign in? A few words are enough."),
    # Translators: a medicine is running out.
    say("detail_supply", "For how many days do you still have the medicine?"),
    # Translators: the person cannot pay for medicine. No blame.
    say("detail_cost", "Which medicine is it, and do you have some left? A few words are enough."),
    # Translators: the person stopped taking a medicine. Warm, no blame.
    say("detail_stopped_taking", "If you like, tell me why. It helps us to help you."),
    # Translators: the video visit does not work.
    say("detail_telehealth", "What do you see on the screen? A few words are enough."),
    # Translators: answer to one of the questions above.
    say("detail_thanks", "Thank you. I have added that for {clinic}."),
)
