"""What can go wrong with words. All of these are faults of ours, never of the person who wrote."""

from bot.domain.errors import NorthstarError


class UnknownUtterance(NorthstarError):
    """There is no utterance of that key."""


class BadParameter(NorthstarError):
    """A parameter is missing or not of its type; names the utterance and the parameter, never the value."""
