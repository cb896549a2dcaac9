"""Ends this server when the process that started it is gone, however it went: a port must not stay taken."""

import os
import sys
import threading


def exit_with_parent() -> None:
    """Watch standard input, whose other end the parent holds and never writes to."""

    def watch() -> None:
        while sys.stdin.buffer.read(1024):
            pass
        os._exit(0)  # Sanic's own shutdown waits for connections; the turns they belong to are tried again.

    threading.Thread(target=watch, name="parent", daemon=True).start()
