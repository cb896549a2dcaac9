"""The SMS channel over the carrier of the bench."""

from bot.channels.base import OutboundMessage, Sent
from bot.channels.twilio.segments import count_segments
from bot.domain.enums import ChannelName
from tests.bench.sends.carrier import Carrier


class BenchChannel:
    """A `Channel`, as TwilioChannel is, that waits where the network would be."""

    name = ChannelName.SMS

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    def send(self, message: OutboundMessage) -> Sent:
        return Sent(provider_id=self._carrier.take(str(message.communication_id)))

    def look_up(self, message: OutboundMessage) -> Sent | None:
        """What this process handed over; of another's it knows nothing, so a resend shows as sent twice."""
        wanted = str(message.communication_id)
        return next((Sent(provider_id=had.provider_id) for had in self._carrier.taken if had[0] == wanted), None)

    def segments(self, text: str) -> int:
        return count_segments(text)
