"""Long texts in parts that Telegram takes: cut between lines, else between words, else between characters."""

import unicodedata

# The documented limit is 4,096 characters. It was seen to count code points, but the Bot API counts UTF-16
# units elsewhere; counting those keeps us within either.
LONGEST_TEXT = 4096
JOINER = "\u200d"


def split_text(text: str, limit: int = LONGEST_TEXT) -> list[str]:
    """At least one part, each at most `limit` UTF-16 units; only the blanks around a cut are dropped."""
    parts: list[str] = []
    while _units(text) > limit:
        cut = _cut(text, limit)
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    if text or not parts:
        parts.append(text)
    return [part for part in parts if part] or [""]


def _cut(text: str, limit: int) -> int:
    """Where the next part ends: past the middle at a line's or word's end, else as late as it can."""
    fits = _prefix_length(text, limit)
    line = text.rfind("\n", fits // 2, fits + 1)
    if line > 0:
        return line
    for index in range(fits, fits // 2, -1):
        if text[index].isspace():
            return index
    cut = fits
    while cut > fits - 32 and cut > 1 and _belongs_to_previous(text, cut):
        cut -= 1
    return cut


def _prefix_length(text: str, limit: int) -> int:
    """How many code points fit into `limit` UTF-16 units."""
    units = 0
    for index, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units > limit:
            return index
    return len(text)


def _belongs_to_previous(text: str, index: int) -> bool:
    # Accents, vowel signs, variation selectors and joined emoji must not be torn from what they belong to.
    return unicodedata.category(text[index]).startswith("M") or JOINER in (text[index], text[index - 1])


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
