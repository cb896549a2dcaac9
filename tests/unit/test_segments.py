"""How many billed segments a text takes."""

import pytest

from bot.channels.twilio.segments import count_segments


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),  # in GSM-7
        ("á" * 70, 1),  # outside it
        ("á" * 71, 2),
        ("a" * 159 + "á", 3),  # one accent halves the room
        ("€" * 80, 1),  # two places each
        ("€" * 81, 2),
        ("🎉" * 35, 1),  # two UTF-16 units each
        ("🎉" * 36, 2),
        ("10:30\u202fAM " + "a" * 61, 1),
        ("10:30\u202fAM " + "a" * 62, 2),
    ],
)
def test_segments_are_counted_as_the_network_bills_them(text: str, segments: int) -> None:
    assert count_segments(text) == segments
