"""Reads which days and times somebody wishes for: words to tokens, tokens to days and times, those to one wish."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from pathlib import Path

from bot.domain.clock import zone
from bot.domain.suiting import Suiting
from bot.i18n.wishes.days import find_days
from bot.i18n.wishes.hours import MORNING, NOON, find_times, part_of
from bot.i18n.wishes.kinds import Item, NotSure, Times
from bot.i18n.wishes.lexicon import Lexicon
from bot.i18n.wishes.loading import load_lexicons
from bot.i18n.wishes.scanning import scan
from bot.i18n.wishes.spans import is_refused, wished_days
from bot.i18n.wishes.suits import suits
from bot.i18n.wishes.wish import Part, Wish

PARTS: Sequence[Part] = ("morning", "afternoon", "evening")


class Wishes:
    """The words of every language, from `intents/*/dates.yml`. Raises ContentInvalid."""

    def __init__(self, intents: Path) -> None:
        self._lexicons: Mapping[str, Lexicon] = load_lexicons(intents)

    def read(self, text: str, language: str, now: datetime, time_zone: str) -> Wish | None:
        """What is wished for, None where no day can be read with confidence: never a guess, never a past day.

        `language`: BCP 47; `now`: an aware instant; `time_zone`: the person's, IANA. Weeks run from Monday to Sunday.
        A weekday is the coming one; what "next" makes of it each language says in its file. A day and month that has
        passed is next year's. A refusal ("not Tuesday"), two days that are no range, or a contradiction give None.
        Raises UnknownTimeZone, and ValueError for a naive `now`.
        """
        if now.tzinfo is None:
            raise ValueError("now must be an aware instant")
        lexicon = self._lexicons.get(language)
        if lexicon is None:
            return None
        try:
            return _read(text, lexicon, now.astimezone(zone(time_zone)))
        except (NotSure, OverflowError):
            return None

    def suiting(self, text: str, language: str, now: datetime, time_zone: str) -> Suiting | None:
        """Which times suit, for looking up free ones; None where the words name none or cannot be read.

        As `read`, and also several days, repeated ones and such that do not suit. A weekday alone is each of its kind.
        """
        lexicon = self._lexicons.get(language)
        if lexicon is None:
            return None
        try:
            return suits(scan(text, lexicon), lexicon, now.astimezone(zone(time_zone)).date())
        except (NotSure, OverflowError):
            return None


def _read(text: str, lexicon: Lexicon, now_local: datetime) -> Wish:
    today = now_local.date()
    items = find_days(scan(text, lexicon), today)
    part = part_of(items)
    items = find_times(items, part, bounds_follow=lexicon.bounds_follow)
    if is_refused(items):
        raise NotSure
    first, last = wished_days(items, today, bounds_follow=lexicon.bounds_follow)
    times = _one_time(items)
    if last == today:
        _check_still_to_come(times, part, now_local)
    return Wish(
        first=first,
        last=last,
        part=None if part is None or times.exact is not None else PARTS[part],
        after=_wall(times.after),
        before=_wall(times.before),
        at=_wall(times.exact),
    )


def _one_time(items: Sequence[Item]) -> Times:
    """All times that were named as one. Raises NotSure for times that do not go together."""
    named = [item for item in items if isinstance(item, Times)]
    exact = _only({each.exact for each in named})
    after, before = _only({each.after for each in named}), _only({each.before for each in named})
    if exact is not None and (after is not None or before is not None):
        raise NotSure
    if after is not None and before is not None and after >= before:
        raise NotSure
    return Times(exact=exact, after=after, before=before)


def _only(minutes: set[int | None]) -> int | None:
    found = minutes - {None}
    if len(found) > 1:
        raise NotSure
    return next(iter(found), None)


def _check_still_to_come(times: Times, part: int | None, now_local: datetime) -> None:
    """Today may be wished for as long as the time of day has not passed."""
    minute = now_local.hour * 60 + now_local.minute
    latest = times.exact if times.exact is not None else times.before
    if latest is None and part == MORNING:
        latest = NOON * 60
    if latest is not None and latest <= minute:
        raise NotSure


def _wall(minutes: int | None) -> time | None:
    return None if minutes is None else time(*divmod(minutes, 60))
