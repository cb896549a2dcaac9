"""Logging of the Rasa process: where something happened, never what was said.

Rasa and its libraries put user texts, slot values and whole action responses into log messages, exceptions
and warnings. So only our own modules' messages are printed; of every other record only the level, the logger,
the line and the type of the exception.
"""

import logging
import sys
import traceback
import warnings
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog

OWN_LOGGERS = "bot.nlu"
# Said at every training: about a change of Rasa 3.0, and an entity extractor that is not one of Rasa's own.
IRRELEVANT_WARNINGS = ("Slot auto-fill", "You have defined training data consisting of entity examples")


class QuietFormatter(logging.Formatter):
    """One line a record: `WARNING rasa.core.processor:713 ValidationError`. No message but our own."""

    def format(self, record: logging.LogRecord) -> str:
        own = record.name == OWN_LOGGERS or record.name.startswith(OWN_LOGGERS + ".")
        line = f"{record.levelname} {record.name}:{record.lineno}"
        if own:
            line = f"{line} {record.getMessage()}"
        if record.exc_info and record.exc_info[1]:
            line = f"{line} {name_fault(record.exc_info[1])}"
        return line


def name_fault(error: BaseException) -> str:
    """The types of an exception and its causes, and where the first was raised; none of their words."""
    names = [type(error).__name__]
    while cause := error.__cause__ or error.__context__:
        error = cause
        names.append(type(error).__name__)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return " from ".join(names) + place


def configure_for_training() -> None:
    """Our progress, and Rasa's warnings in full: training texts are files of the repository, not messages."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s", force=True)
    logging.getLogger(OWN_LOGGERS).setLevel(logging.INFO)
    warnings.showwarning = _show_warning_of_authors
    structlog.configure(
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )


def _show_warning_of_authors(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print what concerns the training texts; libraries undo filters, so this stands in for one."""
    if category is UserWarning and not any(noise in str(message) for noise in IRRELEVANT_WARNINGS):
        logging.getLogger(OWN_LOGGERS).warning("%s", message)


def configure_for_serving(level: int = logging.WARNING) -> None:
    """Route every record and structlog event of this process through the quiet formatter; drop warnings.

    Call it before Rasa is imported, and again when the server is made: Sanic brings handlers of its own.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(QuietFormatter())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # What a logger without handlers would print bare.
    logging.lastResort = handler
    for name in list(logging.root.manager.loggerDict):
        other = logging.getLogger(name)
        other.handlers.clear()
        other.propagate = True
        other.setLevel(logging.NOTSET)
    # Rasa's warnings quote what they warn of, and libraries undo filters that are set before their import.
    warnings.showwarning = lambda *_warning, **_keywords: None
    structlog.configure(
        processors=[_drop_everything],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )


def _drop_everything(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """Keep nothing of an event but its place in the code, and the exception, which is printed as a type."""
    keywords = {"exc_info": True} if event.get("exc_info") else {}
    return ("",), keywords
