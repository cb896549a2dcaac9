"""The only place where parts are wired together. Tests build the same parts through the same functions."""

from bot.bootstrap.parts import Parts, build, make_catalogs, make_desk, make_words, open_database
from bot.bootstrap.records import make_csv_import, make_export, make_import, make_sync, reach_server
from bot.bootstrap.reminders import make_preview
from bot.bootstrap.site import make_web
from bot.bootstrap.work import make_worker

__all__ = [
    "Parts",
    "build",
    "make_catalogs",
    "make_csv_import",
    "make_desk",
    "make_export",
    "make_import",
    "make_preview",
    "make_sync",
    "make_web",
    "make_words",
    "make_worker",
    "open_database",
    "reach_server",
]
