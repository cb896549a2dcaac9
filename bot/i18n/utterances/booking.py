"""Finding, taking, moving and calling off a time. Worded without "you" where a caregiver may be asking for another."""

from bot.domain.enums import Disclosure
from bot.i18n.utterances.entry import Kind, say, say_count

MINIMUM = Disclosure.MINIMUM

UTTERANCES = (
    # Translators: {items} are up to three numbered times, one a line; {none} is the number for none of them.
    say(
        "times_offer",
        "These times are free:\n{items}\nReply with the number. If none is good, reply {none} or tell me other days.",
        level=MINIMUM,
        minimal="private",
        items=Kind.ITEMS,
        none=Kind.COUNT,
    ),
    # Translators: as times_offer, where nothing is free on the days that the person named.
    say(
        "times_offer_nearest",
        "I found no free time like that. The next free times are:\n{items}\nReply with the number. If none is good, "
        "reply {none} or tell me other days.",
        level=MINIMUM,
        minimal="private",
        items=Kind.ITEMS,
        none=Kind.COUNT,
    ),
    # Translators: as times_offer, for somebody who has named no days.
    say(
        "times_offer_next",
        "The next free times are:\n{items}\nReply with the number. If none is good, reply {none} or tell me other "
        "days.",
        level=MINIMUM,
        minimal="private",
        items=Kind.ITEMS,
        none=Kind.COUNT,
    ),
    # Translators: one numbered line of a list of times or visits.
    say(
        "time_line",
        "{number}: {start}, {practitioner}, {location}",
        level=MINIMUM,
        minimal="private",
        number=Kind.COUNT,
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
        location=Kind.TEXT,
    ),
    # Translators: as time_line, for a visit by video.
    say(
        "time_line_video",
        "{number}: {start}, {practitioner}, by video",
        level=MINIMUM,
        minimal="private",
        number=Kind.COUNT,
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
    ),
    # Translators: as time_line, where the record names neither a doctor nor a place.
    say(
        "time_line_only",
        "{number}: {start}",
        level=MINIMUM,
        minimal="private",
        number=Kind.COUNT,
        start=Kind.DAY_AND_TIME,
    ),
    # Translators: the person chose a time that somebody else took a moment before. Other times follow.
    say("time_taken", "Sorry, that time was just taken.", level=MINIMUM, minimal="private"),
    say(
        "visit_booked",
        "Done. The visit is booked for {start} with {practitioner}, at {location}.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
        location=Kind.TEXT,
    ),
    # Translators: the earlier time of the visit is free again.
    say(
        "visit_moved",
        "Done. The visit is now on {start} with {practitioner}, at {location}. The earlier time no longer holds.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
        location=Kind.TEXT,
    ),
    # Translators: why a time cannot be taken: another visit. {start} is the time that was wished for.
    say(
        "time_collides",
        "{start} does not work: another visit on the record is on {other_start}, at {location}.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        other_start=Kind.DAY_AND_TIME,
        location=Kind.TEXT,
    ),
    # Translators: as time_collides, where the record names no place of the other visit.
    say(
        "time_collides_only",
        "{start} does not work: another visit on the record is on {other_start}.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        other_start=Kind.DAY_AND_TIME,
    ),
    # Translators: the person said that they will come, but another visit is at the same time or too near to it. A
    # sentence follows that says when a person will answer.
    say(
        "visit_collides",
        "I have not confirmed the visit on {start}. It is too close to another visit, on {other_start}.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        other_start=Kind.DAY_AND_TIME,
    ),
    say(
        "book_ask_times",
        "Which days and times would be good? For example: evenings, or Saturday, or any day but Tuesday.",
    ),
    # Translators: {items} are numbered visits, one a line.
    say(
        "visit_which",
        "Which visit do you mean?\n{items}\nReply with the number.",
        level=MINIMUM,
        minimal="private",
        items=Kind.ITEMS,
    ),
    # Translators: the person wants to cancel. Do not ask anybody to write the word "cancel": phone companies take it
    # for STOP.
    say(
        "cancel_ask",
        "The visit is on {start} with {practitioner}. Reply 1 for another time, 2 to call it off, 3 to keep it.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
    ),
    say(
        "cancel_ask_only",
        "The visit is on {start}. Reply 1 for another time, 2 to call it off, 3 to keep it.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
    ),
    say(
        "visit_cancelled",
        "The visit on {start} is called off.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
    ),
    # Translators: follows visit_cancelled. No blame; nobody has to answer.
    say(
        "cancel_why",
        "May I ask why? 1: no way to get there, 2: the time was not good, 3: the cost, 4: no need any more, "
        "5: something else. Only if you like.",
    ),
    say("cancel_thanks", "Thank you. {clinic} knows now. To get a new time later, write here."),
    say(
        "visit_kept",
        "All right, the visit stays on {start}.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
    ),
    # Translators: a visit was said to be too close to another one.
    say(
        "handoff_conflict",
        "Someone at {clinic} will look for another time and write to you by {due}. Until then both visits stay as "
        "they are.",
        due=Kind.DAY_AND_TIME,
    ),
    say(
        "handoff_book",
        "Thank you. Someone at {clinic} will look for a time and write to you by {due}.",
        due=Kind.DAY_AND_TIME,
    ),
    # Translators: the last line of a list of visits, for those that are not listed.
    say_count(
        "appointment_list_more",
        "and {count} more",
        "and {count} more",
        level=MINIMUM,
        minimal="private",
        count=Kind.COUNT,
    ),
    # Translators: labels of buttons, at most 20 letters.
    say("option_another_time", "Another time"),
    say("option_call_off", "Call it off"),
    say("option_keep", "Keep it"),
)
