"""What brings records of other systems in, ours to them, and what gives somebody theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from bot.bootstrap.parts import make_clock, make_words
from bot.domain.loopback import is_loopback
from bot.fhir.addresses import checked_address
from bot.fhir.csv.importing import CsvImport
from bot.fhir.export.writing import Export
from bot.fhir.importing import Import
from bot.fhir.report import Report
from bot.fhir.server import FhirServer
from bot.fhir.sign_in import BackendServices, ClientKey
from bot.fhir.survey import Progress
from bot.fhir.syncing import Sync
from bot.fhir.taking import Defaults
from bot.fhir.writing_back import WriteBack
from bot.i18n.languages import load_languages
from bot.records.engine import Database
from bot.reminders.policy_file import load_policies
from bot.settings import Settings
from bot.web.pages import STATIC

SERVER = "--server"
ANSWER_WITHIN_S = 60.0


def make_import(settings: Settings, database: Database, *, origin: str, dose_reminders: bool, say: Progress) -> Import:
    """One import into this database. `origin` names the system that the ids belong to."""
    return Import(
        database=database,
        policies=load_policies(settings.policies),
        defaults=_defaults(settings, dose_reminders=dose_reminders),
        now=make_clock(settings, database).now(),
        origin=origin,
        say=say,
    )


def make_csv_import(
    settings: Settings, database: Database, *, origin: str, dose_reminders: bool, say: Progress
) -> CsvImport:
    """The same for the files of a clinic without FHIR."""
    return CsvImport(
        database=database,
        policies=load_policies(settings.policies),
        defaults=_defaults(settings, dose_reminders=dose_reminders),
        now=make_clock(settings, database).now(),
        origin=origin,
        say=say,
    )


def _defaults(settings: Settings, *, dose_reminders: bool) -> Defaults:
    return Defaults(
        language=settings.language,
        languages=tuple(load_languages()),
        country=settings.country,
        time_zone=settings.time_zone,
        phone=settings.clinic_phone,
        dose_reminders=dose_reminders,
    )


def make_export(settings: Settings, database: Database) -> Export:
    """What writes one person's file, in the clinic's name and the look of its pages."""
    return Export(
        database=database,
        words=make_words(settings),
        clinic=settings.clinic,
        tokens=(STATIC / "tokens.css").read_text("utf-8"),
        now=make_clock(settings, database).now(),
    )


@contextmanager
def reach_server(settings: Settings, address: str) -> Iterator[FhirServer]:
    """A FHIR server, signed in where the settings say how. Raises SettingInvalid."""

    def check(name: str, url: str) -> str:
        return checked_address(name, url, plain_http=settings.fhir_plain_http)

    base, client = check(SERVER, address), settings.fhir_client
    key = None if client is None else ClientKey.load(client.key_file, client.key_id)
    # A proxy of the environment is for other hosts than this one.
    own = is_loopback(str(urlsplit(base).hostname))
    with httpx.Client(timeout=ANSWER_WITHIN_S, follow_redirects=False, trust_env=not own) as http:
        if client is None or key is None:
            yield FhirServer(base=base, http=http)
            return
        services = BackendServices(
            base,
            http,
            key,
            client_id=client.client_id,
            scope=client.scope,
            check=lambda url: check("token_endpoint of the FHIR server", url),
        )
        yield FhirServer(base=base, http=http, token=services.token)


def make_sync(
    settings: Settings, database: Database, server: FhirServer, report: Report, *, dose_reminders: bool, say: Progress
) -> tuple[Sync, WriteBack]:
    """A pull from that server, and what is written to it afterwards; both count in one report."""
    importing = make_import(settings, database, origin=server.base, dose_reminders=dose_reminders, say=say)
    importing.report = report
    sync = Sync(database=database, server=server, importing=importing, say=say)
    return sync, WriteBack(database=database, server=server, report=report, now=importing.now, say=say)
