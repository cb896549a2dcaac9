"""What the Rasa server gets when it calls an action: data that the turn can say, through rasa-sdk's own executor."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from actions import all_actions
from bot.domain.enums import ConsentScope, Disclosure, MedicationRequestStatus, TicketReason
from bot.domain.suiting import Suiting
from bot.i18n.catalogs import Catalogs
from bot.i18n.render import Words
from bot.records import Conversation, MedicationRequestVersion
from tests.unit.care_cast import CLOCK_TIMES, NOW, ZONE, Clinic, FixedClock, dosage, make_clinic

DAY = timedelta(days=1)
MAP = "https://map.example/to?place={address}"
DOMAIN = Path(__file__).resolve().parents[2] / "intents" / "domain.yml"
CATALOGS = Catalogs.load()
WORDS = Words(
    CATALOGS, defaults={"clinic": "Riverside Clinic", "url": "https://chat.example", "nurse_line": "+15550100399"}
)


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    return make_clinic(tmp_path)


def call(clinic: Clinic, who: str, action: str, text: str = "", **rest: Any) -> dict[str, Any]:
    executor = ActionExecutor()
    for each in all_actions(clinic.database.read, FixedClock(), CLOCK_TIMES, MAP):
        executor.register_action(each)
    tracker = {
        "sender_id": str(clinic.conversations[who]),
        "slots": rest.get("slots", {}),
        "latest_message": {
            "text": text,
            "intent": {"name": "x"},
            "entities": rest.get("entities", []),
            "metadata": {"suits": rest.get("suits")},
        },
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    request = {"next_action": action, "sender_id": tracker["sender_id"], "tracker": tracker, "domain": {}}
    result = asyncio.run(executor.run(request))
    assert result is not None
    answer: dict[str, Any] = dict(result)
    return answer


def messages(clinic: Clinic, who: str, action: str, text: str = "", **rest: Any) -> list[dict[str, Any]]:
    answer = call(clinic, who, action, text, **rest)
    assert all(response["text"] is None and response["custom"] for response in answer["responses"])
    return [response["custom"] for response in answer["responses"]]


def said(clinic: Clinic, who: str, action: str, text: str = "", language: str = "en") -> list[str]:
    """The utterances as the person reads them; effects by name."""
    return [
        WORDS.render(message["utterance"], message["params"], language, Disclosure.FULL).text
        if "utterance" in message
        else message["effect"]
        for message in messages(clinic, who, action, text)
    ]


def test_every_action_of_the_domain_has_a_home_and_no_other_is_served(clinic: Clinic) -> None:
    declared = yaml.safe_load(DOMAIN.read_text("utf-8"))["actions"]
    served = [action.name() for action in all_actions(clinic.database.read, FixedClock(), CLOCK_TIMES, MAP)]
    assert sorted(served) == sorted(declared)


@pytest.mark.parametrize("action", [action.name() for action in all_actions(None, FixedClock(), CLOCK_TIMES, MAP)])  # type: ignore[arg-type]
def test_every_action_answers_a_patient_whose_record_is_empty(clinic: Clinic, action: str) -> None:
    assert said(clinic, "amina", action)


@pytest.mark.parametrize("action", ["action_appointment_when", "action_medication_list", "action_reschedule_submit"])
def test_a_stranger_learns_nothing(clinic: Clinic, action: str) -> None:
    assert messages(clinic, "chen", action) == [{"effect": "unknown_person"}]


def test_a_caregiver_is_told_whom_the_answer_is_about_and_is_refused_beyond_the_consent(clinic: Clinic) -> None:
    clinic.add_visit("amina", NOW + DAY)
    clinic.add_consent("bruno", "amina", [ConsentScope.APPOINTMENTS])
    assert said(clinic, "bruno", "action_appointment_when") == [
        "About Amina:",
        "The next visit is on Thursday, November 19 at 12:00 PM with Dr. Asha Nair, at Riverside Kidney Center.",
    ]
    assert messages(clinic, "bruno", "action_medication_list") == [{"effect": "not_permitted"}]


def test_a_caregiver_of_two_is_asked_whom_they_mean(clinic: Clinic) -> None:
    clinic.add_consent("bruno", "amina", [ConsentScope.APPOINTMENTS])
    clinic.add_consent("bruno", "robert", [ConsentScope.APPOINTMENTS])
    [message] = messages(clinic, "bruno", "action_appointment_when")
    assert message["effect"] == "about_whom"
    assert set(message["patients"]) == {str(patient) for patient in clinic.patients.values()}
    with clinic.database.write() as session:
        session.get_one(Conversation, clinic.conversations["bruno"]).about_patient_id = clinic.patients["robert"]
    assert said(clinic, "bruno", "action_appointment_when")[0] == "About Robert:"


def test_a_visit_is_answered_from_the_record(clinic: Clinic) -> None:
    visit = clinic.add_visit("amina", NOW + DAY, preparation={"en": "Bring a blanket.", "es": "Traiga una manta."})
    assert said(clinic, "amina", "action_appointment_where") == [
        "The next visit is here:\nRiverside Kidney Center\n52 Harbor Street\nground floor",
        "Directions: https://map.example/to?place=52%20Harbor%20Street\nPhone: (555) 010-0302",
    ]
    assert said(clinic, "amina", "action_appointment_who", language="es") == [
        "La próxima cita es con Dr. Asha Nair (nefrología) el jueves 19 de noviembre a las 12:00 p.m."
    ]
    assert said(clinic, "amina", "action_appointment_preparation", language="es") == [
        "Para prepararse para la cita del jueves 19 de noviembre a las 12:00 p.m.: Traiga una manta."
    ]
    ask, effect = messages(clinic, "amina", "action_appointment_confirm")
    assert ask["utterance"] == "appointment_confirm_ask"
    assert effect == {"effect": "ask_appointment", "appointment": str(visit)}


def test_the_video_visit_is_meant_by_who_asks_for_the_link(clinic: Clinic) -> None:
    clinic.add_visit("amina", NOW + DAY)
    assert said(clinic, "amina", "action_appointment_telehealth") == [
        "The visit on Thursday, November 19 at 12:00 PM is in person, at Riverside Kidney Center."
    ]
    clinic.add_visit("amina", NOW + 2 * DAY, telehealth_url="https://video.example/7", location_id=None)
    assert said(clinic, "amina", "action_appointment_telehealth") == [
        "The visit on Friday, November 20 at 12:00 PM is by video. At that time, open this link: https://video.example/7",
        "Before it starts: charge the phone, find a quiet place with good signal, and allow camera and microphone when "
        "asked. Try the link now. Reply 1 if it opens, 2 if it does not.",
        "ask_telehealth",
    ]
    assert said(clinic, "amina", "action_appointment_list") == [
        "2 coming visits:\nThursday, November 19 at 12:00 PM: Dr. Asha Nair, Riverside Kidney Center\n"
        "Friday, November 20 at 12:00 PM: Dr. Asha Nair, by video"
    ]


def test_a_visit_without_place_or_practitioner_is_not_filled_in(clinic: Clinic) -> None:
    clinic.add_visit("amina", NOW + DAY, practitioner_id=None, location_id=None)
    time_only = "The next visit is on Thursday, November 19 at 12:00 PM."
    assert said(clinic, "amina", "action_appointment_when") == [time_only]
    assert said(clinic, "amina", "action_appointment_where") == [time_only, "open_ticket"]
    assert said(clinic, "amina", "action_appointment_who")[1] == "open_ticket"


def test_a_misspelt_medicine_is_answered_to_the_word(clinic: Clinic) -> None:
    clinic.add_medicine(
        "amina", "metformin", purpose={"en": "type 2 diabetes", "es": "la diabetes tipo 2"}, refills_left=1
    )
    clinic.add_medicine("amina", "lisinopril", strength="10 mg")
    text = "how much metphormin"
    assert said(clinic, "amina", "action_medication_dose", text) == [
        "metformin 500 mg: 1 tablet, 2 times a day\nThis is what the prescription says."
    ]
    assert said(clinic, "amina", "action_medication_when", text) == [
        "metformin 500 mg: 1 tablet, 2 times a day\nThe next time is Wednesday, November 18 at 8:00 PM."
    ]
    assert said(clinic, "amina", "action_medication_purpose", text, "es") == [
        "metformin 500 mg es para: la diabetes tipo 2"
    ]
    assert said(clinic, "amina", "action_medication_refills", text, "es") == [
        "metformin 500 mg: queda 1 resurtido.",
        "Para pedir un resurtido, escriba: necesito un resurtido",
    ]
    assert said(clinic, "amina", "action_medication_list") == [
        "2 medicines on the list:\nmetformin 500 mg: 1 tablet, 2 times a day\nlisinopril 10 mg: 1 tablet, 2 times a day"
    ]
    everything = said(clinic, "amina", "action_medication_list")
    assert said(clinic, "amina", "action_medication_dose", "how many pills?") == everything
    assert said(clinic, "amina", "action_medication_purpose", "what is it for?") == [
        "Which medicine do you mean: metformin 500 mg or lisinopril 10 mg? Please write its name."
    ]


def test_without_a_name_each_is_told_with_its_next_time_what_is_due_first_before_the_rest(clinic: Clinic) -> None:
    clinic.add_medicine("amina", "albuterol", dosage_instruction=dosage(asNeededBoolean=True))
    weekly = {
        "repeat": {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["sun"], "timeOfDay": ["07:00:00"]}
    }
    clinic.add_medicine("amina", "alendronate", dosage_instruction=dosage(timing=weekly))
    clinic.add_medicine("amina", "metformin")
    told = said(clinic, "amina", "action_medication_when", "what do I take today")
    assert [line.split(" ")[0] for line in told] == ["metformin", "alendronate", "albuterol"]
    assert [line.splitlines()[1] for line in told] == [
        "The next time is Wednesday, November 18 at 8:00 PM.",
        "The next time is Sunday, November 22 at 7:00 AM.",
        "It has no fixed times; it is used only when needed.",
    ]
    for number in range(4):
        clinic.add_medicine("amina", f"vitamin {number}")
    assert said(clinic, "amina", "action_medication_when", "what do I take today")[0].startswith("7 medicines")


def test_how_to_use_shows_the_clinicians_words_beside_the_dose(clinic: Clinic) -> None:
    clinic.add_medicine("amina", "metformin", dosage_instruction=dosage(patientInstruction="Trágela entera."))
    assert said(clinic, "amina", "action_medication_how") == [
        "How to use metformin 500 mg: 1 tablet, 2 times a day\nTrágela entera.\n"
        "This is what the prescription says. For anything else, write: person"
    ]


def test_a_medicine_as_needed_has_no_next_time(clinic: Clinic) -> None:
    clinic.add_medicine("amina", "albuterol", dosage_instruction=dosage(asNeededBoolean=True))
    [answer] = said(clinic, "amina", "action_medication_when")
    assert answer.endswith("It has no fixed times; it is used only when needed.")


@pytest.mark.parametrize(
    ("action", "text", "utterance", "reason"),
    [
        ("action_medication_dose", "ibuprofen?", "medication_not_on_list", TicketReason.NOT_ON_RECORD),
        ("action_medication_purpose", "metformin", "medication_purpose_unknown", TicketReason.CLINICAL),
        ("action_medication_refills", "metformin", "medication_refills_unknown", TicketReason.NOT_ON_RECORD),
        ("action_medication_change", "metformin", "medication_change_unknown", TicketReason.MEDICATION_CHANGE),
    ],
)
def test_what_is_not_on_record_becomes_a_ticket(
    clinic: Clinic, action: str, text: str, utterance: str, reason: TicketReason
) -> None:
    clinic.add_medicine("amina", "metformin")
    words, effect = messages(clinic, "amina", action, text)
    assert words["utterance"] == utterance
    assert (effect["effect"], effect["reason"]) == ("open_ticket", reason.value)
    assert "ibuprofen" not in str(effect), "the person's words stay in the message, not in the facts"


def test_a_change_is_explained_with_its_recorded_reason_and_only_with_that(clinic: Clinic) -> None:
    stopped = {"status": MedicationRequestStatus.STOPPED, "stopped_at": NOW - DAY}
    old = clinic.add_medicine("amina", "metoprolol", strength="25 mg", **stopped)
    changed = {"strength": "6.25 mg", "replaces_id": old, "authored_at": NOW - DAY}
    clinic.add_medicine("amina", "carvedilol", change_reason={"en": "It helps your heart too."}, **changed)
    for text in ("why was my metoprolol changed", "why carvedilol now", "why the change"):
        assert said(clinic, "amina", "action_medication_change", text) == [
            "On November 17, 2026, metoprolol 25 mg was changed to carvedilol 6.25 mg. The reason on record: "
            "It helps your heart too.",
            "Did I say it clearly? Which one is taken now?\n1: carvedilol 6.25 mg\n2: metoprolol 25 mg\n3: not sure\n"
            "Reply with the number.",
            "teach_back",
        ]
    assert said(clinic, "amina", "action_medication_dose", "metoprolol") == [
        "metoprolol 25 mg was stopped on November 17, 2026 and is not on the list now. For questions about it, "
        "write: person"
    ]


def test_a_change_without_a_reason_goes_to_a_person(clinic: Clinic) -> None:
    old = clinic.add_medicine("amina", "metoprolol", status=MedicationRequestStatus.STOPPED)
    clinic.add_medicine("amina", "carvedilol", replaces_id=old)
    words, effect = messages(clinic, "amina", "action_medication_change", "why carvedilol")
    assert words["utterance"] == "medication_change_no_reason"
    assert effect["reason"] == "medication_change"


def changed_dose(clinic: Clinic, **reason: str) -> None:
    twice = dosage({"frequency": 2, "period": 1, "periodUnit": "d"})
    request = clinic.add_medicine("amina", "lisinopril", strength="10 mg", dosage_instruction=twice, version=3)
    once = dosage({"frequency": 1, "period": 1, "periodUnit": "d"})
    for version, doses in ((1, once), (2, twice)):  # the last version changed nothing that a person would be told
        clinic.store(
            MedicationRequestVersion(
                medication_request_id=request,
                version=version,
                status=MedicationRequestStatus.ACTIVE,
                medication="lisinopril",
                strength="10 mg",
                dosage_instruction=doses,
                replaced_at=NOW - (3 - version) * DAY,
                change_reason_json=json.dumps(reason) if reason else None,
            )
        )


@pytest.mark.parametrize("text", ["why did my lisinopril change", "what changed"])
def test_a_changed_dose_is_told_old_against_new(clinic: Clinic, text: str) -> None:
    changed_dose(clinic, en="Your blood pressure was still high.")
    assert said(clinic, "amina", "action_medication_change", text) == [
        "On November 16, 2026, the dose of lisinopril 10 mg was changed.\n"
        "Before: 1 tablet, once a day\n"
        "Now: 1 tablet, 2 times a day\n"
        "The reason on record: Your blood pressure was still high.",
        "Did I say it clearly? How is lisinopril 10 mg taken now?\n1: 1 tablet, once a day\n"
        "2: 1 tablet, 2 times a day\n3: not sure\nReply with the number.",
        "teach_back",
    ]


def test_a_changed_dose_without_a_reason_goes_to_a_person(clinic: Clinic) -> None:
    changed_dose(clinic)
    words, effect = messages(clinic, "amina", "action_medication_change", "why did my lisinopril change")
    assert words["utterance"] == "medication_change_dose_no_reason"
    assert effect["reason"] == "medication_change"


def test_wished_times_are_looked_for_and_the_slot_is_emptied(clinic: Clinic) -> None:
    visit = clinic.add_visit("amina", NOW + DAY)
    answer = call(clinic, "amina", "action_reschedule_submit", slots={"preferred_times": "Monday mornings"})
    assert [response["custom"] for response in answer["responses"]] == [
        {"effect": "look_for_times", "reason": "reschedule", "words": "Monday mornings", "appointment": str(visit)}
    ]
    assert [(event["event"], event["name"], event["value"]) for event in answer["events"]] == [
        ("slot", "preferred_times", None)
    ]


def test_with_several_visits_it_is_asked_which_unless_one_is_named(clinic: Clinic) -> None:
    first = clinic.add_visit("amina", NOW + DAY)
    second = clinic.add_visit("amina", NOW + 2 * DAY, practitioner_id=clinic.practitioners["chen"])
    which = [{"effect": "ask_which_visit", "reason": "cancel", "visits": [str(first), str(second)]}]
    assert messages(clinic, "amina", "action_appointment_cancel", "I have to cancel") == which
    for text in ("cancel my visit with dr chen", "cancel dr. Helen Chen"):
        assert messages(clinic, "amina", "action_appointment_cancel", text) == [
            {"effect": "ask_before_calling_off", "appointment": str(second)}
        ]
    on_friday = Suiting(weekdays=frozenset({4})).as_json()
    assert messages(clinic, "amina", "action_appointment_cancel", "cancel friday", suits=on_friday) == [
        {"effect": "ask_before_calling_off", "appointment": str(second)}
    ]


def test_visits_are_listed_by_doctor_by_kind_and_by_day(clinic: Clinic) -> None:
    clinic.add_visit("amina", NOW + DAY, description={"en": "dialysis", "es": "diálisis", "zh-Hans": "透析"})
    clinic.add_visit("amina", NOW + 2 * DAY, description={"en": "heart visit"})
    dialysis = ["1 coming visit:\nThursday, November 19 at 12:00 PM: Dr. Asha Nair, Riverside Kidney Center"]
    for text in ("when are my dialysis days", "mis días de diálisis", "我的透析时间"):
        assert said(clinic, "amina", "action_appointment_list", text) == dialysis
    assert said(clinic, "amina", "action_appointment_list", "all my visits")[0].startswith("2 coming visits")
    [listed] = messages(clinic, "amina", "action_appointment_list", suits=Suiting(weekdays=frozenset({4})).as_json())
    assert listed["params"]["count"] == 1
    nothing = said_on(clinic, Suiting(weekdays=frozenset({0})))
    assert nothing[0] == "I see no coming visit like that in the record."


def said_on(clinic: Clinic, suiting: Suiting) -> list[str]:
    found = messages(clinic, "amina", "action_appointment_list", suits=suiting.as_json())
    return [WORDS.render(each["utterance"], each["params"], "en", Disclosure.FULL).text for each in found]


def test_more_visits_than_fit_are_counted(clinic: Clinic) -> None:
    for day in range(1, 9):
        clinic.add_visit("amina", NOW + day * DAY)
    [text] = said(clinic, "amina", "action_appointment_list")
    assert text.startswith("8 coming visits:\n")
    assert text.endswith("\nand 3 more")


def test_how_long_a_visit_takes_and_when_it_is_over(clinic: Clinic) -> None:
    clinic.add_visit("amina", NOW + DAY)
    assert said(clinic, "amina", "action_appointment_length") == [
        "The visit on Thursday, November 19 at 12:00 PM is set for 30 minutes. It ends at 12:30 PM."
    ]


def test_the_time_of_a_visit_is_the_places(clinic: Clinic) -> None:
    clinic.add_visit("amina", NOW + DAY)
    [message] = messages(clinic, "amina", "action_appointment_when")
    assert message["params"]["start"] == {"at": "2026-11-19T17:00:00Z", "time_zone": ZONE}
