"""Whether each message was sent exactly once: what the carrier was given against what is stored."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from bot.domain.enums import CommunicationStatus, Direction
from bot.records import Communication
from bot.records.engine import Database
from tests.bench.sends.carrier import Taken


@dataclass(frozen=True, kw_only=True)
class Tally:
    """`lost`: not given to the carrier, or not stored as sent by the carrier's own id. `twice`: given again."""

    lost: int = 0
    twice: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(lost=self.lost + other.lost, twice=self.twice + other.twice)


def tally(database: Database, taken: Sequence[Taken], expected: int) -> Tally:
    """Of so many messages, each to a conversation of its own."""
    given = defaultdict(set)
    for each in taken:
        given[each.communication_id].add(each.provider_id)
    times: Counter[object] = Counter()
    well: set[object] = set()
    query = select(
        Communication.id, Communication.conversation_id, Communication.status, Communication.provider_id
    ).where(Communication.direction == Direction.OUTBOUND)
    with database.read() as session:
        for row in session.execute(query):
            times[row.conversation_id] += len(given[str(row.id)])
            if row.status is CommunicationStatus.SENT and row.provider_id in given[str(row.id)]:
                well.add(row.conversation_id)
    return Tally(lost=expected - len(well), twice=sum(count - 1 for count in times.values() if count > 1))
