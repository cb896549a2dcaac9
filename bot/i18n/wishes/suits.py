"""Reads which times suit somebody where the words are no single stretch of days: "evenings", "Saturdays or Sundays",
"not Tuesday, I have dialysis".

Only free times are looked for with it, and the person chooses among them; so a weekday alone is every such weekday.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
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
    for clause in _clauses(find_days(tokens, today)):
        letters = codes(list(clause))
        if _BOTH_SIDES.search(letters) or _HALF_READ.search(letters):
            raise NotSure
        named = refused if Kind.NOT.value in letters else wanted
        _name(named, [item for item in clause if item.kind not in (Kind.NOT, Kind.EVERY)], lexicon, today)
    found = Suiting(
        spans=tuple(wanted.spans),
        weekdays=frozenset(wanted.weekdays),
        parts=frozenset(wanted.parts),
        not_spans=tuple(refused.spans),
        not_weekdays=frozenset(refused.weekdays),
        not_parts=frozenset(refused.parts),
        **_limits(wanted.times, refused.times),
    )
    if found == Suiting():
        raise NotSure
    return found


def _clauses(items: Sequence[Item]) -> Iterator[list[Item]]:
    clause: list[Item] = []
    for item in items:
        if item.kind is Kind.CLAUSE:
            yield clause
            clause = []
        else:
            clause.append(item)
    yield clause


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
