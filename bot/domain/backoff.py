"""How long to wait before something that failed is tried again."""

import random

FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 600.0


def backoff_s(attempts: int) -> float:
    """Seconds until the next try: doubling, with full jitter on the upper half."""
    longest: float = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** (attempts - 1))
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret
