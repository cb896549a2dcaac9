"""What every channel gives and takes: plain messages in, plain messages out, receipts, and one kind of error."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.domain.enums import ChannelName, CommunicationStatus
from bot.domain.errors import NorthstarError


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """What somebody sent. `address` as in ContactPoint; `media` are content types; `text` may be empty.

    `in_reply_to` is our message whose button was pressed, where the channel tells.
    """

    channel: ChannelName
    provider_id: str
    address: str
    text: str
    media: tuple[str, ...] = ()
    in_reply_to: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class OutboundMessage:
    """What to send. `options` are (digit, label) pairs that a channel may show as buttons.

    `created_at` is when it was queued, clinic time, UTC: a provider cannot have had it before.
    """

    communication_id: UUID
    address: str
    text: str
    created_at: datetime
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The provider took the message. `status` is SENT, or DELIVERED where the channel knows at once."""

    provider_id: str
    status: CommunicationStatus = CommunicationStatus.SENT


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What a provider says later. Matched by our id where the provider gives it back, else by its own."""

    channel: ChannelName
    provider_id: str
    status: CommunicationStatus
    communication_id: UUID | None = None
    error_code: str | None = None


class ChannelError(NorthstarError):
    """A provider did not take a message. The text is never part of it.

    `permanent`: trying again is useless. `ambiguous`: it may have been taken, so look before sending again.
    `opted_out`: the provider blocks this person at their own wish.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool = False,
        ambiguous: bool = False,
        opted_out: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.ambiguous = ambiguous
        self.opted_out = opted_out
        self.retry_after_s = retry_after_s


class Channel(Protocol):
    """One way to send. Called from worker threads, so it is synchronous and safe to share between threads."""

    name: ChannelName

    def send(self, message: OutboundMessage) -> Sent:
        """Hand one message to the provider. Raises ChannelError."""

    def look_up(self, message: OutboundMessage) -> Sent | None:
        """After an ambiguous failure: what the provider knows of it, None when it never got it.

        Raises ChannelError(permanent=True) where the provider cannot be asked.
        """

    def segments(self, text: str) -> int:
        """How many billed parts the text takes; 1 where nothing is billed."""


AcceptMessage = Callable[[InboundMessage], Awaitable[bool]]
"""Store one inbound message; True when it is new. Raises OSError-like database errors, which become a 503."""

AcceptReceipt = Callable[[Receipt], Awaitable[None]]
