"""The Telegram channel: text, with the options of a message as buttons under it."""

import time
from uuid import UUID

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.base import ChannelError, OutboundMessage, Sent
from bot.channels.telegram.runner import BotRunner
from bot.channels.telegram.splitting import split_text
from bot.domain.enums import ChannelName

# One message, all of its parts and their retries included; the outbox's lease has to be longer.
LONGEST_SEND_S = 25.0
LONGEST_PAUSE_S = 5.0
LONGEST_CALLBACK_BYTES = 64


class TelegramChannel:
    """Sends through a started BotRunner. `address` is the id of a private chat."""

    name = ChannelName.TELEGRAM

    def __init__(self, bot_runner: BotRunner) -> None:
        self._runner = bot_runner

    def send(self, message: OutboundMessage) -> Sent:
        """The provider id is the last part's message id with our own id behind it.

        Message ids count from 1 in each chat, and incoming update ids share the column that has to be unique.
        """
        chat_id = _private_chat(message.address)
        deadline = time.monotonic() + LONGEST_SEND_S
        parts = split_text(message.text)
        for index, part in enumerate(parts):
            keyboard = _keyboard(message) if index == len(parts) - 1 else None
            if index == 0:
                message_id = self._runner.send_message(chat_id, part, keyboard, _left(deadline))
            else:
                message_id = self._send_next_part(chat_id, part, keyboard, deadline)
        return Sent(provider_id=f"{message_id}:{message.communication_id}")

    def look_up(self, message: OutboundMessage) -> Sent | None:
        """Telegram cannot be asked whether it got a message."""
        raise ChannelError("cannot_look_up", permanent=True)

    def segments(self, text: str) -> int:
        return 1

    def _send_next_part(self, chat_id: int, part: str, keyboard: InlineKeyboardMarkup | None, deadline: float) -> int:
        """Tries harder than for a first part, because a message that is half out must not be sent again."""
        while True:
            try:
                return self._runner.send_message(chat_id, part, keyboard, _left(deadline))
            except ChannelError as error:
                pause_s = error.retry_after_s or 1.0
                hopeless = error.permanent or error.ambiguous or pause_s > LONGEST_PAUSE_S
                if hopeless or time.monotonic() + pause_s > deadline:
                    raise ChannelError("partly_sent", permanent=True, opted_out=error.opted_out) from None
                time.sleep(pause_s)


def _private_chat(address: str) -> int:
    # Groups and channels have negative ids; nothing about a patient is ever sent to one.
    if not (address.isascii() and address.isdecimal()):
        raise ChannelError("not_a_private_chat", permanent=True)
    return int(address)


def _keyboard(message: OutboundMessage) -> InlineKeyboardMarkup | None:
    if not message.options:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(label, callback_data=_callback_data(digit, message.communication_id))]
            for digit, label in message.options
        ]
    )


def _callback_data(digit: str, communication_id: UUID) -> str:
    """The digit and what it answers. A client can send back anything, so it is read as any text."""
    callback_data = f"{digit}:{communication_id}"
    if len(callback_data.encode()) > LONGEST_CALLBACK_BYTES:
        raise ChannelError("option_too_long", permanent=True)
    return callback_data


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())
