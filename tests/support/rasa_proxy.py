"""Stands between the worker and the Rasa server, and can keep an answer back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

HELD_AT_MOST_S = 60.0


class RasaProxy:
    """Passes everything on to the server on `rasa_port`.

    `turns` counts the turns that were asked for; `answered` is set while an answer is being kept back.
    """

    def __init__(self, rasa_port: int) -> None:
        self.rasa_url = f"http://127.0.0.1:{rasa_port}"
        self.turns = 0
        self.answered = threading.Event()
        self._keep_back = False
        self._released = threading.Event()
        self._released.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @contextmanager
    def keeping_back_the_next_answer(self) -> Iterator[None]:
        """Rasa takes the turn and writes it down; the worker does not hear of it before the block ends."""
        self.answered.clear()
        self._released.clear()
        self._keep_back = True
        try:
            yield
        finally:
            self._keep_back = False
            self._released.set()

    def pass_on(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        is_turn = path.endswith("/webhook")
        self.turns += is_turn
        answer = httpx.request(
            method, f"{self.rasa_url}{path}", content=body, headers=headers, timeout=60.0, trust_env=False
        )
        if self._keep_back and is_turn:
            self._keep_back = False
            self.answered.set()
            self._released.wait(HELD_AT_MOST_S)
        return answer.status_code, answer.content

    def close(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(proxy: RasaProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
            try:
                status, content = proxy.pass_on(self.command, self.path, body, headers)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except (httpx.HTTPError, OSError):
                # One of the two sides is gone, which is what these tests are about.
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    return Handler
