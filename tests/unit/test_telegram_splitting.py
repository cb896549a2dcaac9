"""Long texts in parts."""

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.splitting import LONGEST_TEXT, split_text


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_a_text_that_fits_stays_whole() -> None:
    assert split_text("x" * LONGEST_TEXT) == ["x" * LONGEST_TEXT]
    assert split_text("  indented\n") == ["  indented\n"]
    assert split_text("") == [""]


def test_lines_are_kept_whole_before_words_and_words_before_characters() -> None:
    assert split_text("one two three\nfour five", 20) == ["one two three", "four five"]
    assert split_text("one two three four five", 10) == ["one two", "three four", "five"]
    assert split_text("三三三三三三三三", 5) == ["三三三三三", "三三三"]


def test_a_short_line_at_the_start_does_not_make_a_short_part() -> None:
    assert split_text("Hi\n" + "word " * 5 + "end", 20) == ["Hi\nword word word", "word word end"]


def test_an_emoji_counts_as_two_and_is_not_torn() -> None:
    parts = split_text("👩‍⚕️" * 10, 13)
    assert all(part.replace("👩‍⚕️", "") == "" for part in parts)
    assert all(units(part) <= 13 for part in parts)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.integers(40, 60))
def test_nothing_but_blanks_at_a_cut_is_lost(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
