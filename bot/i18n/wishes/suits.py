"""Reads which times suit somebody where the words are no single stretch of days: "evenings", "Saturdays or Sundays",
"not Tuesday, I have dialysis".

Only free times are looked for with it, and the person chooses among them; so a weekday alone is every such weekday.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time

from bot.domain.suiting import Suiting
from bot.i18n.wishes.days import find_days
from bot.i18n.wishes.hours import find_times, part_of
from bot.i18n.wishes.kinds import Item, Kind, Mention, NotSure, Times, Token, codes
from bot.i18n.wishes.lexicon import Lexicon
from bot.i18n.wishes.spans import wished_days

PARTS = ("morning", "afternoon", "evening")
# A refusal with days on both sides of it ("Thursday not Tuesday") could mean either of them.
_BOTH_SIDES = re.compile("[#%PL].*!.*[#%PL]")
# "December 10 or 11": the other choice is no day that was read.
_HALF_READ = re.compile(r"#\|[lNQO]|[NQO]\|#")
_TIMES = (Kind.PART, Kind.CLOCK, Kind.HOUR, Kind.NUMBER)


@dataclass
class _Named:
    """What some clauses name."""

    spans: list[tuple[date, date]] = field(default_factory=list)
    weekdays: set[int] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    times: list[Times] = field(default_factory=list)


def suits(tokens: Sequence[Token], lexicon: Lexicon, today: date) -> Suiting:
    """What the tokens of a text name. Raises NotSure, also when they name nothing."""
    wanted, refused = _Named(), _Named()
    either: tuple[Suiting, ...] = ()
    for clause in _clauses(find_days(tokens, today)):
        letters = codes(list(clause))
        if _BOTH_SIDES.search(letters) or _HALF_READ.search(letters):
            raise NotSure
        refuses = Kind.NOT.value in letters
        choices = [_content(side) for side in _split(clause, Kind.OR)]
        if not _are_apart([_Shape.of(choice) for choice in choices]):
            _name(refused if refuses else wanted, _content(clause), lexicon, today)
        elif refuses or either:
            raise NotSure
        else:
            either = tuple(_suiting(_named(choice, lexicon, today), _Named()) for choice in choices)
    found = replace(_suiting(wanted, refused), either=either)
    if found == Suiting():
        raise NotSure
    return found


def _suiting(wanted: _Named, refused: _Named) -> Suiting:
    limits = _limits(wanted.times, refused.times)
    return Suiting(
        spans=tuple(wanted.spans),
        weekdays=frozenset(wanted.weekdays),
        parts=frozenset(wanted.parts),
        not_spans=tuple(refused.spans),
        not_weekdays=frozenset(refused.weekdays),
        not_parts=frozenset(refused.parts),
        after=limits["after"],
        before=limits["before"],
        at=limits["at"],
    )


@dataclass(frozen=True)
class _Shape:
    """What one side of an "or" names: days at all, a stretch of several, and times or parts of the day."""

    days: bool
    stretch: bool
    times: bool

    @classmethod
    def of(cls, side: Sequence[Item]) -> "_Shape":
        mentions = [item for item in side if isinstance(item, Mention)]
        return cls(
            days=bool(mentions) or any(item.kind is Kind.WEEKDAYS for item in side),
            stretch=any(mention.is_span for mention in mentions),
            times=any(item.kind in _TIMES for item in side) or any(mention.part is not None for mention in mentions),
        )


def _are_apart(shapes: Sequence[_Shape]) -> bool:
    """Whether the sides of "or" are wishes of their own: "Saturday or evenings", not "Tuesday or Wednesday evening"."""
    if len(shapes) < 2 or not all(shape.days or shape.times for shape in shapes):
        return False
    first, *middle, last = shapes
    if any(shape.stretch for shape in shapes) and not all(shape.stretch for shape in shapes):
        return True
    share_a_time = all(shape.days and not shape.times for shape in (first, *middle)) and last.days
    share_a_day = first.times and all(shape.times and not shape.days for shape in (*middle, last))
    return not (share_a_time or share_a_day)


def _clauses(items: Sequence[Item]) -> Iterator[list[Item]]:
    return _split(items, Kind.CLAUSE)


def _split(items: Sequence[Item], at: Kind) -> Iterator[list[Item]]:
    run: list[Item] = []
    for item in items:
        if item.kind is at:
            yield run
            run = []
        else:
            run.append(item)
    yield run


def _content(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.kind not in (Kind.NOT, Kind.EVERY)]


def _named(items: Sequence[Item], lexicon: Lexicon, today: date) -> _Named:
    named = _Named()
    _name(named, items, lexicon, today)
    return named


def _name(named: _Named, clause: Sequence[Item], lexicon: Lexicon, today: date) -> None:
    """Add what one clause names."""
    parts = {item.value[0] for item in clause if isinstance(item, Token) and item.kind is Kind.PART}
    parts |= {item.part for item in clause if isinstance(item, Mention) and item.part is not None}
    part = part_of(clause) if len(parts) < 2 else None
    items = find_times(clause, part, bounds_follow=lexicon.bounds_follow)
    times = [item for item in items if isinstance(item, Times)]
    named.times += times
    if not times:
        named.parts |= {PARTS[each] for each in ({part} if part is not None else parts) if each is not None}
    again = [item for item in items if isinstance(item, Token) and item.kind is Kind.WEEKDAYS]
    named.weekdays |= {weekday for item in again for weekday in item.value}
    mentions = [item for item in items if isinstance(item, Mention)]
    if all(mention.weekday is not None for mention in mentions) and not _is_range(items):
        named.weekdays |= {mention.weekday for mention in mentions if mention.weekday is not None}
    elif mentions:
        named.spans.append(wished_days(items, today, bounds_follow=lexicon.bounds_follow))


def _is_range(items: Sequence[Item]) -> bool:
    """Words of a range or a bound beside the days ("Tuesday to Thursday", "after Friday")."""
    bounds = (Kind.TO, Kind.FROM, Kind.UNTIL, Kind.BETWEEN, Kind.AFTER, Kind.BEFORE)
    return any(item.kind in bounds for item in items)


def _limits(wanted: Sequence[Times], refused: Sequence[Times]) -> dict[str, time | None]:
    """The times as limits: not before five is after five. Raises NotSure for times that do not go together."""
    after = [each.after for each in wanted] + [each.before for each in refused]
    before = [each.before for each in wanted] + [each.after for each in refused]
    exact = {each.exact for each in wanted} - {None}
    if len(exact) > 1 or any(each.exact is not None for each in refused):
        raise NotSure
    limits = {
        "after": max((each for each in after if each is not None), default=None),
        "before": min((each for each in before if each is not None), default=None),
        "at": next(iter(exact), None),
    }
    return {name: None if minutes is None else time(*divmod(minutes, 60)) for name, minutes in limits.items()}
