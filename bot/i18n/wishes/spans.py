"""From the days that a text names to the one stretch of days that it wishes for."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.i18n.wishes import calendar
from bot.i18n.wishes.kinds import Item, Kind, Mention, NotSure, codes

# "After the 10th" names no end. Two weeks are what a coordinator looks through for a free time.
OPEN_DAYS = 13
# A longer one has lost its year: "from 10/1 to 11/7" in late October.
LONGEST_RANGE = timedelta(days=100)

_TIMES = "[P%]*"
_RANGE = re.compile(f"[Fb]?#{_TIMES}R#|F#{_TIMES}[RU]#|b#{_TIMES}&#")
_RANGE_FOLLOWED = re.compile(f"#{_TIMES}[FR]#{_TIMES}U?")
_OTHER_CHOICE = re.compile(r"#\|[lNQO]|[NQO]\|#")
_BOUND = re.compile("[AVFU]#")
_BOUND_FOLLOWS = re.compile(f"#{_TIMES}[AVFU]")


def wished_days(items: Sequence[Item], today: date, *, bounds_follow: bool) -> tuple[date, date]:
    """The first and the last day. Raises NotSure, also for two days that are no range."""
    groups = _groups(items, bounds_follow=bounds_follow)
    frame = _frame([mention for mention, bound in groups if bound is None])
    spans = [frame] if frame else []
    for mention, bound in groups:
        if bound is not None or not mention.is_span:
            spans.append(_bounded(_within(mention, frame), bound, today))
    spans += _ranges(items, frame, bounds_follow=bounds_follow)
    if not spans:
        raise NotSure
    first, last = max(span.first for span in spans), min(span.last for span in spans)
    if first > last or first < today:
        raise NotSure
    return first, last


def _patterns(*, bounds_follow: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return (_RANGE_FOLLOWED, _BOUND_FOLLOWS) if bounds_follow else (_RANGE, _BOUND)


def _groups(items: Sequence[Item], *, bounds_follow: bool) -> list[tuple[Mention, Kind | None]]:
    """Each day outside of a range, with the bound that stands beside it."""
    ranged, bound = _patterns(bounds_follow=bounds_follow)
    letters = codes(list(items))
    taken = {index for match in ranged.finditer(letters) for index in range(*match.span())}
    bounds: dict[int, Kind] = {}
    for match in bound.finditer(letters):
        inside = items[match.start() : match.end()]
        day = next(index for index, item in enumerate(inside, match.start()) if isinstance(item, Mention))
        bounds[day] = (inside[-1] if bounds_follow else inside[0]).kind
    if bounds_follow and re.search("[AV]#(?![AVFU])", letters):
        # A foreign word order: "after Friday" within Hindi. Without its bound the day would be misread.
        raise NotSure
    mentions = [(index, item) for index, item in enumerate(items) if isinstance(item, Mention)]
    return [(item, bounds.get(index)) for index, item in mentions if index not in taken]


def _ranges(items: Sequence[Item], frame: Mention | None, *, bounds_follow: bool) -> list[Mention]:
    """ "Tuesday to Thursday". Not where something is moved: "change Tuesday to Thursday" is no range."""
    pattern, _ = _patterns(bounds_follow=bounds_follow)
    found = []
    for match in pattern.finditer(codes(list(items))):
        if any(item.kind is Kind.MOVE for item in items):
            raise NotSure
        first, last = (item for item in items[match.start() : match.end()] if isinstance(item, Mention))
        first, last = _within(first, frame), _within(last, frame)
        if last.first <= first.first and last.weekday is not None:
            last = replace(last, last=calendar.coming_weekday(first.last, last.weekday))
        if first.first > last.last or last.last - first.first > LONGEST_RANGE:
            raise NotSure
        found.append(Mention(first=first.first, last=last.last))
    return found


def _frame(mentions: Sequence[Mention]) -> Mention | None:
    """The week, month or date in which the named days are to be looked for, as in "Friday, December 4"."""
    spans = [mention for mention in mentions if mention.weekday is None and mention.month_day is None]
    if not spans:
        return None
    first, last = max(span.first for span in spans), min(span.last for span in spans)
    if first > last:
        raise NotSure
    return Mention(first=first, last=last)


def _within(mention: Mention, frame: Mention | None) -> Mention:
    """A weekday, or a day of the month, as the day of the frame that it is. Raises NotSure for none or several."""
    if frame is None or (mention.weekday is None and mention.month_day is None):
        return mention
    days = [frame.first + timedelta(days=count) for count in range((frame.last - frame.first).days + 1)]
    meant = [day for day in days if mention.weekday in (None, day.weekday()) and mention.month_day in (None, day.day)]
    if len(meant) != 1:
        raise NotSure
    return replace(mention, first=meant[0], last=meant[0])


def _bounded(mention: Mention, bound: Kind | None, today: date) -> Mention:
    day = timedelta(days=1)
    match bound:
        case None:
            return mention
        case Kind.AFTER | Kind.FROM:
            first = mention.last + day if bound is Kind.AFTER else mention.first
            return Mention(first=first, last=first + timedelta(days=OPEN_DAYS))
        case _:
            return Mention(first=today, last=mention.first - day if bound is Kind.BEFORE else mention.last)


def is_refused(items: Sequence[Item]) -> bool:
    """Whether a clause says that a day or time does not suit or comes again, or several days stand to choose from."""
    letters = codes(list(items))
    refused = any(re.search("[!SL]", clause) and re.search("[#%P]", clause) for clause in letters.split(";"))
    # "Tuesday or later", "December 10 or 11": the other choice is no day that was read.
    return refused or bool(_OTHER_CHOICE.search(letters)) or ("|" in letters and _has_choice(letters))


def _has_choice(letters: str) -> bool:
    return any(letters.count(kind) > 1 for kind in "#%P")
