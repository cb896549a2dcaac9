"""The SMS channel: one carrier, status callbacks that carry our own id."""

from bot.channels.base import OutboundMessage, Sent
from bot.channels.twilio.carrier import Carrier
from bot.channels.twilio.segments import count_segments
from bot.domain.enums import ChannelName


class TwilioChannel:
    """`status_url` is the public address of the status webhook."""

    name = ChannelName.SMS

    def __init__(self, carrier: Carrier, status_url: str) -> None:
        self._carrier = carrier
        self._status_url = status_url

    def send(self, message: OutboundMessage) -> Sent:
        callback = f"{self._status_url}?communication={message.communication_id}"
        sid = self._carrier.create_message(to=message.address, body=message.text, status_callback=callback)
        return Sent(provider_id=sid)

    def look_up(self, message: OutboundMessage) -> Sent | None:
        sid = self._carrier.find_message(to=message.address, body=message.text, since=message.created_at)
        return None if sid is None else Sent(provider_id=sid)

    def segments(self, text: str) -> int:
        return count_segments(text)
