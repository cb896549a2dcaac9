"""The words for days and times of one language, and how they are found in a text."""

from dataclasses import dataclass, field

from bot.i18n.wishes.folding import Folded, fold, is_letter
from bot.i18n.wishes.kinds import Token


@dataclass(frozen=True)
class Entry:
    accented: str
    token: Token
    exact: bool


@dataclass
class Lexicon:
    """One language's words. `month_first`: 12/05 is in December. `bounds_follow`: "after" stands behind its day.

    `accents`: words that differ by their accents are different words; typed without any they are still known.
    """

    language: str
    month_first: bool = False
    spaces: bool = True
    accents: bool = False
    bounds_follow: bool = False
    dotted_dates: bool = False
    ordinal_suffixes: tuple[str, ...] = ()
    ordinal_prefixes: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    lengths: dict[str, list[int]] = field(default_factory=dict)

    def match(self, text: Folded, start: int) -> tuple[Token, int] | None:
        """The longest word or phrase that begins here, with its end."""
        for length in self.lengths.get(text.plain[start], ()):
            end = start + length
            entries = self.entries.get(text.plain[start:end], ()) if end <= len(text.plain) else ()
            if entries and self._ends_here(text.plain, end):
                typed = text.accented[start:end]
                found = next((each.token for each in entries if self._same(each, typed)), None)
                if found is not None:
                    return found, end
        return None

    def _ends_here(self, plain: str, end: int) -> bool:
        if end == len(plain):
            return True
        last, following = plain[end - 1], plain[end]
        if last.isdigit():
            return not following.isdigit()
        return not (is_letter(following) and (self.spaces or (last.isascii() and following.isascii())))

    def _same(self, entry: Entry, typed: str) -> bool:
        if entry.exact:
            return entry.accented == typed
        if not self.accents:
            return True
        pairs = zip(entry.accented.split(" "), typed.split(" "), strict=True)
        return all(word == meant or word == fold(word).plain for meant, word in pairs)
