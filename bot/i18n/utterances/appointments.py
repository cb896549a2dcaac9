"""Answers about visits. Worded without "you" where a caregiver may be asking for somebody else."""

from bot.domain.enums import Disclosure
from bot.i18n.utterances.entry import Kind, say, say_count

MINIMUM, FULL = Disclosure.MINIMUM, Disclosure.FULL

UTTERANCES = (
    say(
        "appointment_when",
        "The next visit is on {start} with {practitioner}, at {location}.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
        location=Kind.TEXT,
    ),
    say(
        "appointment_when_video",
        "The next visit is on {start} with {practitioner}, by video.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
    ),
    # Translators: the record names neither a doctor nor a place.
    say(
        "appointment_when_only",
        "The next visit is on {start}.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
    ),
    # Translators: an address as on an envelope; floor and directions may be missing.
    say(
        "appointment_where",
        "The next visit is here:\n{location}\n{address}\n{floor}\n{directions}",
        level=MINIMUM,
        minimal="private",
        location=Kind.TEXT,
        address=Kind.TEXT,
        floor=Kind.WORDS,
        directions=Kind.WORDS,
    ),
    # Translators: {specialty} is the clinic's own word, such as "kidney care".
    say(
        "appointment_who",
        "The next visit is with {practitioner} ({specialty}) on {start}.",
        level=FULL,
        minimal="appointment_who_name",
        practitioner=Kind.TEXT,
        specialty=Kind.WORDS,
        start=Kind.DAY_AND_TIME,
    ),
    say(
        "appointment_who_name",
        "The next visit is with {practitioner} on {start}.",
        level=MINIMUM,
        minimal="private",
        practitioner=Kind.TEXT,
        start=Kind.DAY_AND_TIME,
    ),
    # Translators: the record does not name anybody for the visit.
    say(
        "appointment_who_unknown",
        "The record does not say yet who the visit on {start} is with.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
    ),
    # Translators: {preparation} is the clinic's own words.
    say(
        "appointment_preparation",
        "To prepare for the visit on {start}: {preparation}",
        level=FULL,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        preparation=Kind.WORDS,
    ),
    say(
        "appointment_no_preparation",
        "The record has no special instructions for the visit on {start}. If you are not sure, call {phone}.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        phone=Kind.PHONE,
    ),
    say(
        "appointment_none",
        "I see no coming visit in the record. To book one at {clinic}, call {phone} or write: person",
        level=MINIMUM,
        minimal="private",
        phone=Kind.PHONE,
    ),
    # Translators: {items} is one line per visit.
    say_count(
        "appointment_list",
        "{count} coming visit:\n{items}",
        "{count} coming visits:\n{items}",
        level=MINIMUM,
        minimal="private",
        count=Kind.COUNT,
        items=Kind.ITEMS,
    ),
    # Translators: one line of the list of visits.
    say(
        "appointment_line",
        "{start}: {practitioner}, {location}",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
        location=Kind.TEXT,
    ),
    # Translators: one line of the list of visits, by video.
    say(
        "appointment_line_video",
        "{start}: {practitioner}, by video",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
    ),
    # Translators: one line of the list of visits, where the record names neither a doctor nor a place.
    say("appointment_line_only", "{start}", level=MINIMUM, minimal="private", start=Kind.DAY_AND_TIME),
    # Translators: {link} opens the video visit.
    say(
        "appointment_telehealth",
        "The visit on {start} is by video. At that time, open this link: {link}",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        link=Kind.URL,
    ),
    say(
        "appointment_not_telehealth",
        "The visit on {start} is in person, at {location}.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        location=Kind.TEXT,
    ),
    say(
        "appointment_confirm_ask",
        "The visit is on {start} with {practitioner}. Reply 1 if you will come, 2 to change it.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        practitioner=Kind.TEXT,
    ),
    say(
        "appointment_confirm_ask_only",
        "The visit is on {start}. Reply 1 if you will come, 2 to change it.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
    ),
    # Translators: follows the address. {link} opens a map.
    say(
        "appointment_where_map",
        "Directions: {link}\nPhone: {phone}",
        level=MINIMUM,
        minimal="private",
        link=Kind.URL,
        phone=Kind.PHONE,
    ),
    say("appointment_where_phone", "Phone: {phone}", level=MINIMUM, minimal="private", phone=Kind.PHONE),
    say_count(
        "appointment_length",
        "The visit on {start} is set for {count} minute. It ends at {end}.",
        "The visit on {start} is set for {count} minutes. It ends at {end}.",
        level=MINIMUM,
        minimal="private",
        start=Kind.DAY_AND_TIME,
        count=Kind.COUNT,
        end=Kind.TIME,
    ),
    # Translators: follows the link of a video visit.
    say(
        "telehealth_check",
        "Before it starts: charge the phone, find a quiet place with good signal, and allow camera and microphone "
        "when asked. Try the link now. Reply 1 if it opens, 2 if it does not.",
    ),
    say("telehealth_ready", "Good. At the time of the visit, open the link again."),
    # Translators: labels of buttons, at most 20 letters.
    say("option_link_opens", "It opens"),
    say("option_link_fails", "It does not open"),
    # Translators: the person asked for visits with one doctor, on some days or of one kind. The next visit follows.
    say(
        "appointment_none_like",
        "I see no coming visit like that in the record.",
        level=MINIMUM,
        minimal="private",
    ),
)
