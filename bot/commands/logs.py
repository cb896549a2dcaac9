"""Logs: JSON lines of events, ids, outcomes and durations. Never texts, names, numbers or drugs."""

import logging
import sys

import structlog


def configure_logs(*, quiet: bool = False) -> None:
    """Log to standard error; `quiet` shows warnings and worse only."""
    level = logging.WARNING if quiet else logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    # Libraries may put URLs, forms and bodies into their messages.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(levelname)s")
    for name in ("httpx", "httpcore", "twilio", "twilio.http_client", "telegram", "sqlalchemy", "rasa_sdk", "uvicorn"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # It would print what a failed request was about; `bot.web.app` logs where it failed instead.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
