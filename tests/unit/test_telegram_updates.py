"""What each kind of update becomes."""

import pytest

from bot.channels.base import InboundMessage
from bot.channels.telegram.updates import (
    GroupChat,
    UpdateUnreadable,
    read_update,
    to_inbound,
)
from bot.domain.enums import ChannelName
from tests.channels.telegram.support import AMINA, FAMILY_GROUP, payload


def inbound(name: str) -> InboundMessage:
    message = to_inbound(read_update(payload(name)))
    assert isinstance(message, InboundMessage)
    assert message.channel is ChannelName.TELEGRAM
    assert message.address == AMINA
    assert message.provider_id == str(payload(name)["update_id"])
    return message


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("private_text", "When is my next appointment?"),
        ("start_token", "/start k3J9xQ0mTz7bWn2LpR8vYg"),
        ("edited_text", "When is my next visit?"),
        ("callback_query", "1"),
        ("callback_query_old_message", "2"),
        ("rtl_text", "متى موعدي القادم؟ \u200fشكراً"),
        ("emoji", "👍🏽👩‍⚕️❤️"),
        ("nul_and_half_surrogate", "Hello \ufffd"),
    ],
)
def test_what_was_written_or_pressed_is_the_text(name: str, text: str) -> None:
    message = inbound(name)
    assert (message.text, message.media) == (text, ())
    message.text.encode("utf-8")


@pytest.mark.parametrize(
    ("name", "media", "text"),
    [
        ("photo", "image/jpeg", "Is this the right pill?"),
        ("voice", "audio/ogg", ""),
        ("document", "application/pdf", "From the hospital"),
        ("document_without_type", "application/octet-stream", ""),
        ("sticker", "image/webp", ""),
        ("location", "application/geo+json", ""),
        ("newer_than_the_library", "unknown", ""),
    ],
)
def test_what_was_attached_is_named_by_its_type(name: str, media: str, text: str) -> None:
    message = inbound(name)
    assert (message.media, message.text) == ((media,), text)


@pytest.mark.parametrize("name", ["group_text", "callback_query_group"])
def test_a_group_is_told_apart(name: str) -> None:
    assert to_inbound(read_update(payload(name))) == GroupChat(chat_id=FAMILY_GROUP)


def test_being_added_to_a_group_is_told_apart_from_having_left_it() -> None:
    assert to_inbound(read_update(payload("group_bot_added"))) == GroupChat(chat_id=-4412345678)
    assert to_inbound(read_update(payload("group_bot_left"))) is None


@pytest.mark.parametrize("name", ["pinned_message", "live_location_moved", "nothing_inside"])
def test_what_nobody_wrote_is_nothing(name: str) -> None:
    assert to_inbound(read_update(payload(name))) is None


def test_a_button_whose_message_is_gone_still_belongs_to_the_person_who_pressed_it() -> None:
    update = payload("callback_query")
    del update["callback_query"]["message"]
    message = to_inbound(read_update(update))
    assert isinstance(message, InboundMessage)
    assert (message.address, message.text) == (AMINA, "1")


@pytest.mark.parametrize("name", ["missing_chat", "missing_update_id"])
def test_an_update_without_what_it_needs_is_unreadable_and_not_quoted(name: str) -> None:
    with pytest.raises(UpdateUnreadable) as caught:
        read_update(payload(name))
    assert "Hello" not in str(caught.value)
