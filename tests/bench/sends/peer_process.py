"""The peer's process, run in build/bench: Procrastinate sends the same rows through the same carrier.

`prepare` adds its tables and one job for each message, `work` empties the queue, `poll` looks for work among jobs that
are for later.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.sends.member import await_go, tell
from tests.bench.sends.peer_app import Peer

QUEUED = "SELECT id FROM communication WHERE status = 'queued' ORDER BY id LIMIT %s"
# Past its triggers, which would write an event for each.
LATER = """
SET session_replication_role = replica;
INSERT INTO procrastinate_jobs (queue_name, task_name, args, scheduled_at)
SELECT 'default', 'send', jsonb_build_object('communication_id', gen_random_uuid()),
       now() + interval '1 hour' + number * interval '0.1728 second'
FROM generate_series(1, {jobs}) AS number;
SET session_replication_role = origin;
"""
# Besides one for each job: fetching, listening, the heartbeat, aborting.
OTHER_CONNECTIONS = 4


async def prepare(url: str, most: str) -> None:
    peer = Peer(url, 2)
    async with peer.open():
        await peer.app.schema_manager.apply_schema_async()
        async with peer.pool.connection() as connection:
            rows = await (await connection.execute(QUEUED, (int(most),))).fetchall()
            await peer.send.batch_defer_async(*({"communication_id": str(row[0])} for row in rows))
            await connection.execute("VACUUM ANALYZE")
            await connection.execute("CHECKPOINT")
    tell(jobs=len(rows))


async def work(url: str, wiring: str, concurrency: str, log: str) -> None:
    peer = Peer(url, int(concurrency) + OTHER_CONNECTIONS)
    async with peer.open(wiring):
        await asyncio.to_thread(await_go)
        await peer.app.run_worker_async(concurrency=int(concurrency), wait=False)
        ended = time.time()
    peer.carrier.write(Path(log))
    tell(ended=ended)


async def poll(url: str, jobs: str, polls: str) -> None:
    peer = Peer(url, 2)
    times = []
    async with peer.open():
        await peer.app.schema_manager.apply_schema_async()
        async with peer.pool.connection() as connection:
            await connection.execute(LATER.format(jobs=int(jobs)))
            await connection.execute("VACUUM ANALYZE procrastinate_jobs")
            await connection.execute("CHECKPOINT")
        manager = peer.app.job_manager
        worker = await manager.register_worker()
        for _ in range(int(polls)):
            began = time.perf_counter()
            if await manager.fetch_job(queues=None, worker_id=worker) is not None:
                raise AssertionError("a job was due")
            times.append((time.perf_counter() - began) * 1000)
    tell(poll_ms=median(times))


WAYS: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {"prepare": prepare, "work": work, "poll": poll}

if __name__ == "__main__":
    asyncio.run(WAYS[sys.argv[1]](*sys.argv[2:]))
