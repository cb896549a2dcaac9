"""Words that carriers act on themselves: https://www.twilio.com/docs/messaging/guides/opt-out (default opt-out)."""

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})


def carrier_word(text: str) -> str:
    """The text as the carrier compares it: it acts only on the bare word."""
    return text.strip().upper()


def carrier_answers(text: str) -> bool:
    """Whether the carrier itself replies to this text, so that we must not reply a second time."""
    return carrier_word(text) in (STOP_WORDS | START_WORDS | HELP_WORDS) - {"YES"}
