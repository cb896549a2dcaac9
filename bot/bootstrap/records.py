"""What brings records of other systems in, and what gives somebody theirs."""

from bot.bootstrap.parts import make_clock, make_words
from bot.fhir.export.writing import Export
from bot.fhir.importing import Import
from bot.fhir.survey import Progress
from bot.fhir.taking import Defaults
from bot.i18n.languages import load_languages
from bot.records.engine import Database
from bot.reminders.policies import load_policies
from bot.settings import Settings
from bot.web.pages import STATIC


def make_import(settings: Settings, database: Database, *, origin: str, dose_reminders: bool, say: Progress) -> Import:
    """One import into this database. `origin` names the system that the ids belong to."""
    defaults = Defaults(
        language=settings.language,
        languages=tuple(load_languages()),
        country=settings.country,
        time_zone=settings.time_zone,
        phone=settings.clinic_phone,
        dose_reminders=dose_reminders,
    )
    return Import(
        database=database,
        policies=load_policies(),
        defaults=defaults,
        now=make_clock(settings, database).now(),
        origin=origin,
        say=say,
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
