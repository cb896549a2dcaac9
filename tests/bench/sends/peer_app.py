"""The peer's task, run in build/bench: read a message, give it to the carrier, record it as sent.

It is given what costs us nothing to give: a pool for the task without checks and without transactions around single
statements, texts that it need not open, no order within conversations, no limit of the provider to keep. As
`documented`, its connector makes a pool of its own, which asks each connection whether it is alive before it is used,
as ours does. `tuned` shares the task's pool with it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from procrastinate import App, PsycopgConnector
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from tests.bench.sends.carrier import Carrier

READ = """
SELECT communication.body, communication.detail, conversation.address
FROM communication JOIN conversation ON conversation.id = communication.conversation_id
WHERE communication.id = %s
"""
RECORD = "UPDATE communication SET status = 'sent', provider_id = %s, sent_at = now() WHERE id = %s"


class Peer:
    """Procrastinate's app on one database, with its one task."""

    def __init__(self, url: str, connections: int) -> None:
        self.carrier = Carrier()
        self.pool = AsyncConnectionPool(
            url, min_size=connections, max_size=connections, open=False, configure=_commit_each_statement
        )
        self.app = App(connector=PsycopgConnector(conninfo=url, min_size=connections, max_size=connections))
        self.send = self.app.task(name="send")(self._send)

    @asynccontextmanager
    async def open(self, wiring: str = "documented") -> AsyncIterator[None]:
        """Connect. In the end everything is closed."""
        async with self.pool:
            await self.pool.wait()
            async with self.app.open_async(pool=self.pool if wiring == "tuned" else None):
                yield

    async def _send(self, communication_id: str) -> None:
        async with self.pool.connection() as connection:
            found = await (await connection.execute(READ, (communication_id,))).fetchone()
        if found is None:
            raise LookupError(communication_id)
        provider_id = await self.carrier.take_async(communication_id)
        async with self.pool.connection() as connection:
            await connection.execute(RECORD, (provider_id, communication_id))


async def _commit_each_statement(connection: AsyncConnection[Any]) -> None:
    await connection.set_autocommit(True)
