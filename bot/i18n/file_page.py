"""The words of the page that gives a person their whole file: headings and labels beside what the record says."""

from bot.domain.enums import AppointmentStatus, EncounterStatus
from bot.i18n.messages import message

# Translators: the title of a page that a patient gets on request: everything the clinic has on record about them.
TITLE = message("file", "Your file at {clinic}")
# Translators: {place} is the city whose clocks are meant, as "New York".
INTRODUCTION = message(
    "file", "This is what {clinic} keeps about you here, as of {when}. The times are those of {place}."
)
# Translators: beside the page lies a file for computers.
OTHER_FILE = message("file", "The other file in this folder holds the same, for a computer to read.")
# Translators: headings and labels; as short as on a form.
ABOUT_YOU = message("file", "About you")
NAME = message("file", "Name")
BORN = message("file", "Date of birth")
DIED = message("file", "Date of death")
# Translators: stands before the day on which the clinic learnt that this person has died; the day of death is unknown.
DECEASED_SINCE = message("file", "Recorded as deceased since")
RECORD_NUMBER = message("file", "Record number")
WRITE_TO = message("file", "Where we write to you")
LANGUAGE = message("file", "Language")
# Translators: stands before the day on which the clinic began to keep a record of this person.
ON_RECORD = message("file", "On record since")
MEDICINES = message("file", "Medicines")
IN_USE = message("file", "In use now")
NOT_IN_USE = message("file", "Not in use now")
PURPOSE = message("file", "What it is for")
PRESCRIBER = message("file", "Prescribed by")
# Translators: stands before a day: since when, until when.
SINCE = message("file", "Since")
UNTIL = message("file", "Until")
# Translators: stands before the day on which a medicine, a permission or messages were stopped.
STOPPED = message("file", "Stopped on")
REASON = message("file", "Reason")
# Translators: the medicines that a pharmacy gave out to the patient.
FROM_PHARMACY = message("file", "From the pharmacy")
# Translators: a medicine that the pharmacy prepared, but did not give out.
NOT_HANDED_OVER = message("file", "Not handed over")
# Translators: stands before a number: for how many days a supply of medicine lasts.
DAYS_SUPPLY = message("file", "Enough for this many days")
# Translators: stands before how much medicine was given out, as "60 tablets".
AMOUNT = message("file", "Amount")
VISITS = message("file", "Visits")
# Translators: times at which the patient lay in a hospital.
STAYS = message("file", "Hospital stays")
STAY = message("file", "Hospital stay")
EMERGENCY_ROOM = message("file", "Emergency room")
# Translators: what became of a visit.
PLANNED = message("file", "Planned")
TOOK_PLACE = message("file", "Took place")
MISSED = message("file", "Missed")
CALLED_OFF = message("file", "Called off")
WITH = message("file", "With")
WHERE = message("file", "Where")
# Translators: what the patient said about coming to a visit.
YOUR_ANSWER = message("file", "Your answer")
DOSES = message("file", "Doses")
NOT_TAKEN = message("file", "Not taken")
NO_ANSWER = message("file", "No answer")
# Translators: the people whom the patient allowed to know about them, as a son.
WHO_MAY_KNOW = message("file", "Who may know about you")
MAY_KNOW = message("file", "May know about")
MESSAGES_SENT = message("file", "Messages")
NOT_DELIVERED = message("file", "Not delivered")
CODE = message("file", "A sign-in code; it is not shown here.")
QUESTIONS = message("file", "Questions passed to a person")
ANSWERED = message("file", "Answered on")
REMINDERS = message("file", "Reminders to come")
OTHER_RECORDS = message("file", "Records from other systems")
CONDITION = message("file", "Health problem")
ALLERGY = message("file", "Allergy")
CARE_TEAM = message("file", "Care team")
CARE_PLAN = message("file", "Care plan")
NOTHING = message("file", "Nothing on record")
LEFT_OUT = message(
    "file", "Some messages are not shown, because they may be about someone else. Ask {clinic} about them."
)

# What became of a visit. One entered in error never was.
VISIT = {
    AppointmentStatus.PROPOSED: PLANNED,
    AppointmentStatus.PENDING: PLANNED,
    AppointmentStatus.BOOKED: PLANNED,
    AppointmentStatus.WAITLIST: PLANNED,
    AppointmentStatus.ARRIVED: TOOK_PLACE,
    AppointmentStatus.CHECKED_IN: TOOK_PLACE,
    AppointmentStatus.FULFILLED: TOOK_PLACE,
    AppointmentStatus.NOSHOW: MISSED,
    AppointmentStatus.CANCELLED: CALLED_OFF,
    AppointmentStatus.ENTERED_IN_ERROR: CALLED_OFF,
}
# What there is to say of a stay beside its days.
STAY_STATUS = {
    EncounterStatus.PLANNED: PLANNED,
    EncounterStatus.CANCELLED: CALLED_OFF,
    EncounterStatus.ENTERED_IN_ERROR: CALLED_OFF,
}
# By class, of HL7 v3-ActCode.
STAY_KINDS = {"IMP": STAY, "ACUTE": STAY, "NONAC": STAY, "SS": STAY, "EMER": EMERGENCY_ROOM}
# By FHIR resource type.
KINDS = {
    "Condition": CONDITION,
    "AllergyIntolerance": ALLERGY,
    "CareTeam": CARE_TEAM,
    "CarePlan": CARE_PLAN,
    "Communication": MESSAGES_SENT,
}
MESSAGES = (
    *(TITLE, INTRODUCTION, OTHER_FILE, ABOUT_YOU, NAME, BORN, DIED, DECEASED_SINCE, RECORD_NUMBER, WRITE_TO),
    *(LANGUAGE, ON_RECORD, FROM_PHARMACY, NOT_HANDED_OVER, DAYS_SUPPLY, AMOUNT, STAYS, STAY, EMERGENCY_ROOM),
    *(MEDICINES, IN_USE, NOT_IN_USE, PURPOSE, PRESCRIBER, SINCE, UNTIL, STOPPED, REASON),
    *(VISITS, PLANNED, TOOK_PLACE, MISSED, CALLED_OFF, WITH, WHERE, YOUR_ANSWER),
    *(DOSES, NOT_TAKEN, NO_ANSWER, WHO_MAY_KNOW, MAY_KNOW, MESSAGES_SENT, NOT_DELIVERED, CODE),
    *(QUESTIONS, ANSWERED, REMINDERS, OTHER_RECORDS, CONDITION, ALLERGY, CARE_TEAM, CARE_PLAN, NOTHING, LEFT_OUT),
)
