"""Row ids: UUIDs of version 7 (RFC 9562), so that they sort by the time they were made."""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last_tick = 0


def new_id() -> UUID:
    """A new id. Within one process each is larger than the one before."""
    global _last_tick
    with _lock:
        # 48 bits of milliseconds and 12 bits of sub-millisecond order, as RFC 9562 section 6.2 method 3.
        tick = max(time.time_ns() * 4096 // 1_000_000, _last_tick + 1)
        _last_tick = tick
    milliseconds, order = divmod(tick, 4096)
    random_bits = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | order << 64 | 0b10 << 62 | random_bits)
