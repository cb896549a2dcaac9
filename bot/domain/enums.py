"""The closed lists. Values are stored and appear in URLs and logs, so they never change meaning."""

from enum import IntEnum, StrEnum


class ChannelName(StrEnum):
    SMS = "sms"
    TELEGRAM = "telegram"
    WEBCHAT = "webchat"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CommunicationStatus(StrEnum):
    """Inbound: received, in_progress, handled. Outbound: the rest; receipts move it forward only."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    HANDLED = "handled"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"


class Author(StrEnum):
    PERSON = "person"
    BOT = "bot"
    COORDINATOR = "coordinator"


class Disclosure(IntEnum):
    """What a contact may be told; see the architecture's levels L0, L1, L2."""

    GENERIC = 0
    MINIMUM = 1
    FULL = 2


class ConsentScope(StrEnum):
    APPOINTMENTS = "appointments"
    MEDICATIONS = "medications"
    ADHERENCE = "adherence"


class AppointmentStatus(StrEnum):
    """FHIR R4 appointmentstatus (required binding)."""

    PROPOSED = "proposed"
    PENDING = "pending"
    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"
    ENTERED_IN_ERROR = "entered-in-error"
    CHECKED_IN = "checked-in"
    WAITLIST = "waitlist"


class ParticipationStatus(StrEnum):
    """FHIR R4 participationstatus: what the patient said about coming."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    NEEDS_ACTION = "needs-action"


class MedicationRequestStatus(StrEnum):
    """FHIR R4 medicationrequest-status (required binding)."""

    ACTIVE = "active"
    ON_HOLD = "on-hold"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"
    STOPPED = "stopped"
    DRAFT = "draft"
    UNKNOWN = "unknown"


class AdministrationStatus(StrEnum):
    """FHIR R4 medication-admin-status, as far as a patient's own report goes. Unknown is not skipped."""

    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    NOT_DONE = "not-done"
    UNKNOWN = "unknown"


class DoseReason(StrEnum):
    """Why somebody did not take a dose, as they say."""

    COST = "cost"
    SIDE_EFFECT = "side_effect"
    RAN_OUT = "ran_out"
    UNSURE = "unsure"
    FORGOT = "forgot"
    FELT_FINE = "felt_fine"
    OTHER = "other"


class MedicationDispenseStatus(StrEnum):
    """FHIR R4 medicationdispense-status (required binding)."""

    PREPARATION = "preparation"
    IN_PROGRESS = "in-progress"
    CANCELLED = "cancelled"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"
    STOPPED = "stopped"
    DECLINED = "declined"
    UNKNOWN = "unknown"


class EncounterStatus(StrEnum):
    """FHIR R4 encounter-status (required binding)."""

    PLANNED = "planned"
    ARRIVED = "arrived"
    TRIAGED = "triaged"
    IN_PROGRESS = "in-progress"
    ONLEAVE = "onleave"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class SlotStatus(StrEnum):
    """FHIR R4 slotstatus (required binding)."""

    BUSY = "busy"
    FREE = "free"
    BUSY_UNAVAILABLE = "busy-unavailable"
    BUSY_TENTATIVE = "busy-tentative"
    ENTERED_IN_ERROR = "entered-in-error"


class TicketStatus(StrEnum):
    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"


class Urgency(StrEnum):
    URGENT = "urgent"
    ROUTINE = "routine"


class Severity(StrEnum):
    EMERGENCY = "emergency"
    URGENT = "urgent"


class TicketReason(StrEnum):
    """Why a person is needed. Rasa's hand-off responses use the same values."""

    EMERGENCY = "emergency"
    URGENT_SYMPTOM = "urgent_symptom"
    CLINICAL = "clinical"
    MISSED_DOSE = "missed_dose"
    STOPPED_TAKING = "stopped_taking"
    RAN_OUT = "ran_out"
    REFILL = "refill"
    COST = "cost"
    MEDICATION_CHANGE = "medication_change"
    NOT_ON_RECORD = "not_on_record"
    CONFLICT = "conflict"
    VISIT_CHANGED = "visit_changed"
    TELEHEALTH = "telehealth"
    RESOURCE = "resource"
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    BOOK = "book"
    LATE = "late"
    TRANSPORT = "transport"
    INTERPRETER = "interpreter"
    REMINDER_SETTINGS = "reminder_settings"
    PERSON = "person"
    COMPLAINT = "complaint"
    OVERWHELMED = "overwhelmed"
    INSURANCE = "insurance"
    TEST_RESULTS = "test_results"
    PORTAL = "portal"
    WRONG_NUMBER = "wrong_number"
    UNKNOWN_PERSON = "unknown_person"
    NOT_UNDERSTOOD = "not_understood"
    ATTACHMENT = "attachment"
    MODEL_SILENT = "model_silent"
    OPT_OUT_WITH_VISIT = "opt_out_with_visit"
    UNDELIVERED = "undelivered"
    REMINDER_FAILED = "reminder_failed"
    NO_ANSWER = "no_answer"


class TimerKind(StrEnum):
    APPOINTMENT_REMINDER = "appointment_reminder"
    DOSE_REMINDER = "dose_reminder"
    DOSE_FOLLOW_UP = "dose_follow_up"
    EXPAND_DOSES = "expand_doses"
    TICKET_DEADLINE = "ticket_deadline"


class TimerStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    DEAD = "dead"


class SkipReason(StrEnum):
    """Why a reminder was not sent. Every skip is stored."""

    TOO_LATE = "too_late"
    QUIET_HOURS = "quiet_hours"
    RECORD_CHANGED = "record_changed"
    ALREADY_ANSWERED = "already_answered"
    PATIENT_INACTIVE = "patient_inactive"
    DECEASED = "deceased"
    IN_HOSPITAL = "in_hospital"
    OPTED_OUT = "opted_out"
    DAILY_CAP = "daily_cap"
    WITH_A_PERSON = "with_a_person"
    NO_CAREGIVER = "no_caregiver"
    NOT_ADDRESSABLE = "not_addressable"


class QuestionKind(StrEnum):
    """What the next short reply of a person answers."""

    DOSE = "dose"
    DOSE_WHY = "dose_why"
    APPOINTMENT = "appointment"
    ABOUT_WHOM = "about_whom"
    WHO_IS_THIS = "who_is_this"
    LANGUAGE = "language"
    TIMES = "times"
    OFFER = "offer"
    VISIT = "visit"
    CANCEL = "cancel"
    CANCEL_WHY = "cancel_why"
    TELEHEALTH = "telehealth"
    TEACH_BACK = "teach_back"
    HELP = "help"
    DETAIL = "detail"


class Route(StrEnum):
    """Where a text goes; the last word of `northstar understand`."""

    ANSWER = "answer"
    TASK = "task"
    CONFIRM = "confirm"
    HANDOFF = "handoff"
    EMERGENCY = "emergency"
    KEYWORD = "keyword"
    CLARIFY = "clarify"


class Keyword(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"


class ResourceTopic(StrEnum):
    """What the clinic's answers and places of help are about; the first eleven are the clinic's own matters."""

    HOURS = "hours"
    PARKING = "parking"
    DIRECTIONS = "directions"
    PHONE_NUMBERS = "phone_numbers"
    FORMS = "forms"
    LATE_POLICY = "late_policy"
    TELEHEALTH_HELP = "telehealth_help"
    INSURANCE = "insurance"
    BILLING = "billing"
    TEST_RESULTS = "test_results"
    PORTAL = "portal"
    TRANSPORT = "transport"
    FOOD = "food"
    MEDICATION_ASSISTANCE = "medication_assistance"
    RESPITE = "respite"
    INTERPRETER = "interpreter"
    MENTAL_HEALTH = "mental_health"
    OTHER = "other"


class VerificationKind(StrEnum):
    WEBCHAT_CODE = "webchat_code"
    TELEGRAM_LINK = "telegram_link"
