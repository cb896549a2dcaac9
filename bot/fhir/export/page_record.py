"""The page's sections of the record: who the patient is, medicines, visits, doses, who may know."""

from itertools import groupby

from bot.care.medications import as_medicine, words_by_language
from bot.domain.enums import AdministrationStatus, ConsentScope, MedicationRequestStatus, ParticipationStatus
from bot.fhir.export.gathering import PatientFile
from bot.fhir.export.medicines import name_of
from bot.fhir.export.page_care import handed_over, stays
from bot.fhir.export.page_parts import Entry, Group, Section, Speech, told
from bot.i18n import file_page as labels
from bot.i18n.messages import Message
from bot.records import Appointment, Consent, ContactPoint, MedicationRequest, MedicationRequestVersion

CHANNELS = {"sms": "SMS", "telegram": "Telegram", "webchat": "Web"}
SCOPES = {
    ConsentScope.APPOINTMENTS: labels.VISITS,
    ConsentScope.MEDICATIONS: labels.MEDICINES,
    ConsentScope.ADHERENCE: labels.DOSES,
}


def record_sections(file: PatientFile, speech: Speech) -> list[Section]:
    """In the order in which somebody would look for them."""
    return [
        _about(file, speech),
        _medicines(file, speech),
        _section(speech, "visits", labels.VISITS, [_visit(each, speech) for each in reversed(file.visits)]),
        _section(speech, "stays", labels.STAYS, stays(file, speech)),
        Section(key="doses", title=speech.text(labels.DOSES), groups=[Group(entries=_doses(file, speech))]),
        _section(speech, "consents", labels.WHO_MAY_KNOW, _who_may_know(file, speech)),
    ]


def _section(speech: Speech, key: str, title: Message, entries: list[Entry]) -> Section:
    return Section(key=key, title=speech.text(title), groups=[Group(entries=entries)])


def _about(file: PatientFile, speech: Speech) -> Section:
    patient = file.patient
    born = patient.birth_date
    died = labels.DIED if patient.deceased_dated else labels.DECEASED_SINCE
    entry = Entry(
        heading="",
        facts=told(
            (speech.text(labels.NAME), patient.name),
            (speech.text(labels.BORN), speech.formats.whole_date(born) if born else None),
            (speech.text(died), speech.day(patient.deceased_at) if patient.deceased_at else None),
            *((speech.text(labels.RECORD_NUMBER), each.value) for each in file.identifiers),
            *((speech.text(labels.WRITE_TO), _address(file, each, speech)) for each in file.contacts),
            (speech.text(labels.LANGUAGE), speech.native_name(patient.language)),
            (speech.text(labels.ON_RECORD), speech.day(patient.created_at)),
        ),
    )
    return _section(speech, "about", labels.ABOUT_YOU, [entry])


def _address(file: PatientFile, contact: ContactPoint, speech: Speech) -> str:
    stopped = file.stopped_at.get(contact.id) or contact.suspended_at
    number = f" {speech.formats.phone(contact.address)}" if contact.channel == "sms" else ""
    said = f" – {speech.text(labels.STOPPED)}: {speech.day(stopped)}" if stopped else ""
    return f"{CHANNELS[contact.channel]}{number}{said}"


def _medicines(file: PatientFile, speech: Speech) -> Section:
    used: list[Entry] = []
    unused: list[Entry] = []
    for each in file.medicines:
        into = used if each.status is MedicationRequestStatus.ACTIVE else unused
        versions = [version for version in file.versions if version.medication_request_id == each.id]
        into.append(_medicine(file, each, versions, speech))
    groups = [
        Group(title=speech.text(title), entries=entries)
        for title, entries in (
            (labels.IN_USE, used),
            (labels.NOT_IN_USE, unused),
            (labels.FROM_PHARMACY, handed_over(file, speech)),
        )
        if entries
    ]
    return Section(key="medicines", title=speech.text(labels.MEDICINES), groups=groups)


def _medicine(
    file: PatientFile, request: MedicationRequest, versions: list[MedicationRequestVersion], speech: Speech
) -> Entry:
    medicine = as_medicine(request)
    prescriber = file.practitioners.get(request.practitioner_id) if request.practitioner_id else None
    left = request.refills_left if medicine.active else None
    refills = speech.refills(medicine.name, left) if left is not None else ""
    return Entry(
        heading=medicine.name,
        lines=[line for line in (speech.dosage(medicine.dosage), medicine.instruction, refills) if line],
        facts=told(
            (speech.text(labels.PURPOSE), speech.words(medicine.purpose)),
            (speech.text(labels.PRESCRIBER), prescriber.name if prescriber else None),
            (speech.text(labels.SINCE), speech.day(request.authored_at)),
            (speech.text(labels.STOPPED), speech.day(request.stopped_at) if request.stopped_at else None),
            (speech.text(labels.REASON), speech.words(words_by_language(request.change_reason_json))),
            *(fact for version in reversed(versions) for fact in _before(file, version, speech)),
        ),
    )


def _before(file: PatientFile, version: MedicationRequestVersion, speech: Speech) -> list[tuple[str, str]]:
    """What a prescription said before, until when, who changed it and why."""
    by = file.practitioners.get(version.replaced_by_id) if version.replaced_by_id else None
    said = f"{speech.day(version.replaced_at)}: {name_of(version)}: {speech.dosage(version.dosage_instruction)}"
    return told(
        (speech.text(labels.UNTIL), f"{said} ({by.name})" if by else said),
        (speech.text(labels.REASON), speech.words(words_by_language(version.change_reason_json))),
    )


def _visit(visit: Appointment, speech: Speech) -> Entry:
    place = visit.location
    answer = {
        ParticipationStatus.ACCEPTED: speech.option("option_will_come"),
        ParticipationStatus.TENTATIVE: speech.option("option_change"),
        ParticipationStatus.DECLINED: speech.text(labels.CALLED_OFF),
        ParticipationStatus.NEEDS_ACTION: None,
    }[visit.participation]
    where = f"{place.name}, {place.address}".strip(", ") if place else None
    return Entry(
        heading=speech.moment(visit.starts_at, place.time_zone if place else None),
        tag=speech.text(labels.VISIT[visit.status]),
        lines=[line for line in (speech.words(visit.description), speech.words(visit.preparation)) if line],
        facts=told(
            (speech.text(labels.WITH), visit.practitioner.name if visit.practitioner else None),
            (speech.text(labels.WHERE), visit.telehealth_url or where),
            (speech.text(labels.YOUR_ANSWER), answer),
        ),
    )


def _doses(file: PatientFile, speech: Speech) -> list[Entry]:
    """Day by day, the newest first."""
    names = {each.id: name_of(each) for each in file.medicines}
    became = {
        AdministrationStatus.COMPLETED: speech.option("option_taken"),
        AdministrationStatus.NOT_DONE: speech.text(labels.NOT_TAKEN),
        AdministrationStatus.IN_PROGRESS: speech.text(labels.NO_ANSWER),
        AdministrationStatus.UNKNOWN: speech.text(labels.NO_ANSWER),
    }
    by_day = groupby(reversed(file.doses), key=lambda dose: speech.day(dose.due_at))
    return [
        Entry(
            heading=day,
            facts=[
                (
                    speech.formats.time_of_day(dose.due_at, speech.time_zone),
                    f"{names[dose.medication_request_id]} – {became[dose.status]}",
                )
                for dose in doses
            ],
        )
        for day, doses in by_day
    ]


def _who_may_know(file: PatientFile, speech: Speech) -> list[Entry]:
    nothing = (speech.text(labels.MAY_KNOW), speech.text(labels.NOTHING))
    return [
        *(_consent(each, speech) for each in file.consents),
        *(Entry(heading=each.name, facts=[nothing]) for each in file.related),
    ]


def _consent(consent: Consent, speech: Speech) -> Entry:
    scopes = [speech.text(SCOPES[ConsentScope(scope)]) for scope in consent.scopes]
    return Entry(
        heading=consent.related_person.name,
        facts=told(
            (speech.text(labels.MAY_KNOW), speech.formats.all_of(scopes) if scopes else None),
            (speech.text(labels.SINCE), speech.day(consent.given_at)),
            (speech.text(labels.UNTIL), speech.day(consent.expires_at) if consent.expires_at else None),
            (speech.text(labels.STOPPED), speech.day(consent.revoked_at) if consent.revoked_at else None),
        ),
    )
