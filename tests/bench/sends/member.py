"""What a process of a crew says and hears, so that its start is not measured. Standard library only."""

import json
import sys

READY = "ready"


def await_go() -> None:
    """Say that everything is in place, and wait for the word."""
    print(READY, flush=True)
    sys.stdin.readline()


def tell(**result: float) -> None:
    """What came of it; the last that is said."""
    print(json.dumps(result), flush=True)
