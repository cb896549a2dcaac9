"""A coordinator at the console's pages, without scripts."""

import re

from httpx import Response
from starlette.testclient import TestClient

from bot.demo.seed import DEMO_PASSWORD
from tests.support_pages import Clinic


class Browser:
    """Signed in. `csrf` is what the pages' forms carry."""

    def __init__(self, clinic: Clinic, username: str) -> None:
        self.browser = TestClient(clinic.app, follow_redirects=True, headers={"accept": "text/html"})
        self.csrf = self._csrf(self.browser.get("/console/login").text)
        html = self.post("/console/login", username=username, password=DEMO_PASSWORD).text
        self.csrf = self._csrf(html)

    def get(self, path: str) -> str:
        return self.browser.get(path).text

    def post(self, path: str, **fields: str) -> Response:
        return self.browser.post(path, data={"csrf": self.csrf, **fields})

    @staticmethod
    def _csrf(html: str) -> str:
        return str(re.findall(r'name="csrf" value="([^"]+)"', html)[0])


def text_of(html: str) -> str:
    """What is read on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
