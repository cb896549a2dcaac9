"""Gathers everything that is held about one patient, once, for the bundle and the page.

What is not the patient's stays away: caregivers' own addresses, hashes of sign-in codes and links, and what the
program needs for itself (leases, attempts, deadlines of the desk). Coordinators have no private notes on record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from bot.domain.enums import TimerKind, TimerStatus
from bot.fhir.export.references import other_patients
from bot.fhir.export.threads import Correspondence, read_correspondence
from bot.records import (
    Appointment,
    Consent,
    ContactPoint,
    Conversation,
    Encounter,
    FhirResource,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationRequestVersion,
    Patient,
    PatientIdentifier,
    Practitioner,
    RelatedPerson,
    Timer,
)


@dataclass(frozen=True, kw_only=True)
class PatientFile:
    """Rows, oldest first. `related` are named as close to the patient and have no consent.

    `stopped_at` are the patient's STOPs by contact point; `clinic` is its name. `other_patients` are ids, as their
    system writes them, to which kept documents refer.
    """

    clinic: str
    made_at: datetime
    patient: Patient
    identifiers: Sequence[PatientIdentifier]
    contacts: Sequence[ContactPoint]
    stopped_at: Mapping[UUID, datetime]
    consents: Sequence[Consent]
    related: Sequence[RelatedPerson]
    medicines: Sequence[MedicationRequest]
    versions: Sequence[MedicationRequestVersion]
    doses: Sequence[MedicationAdministration]
    dispenses: Sequence[MedicationDispense]
    visits: Sequence[Appointment]
    stays: Sequence[Encounter]
    practitioners: Mapping[UUID, Practitioner]
    reminders: Sequence[Timer]
    correspondence: Correspondence
    kept: Sequence[FhirResource]
    sources: Sequence[FhirResource]
    other_patients: frozenset[str]


def gather(session: Session, patient_id: UUID, *, clinic: str, now: datetime) -> PatientFile:
    """The whole file as it is at `now`, UTC."""
    own = _Own(session, patient_id)
    contacts = own.contacts()
    medicines, doses, visits = own.medicines(), own.doses(), own.visits()
    versions = own.versions()
    consents = own.consents()
    own_consents = [each for each in consents if each.patient_id == patient_id]
    subjects = frozenset(str(each.id) for each in (*doses, *visits))
    practitioners = _practitioners(session, medicines, versions, visits)
    sources = own.sources({*practitioners, *(each.location_id for each in visits if each.location_id)})
    kept = [each for each in sources if each.patient_id == patient_id and each.document_sealed is not None]
    return PatientFile(
        clinic=clinic,
        made_at=now,
        patient=session.get_one(Patient, patient_id),
        identifiers=own.identifiers(),
        contacts=contacts,
        stopped_at=own.stops(contacts),
        consents=own_consents,
        related=own.related({each.related_person_id for each in own_consents}),
        medicines=medicines,
        versions=versions,
        doses=doses,
        dispenses=own.dispenses(),
        visits=visits,
        stays=own.stays(),
        practitioners=practitioners,
        reminders=own.reminders(visits),
        correspondence=read_correspondence(session, patient_id, consents, subjects),
        kept=kept,
        sources=sources,
        other_patients=other_patients(session, patient_id, (each.document for each in kept)),
    )


@dataclass(frozen=True)
class _Own:
    """The rows of one patient."""

    session: Session
    patient_id: UUID

    def identifiers(self) -> Sequence[PatientIdentifier]:
        query = select(PatientIdentifier).where(PatientIdentifier.patient_id == self.patient_id)
        return self.session.scalars(query.order_by(PatientIdentifier.id)).all()

    def contacts(self) -> Sequence[ContactPoint]:
        query = select(ContactPoint).where(ContactPoint.patient_id == self.patient_id)
        return self.session.scalars(query.order_by(ContactPoint.id)).all()

    def stops(self, contacts: Sequence[ContactPoint]) -> Mapping[UUID, datetime]:
        """The STOP of an address is told only where the conversation is the patient's."""
        query = select(Conversation).where(
            Conversation.patient_id == self.patient_id, Conversation.opted_out_at.is_not(None)
        )
        stopped = {(each.channel, each.address): each.opted_out_at for each in self.session.scalars(query)}
        found = ((each.id, stopped.get((each.channel, each.address))) for each in contacts)
        return {contact_id: at for contact_id, at in found if at is not None}

    def consents(self) -> Sequence[Consent]:
        """All consents of the patient's caregivers, also of other patients: by them it is known whom they meant."""
        caregivers = select(Consent.related_person_id).where(Consent.patient_id == self.patient_id)
        query = select(Consent).where(Consent.related_person_id.in_(caregivers))
        return self.session.scalars(
            query.options(joinedload(Consent.related_person)).order_by(Consent.given_at, Consent.id)
        ).all()

    def related(self, consented: set[UUID]) -> Sequence[RelatedPerson]:
        """Whom another system names as close to the patient; without a consent they are told nothing."""
        named = select(FhirResource.local_id).where(
            FhirResource.patient_id == self.patient_id, FhirResource.resource_type == "RelatedPerson"
        )
        query = select(RelatedPerson).where(RelatedPerson.id.in_(named), RelatedPerson.id.not_in(consented))
        return self.session.scalars(query.order_by(RelatedPerson.id)).all()

    def medicines(self) -> Sequence[MedicationRequest]:
        query = select(MedicationRequest).where(MedicationRequest.patient_id == self.patient_id)
        return self.session.scalars(query.order_by(MedicationRequest.authored_at, MedicationRequest.id)).all()

    def versions(self) -> Sequence[MedicationRequestVersion]:
        query = (
            select(MedicationRequestVersion)
            .join(MedicationRequest, MedicationRequest.id == MedicationRequestVersion.medication_request_id)
            .where(MedicationRequest.patient_id == self.patient_id)
        )
        return self.session.scalars(query.order_by(MedicationRequestVersion.version)).all()

    def doses(self) -> Sequence[MedicationAdministration]:
        query = select(MedicationAdministration).where(MedicationAdministration.patient_id == self.patient_id)
        ordered = query.order_by(MedicationAdministration.due_at, MedicationAdministration.id)
        return self.session.scalars(ordered).all()

    def dispenses(self) -> Sequence[MedicationDispense]:
        query = select(MedicationDispense).where(MedicationDispense.patient_id == self.patient_id)
        oldest_first = MedicationDispense.handed_over_at.nulls_first()
        return self.session.scalars(query.order_by(oldest_first, MedicationDispense.id)).all()

    def stays(self) -> Sequence[Encounter]:
        query = select(Encounter).where(Encounter.patient_id == self.patient_id)
        return self.session.scalars(query.order_by(Encounter.starts_at.nulls_first(), Encounter.id)).all()

    def visits(self) -> Sequence[Appointment]:
        query = select(Appointment).where(Appointment.patient_id == self.patient_id)
        with_people = query.options(joinedload(Appointment.practitioner), joinedload(Appointment.location))
        return self.session.scalars(with_people.order_by(Appointment.starts_at, Appointment.id)).all()

    def reminders(self, visits: Sequence[Appointment]) -> Sequence[Timer]:
        """Those to come, of doses and of visits."""
        of_dose = (Timer.kind == TimerKind.DOSE_REMINDER) & (
            Timer.subject["patient"].as_string() == str(self.patient_id)
        )
        of_visit = (Timer.kind == TimerKind.APPOINTMENT_REMINDER) & (
            Timer.subject["appointment"].as_string().in_([str(each.id) for each in visits])
        )
        query = select(Timer).where(Timer.status == TimerStatus.PENDING, or_(of_dose, of_visit))
        return self.session.scalars(query.order_by(Timer.due_at)).all()

    def sources(self, public: set[UUID]) -> Sequence[FhirResource]:
        """What came from other systems about the patient, and as which the staff and places came."""
        query = select(FhirResource).where(
            or_(FhirResource.patient_id == self.patient_id, FhirResource.local_id.in_(public))
        )
        return self.session.scalars(query.order_by(FhirResource.id)).all()


def _practitioners(
    session: Session,
    medicines: Sequence[MedicationRequest],
    versions: Sequence[MedicationRequestVersion],
    visits: Sequence[Appointment],
) -> Mapping[UUID, Practitioner]:
    """Whoever prescribed, changed or sees the patient, by id."""
    prescribed = {each.practitioner_id for each in medicines} | {each.practitioner_id for each in versions}
    wanted = prescribed | {each.replaced_by_id for each in versions} | {each.practitioner_id for each in visits}
    found = session.scalars(select(Practitioner).where(Practitioner.id.in_(wanted)).order_by(Practitioner.name))
    return {each.id: each for each in found}
