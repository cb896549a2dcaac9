"""Every fault that Northstar raises itself. Each docstring is the message's fixed part."""


def place_of(error: BaseException) -> str:
    """Where a fault came from, for a log line: "turn.py:88". Its message may hold somebody's words: left out."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"


class NorthstarError(Exception):
    """The root: catching it catches what we raise and nothing else."""


class SettingInvalid(NorthstarError):
    """A setting is missing or wrong; says which, why, and what to do."""

    def __init__(self, name: str, reason: str, remedy: str) -> None:
        super().__init__(f"{name}: {reason}. {remedy}")
        self.name, self.reason, self.remedy = name, reason, remedy


class UnknownTimeZone(NorthstarError):
    """Not an IANA time zone."""


class ContentInvalid(NorthstarError):
    """A file that people edit (phrases, policies, words) cannot be used; names the file and the line or key."""


class KeyMissing(NorthstarError):
    """The key that a stored value was sealed with is not in the key file."""


class SealBroken(NorthstarError):
    """A stored value was changed, moved to another row, or sealed with another key."""


class LeaseLost(NorthstarError):
    """Another worker took the row over; what this one did late is discarded."""


class TicketTaken(NorthstarError):
    """Another coordinator claimed or resolved the ticket first."""


class NotAddressable(NorthstarError):
    """There is no open channel to this person: none on record, or they opted out."""
