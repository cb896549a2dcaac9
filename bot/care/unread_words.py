"""What of a text is not read yet once the exact names in it are known, and what stands beside those."""

from collections.abc import Iterator
from functools import cache

from bot.care.medicine_spelling import UNSPACED, Script, script_of
from bot.care.medicine_words import document, is_ordinary, ordinary_words
from bot.care.name_spans import PART, Span, Text

# Names of less or more Chinese characters are found by their exact characters only.
HAN_WINDOWS = range(3, 11)
# So many Chinese characters around a name may belong to a longer one: 伐他汀 in 阿托伐他汀.
HAN_BESIDE = 4


def unread(text: Text, spans: list[Span]) -> list[str]:
    """The words that no name covers, each once; of Chinese, the stretches between the names."""
    left: list[str] = []
    for start, word in zip(text.starts, text.words, strict=False):
        covered = [span for span in spans if span.start < start + len(word) and span.end > start]
        if script_of(word) is Script.HAN:
            left += [part for stretch in _between(start, word, covered) for part in ordinary_words().split(stretch)]
        elif not covered and not is_ordinary(word):
            left.append(word)
    return list(dict.fromkeys(left))


def han_windows(stretch: str) -> Iterator[str]:
    """Every stretch of a Chinese text that is as long as a name."""
    yield from dict.fromkeys(stretch[at : at + size] for size in HAN_WINDOWS for at in range(len(stretch) - size + 1))


def beside(text: Text, spans: list[Span], span: Span) -> Iterator[str]:
    """The name together with what stands right before or behind it and could be a part of a longer name."""
    name = text.squeezed[span.start : span.end]
    if script_of(name) is Script.HAN:
        yield from _han_beside(text.squeezed, span)
    elif script_of(name) not in UNSPACED:
        others = {edge for other in spans if other != span for edge in (other.start, other.end)}
        yield from (stretch for stretch, edge in _words_beside(text, span, name) if edge not in others)


def is_after_unread_kind(text: Text, span: Span) -> bool:
    """True for a Chinese name with unread characters right before it, which may say which kind (蛋白胰岛素)."""
    name = text.squeezed[span.start : span.end]
    return script_of(name) is Script.HAN and _may_be_part(text.squeezed, span.start - 1)


def _between(start: int, word: str, covered: list[Span]) -> Iterator[str]:
    at = 0
    for span in covered:
        yield word[at : max(span.start - start, at)]
        at = span.end - start
    yield word[at:]


def _han_beside(text: str, span: Span) -> Iterator[str]:
    """Outward to a character that may be a part; one between it and the name may be any (门服胰岛素)."""
    reach = range(1, HAN_BESIDE + 1)
    lefts = [0, *(n for n in reach if _may_be_part(text, span.start - n))]
    rights = [0, *(n for n in reach if _may_be_part(text, span.end + n - 1))]
    for left in lefts:
        for right in rights:
            if left or right:
                yield text[span.start - left : span.end + right]


def _may_be_part(text: str, at: int) -> bool:
    return 0 <= at < len(text) and script_of(text[at]) is Script.HAN and text[at] not in _beside_names()


@cache
def _beside_names() -> frozenset[str]:
    return frozenset(document()["beside_names"])


def _words_beside(text: Text, span: Span, name: str) -> Iterator[tuple[str, int]]:
    """The name with the word before and the word behind, and where the name touches that word."""
    for start, word in zip(text.starts, text.words, strict=False):
        if len(word) < PART or is_ordinary(word) or script_of(word) is not script_of(name):
            continue
        if start + len(word) == span.start:
            yield word + name, span.start
        elif start == span.end:
            yield name + word, span.end
