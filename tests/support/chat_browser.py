"""The web chat's page in a browser without scripts."""

import html
import re
from dataclasses import dataclass

import httpx

from tests.support.processes import eventually
from tests.support.telegram_path import TRUSTED, RunningClinic


@dataclass(frozen=True)
class Bubble:
    """One message of the page: `mine` when the visitor wrote it."""

    mine: bool
    text: str


class Browser:
    """A browser without scripts on the chat page: it follows links, keeps cookies and posts the forms it sees."""

    def __init__(self, clinic: RunningClinic, language: str = "en") -> None:
        self._clinic = clinic
        self.http = httpx.Client(
            base_url=clinic.url,
            follow_redirects=True,
            trust_env=False,
            verify=TRUSTED,
            headers={"accept": "text/html", "accept-language": language},
        )
        self.page = ""
        self.look()

    def __enter__(self) -> "Browser":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def look(self) -> str:
        self.page = self.http.get("/chat").text
        return self.page

    def post(self, path: str = "/chat", **fields: str) -> httpx.Response:
        """The form with its hidden fields as the last page had them."""
        hidden = {name: self._hidden(name) for name in ("csrf", "once")}
        answer = self.http.post(path, data=hidden | fields)
        self.page = answer.text
        return answer

    def ask(self, text: str) -> str:
        """Send a text and wait for what is said to it."""
        before = len(self.said())
        self.post(text=text)
        return self.next_said(before)

    def next_said(self, before: int) -> str:
        return eventually(lambda: self.look() and self.said()[before:], what="an answer on the page")[0]

    def said(self) -> list[str]:
        return [bubble.text for bubble in self.bubbles() if not bubble.mine]

    def bubbles(self) -> list[Bubble]:
        found = re.findall(
            r'<div class="b( me)?" id="message-.*?<span class="words"[^>]*>(.*?)</span>', self.page, re.S
        )
        return [Bubble(bool(mine), html.unescape(text)) for mine, text in found]

    def buttons(self) -> dict[str, str]:
        """Value and label of the answers that the page offers."""
        return dict(re.findall(r'<button name="text" value="(\d)"[^>]*>([^<]*)</button>', self.page))

    def sign_in(self, phone: str, *, handset: str | None = None) -> str:
        """By the code from that handset, which is the phone's where it is not named. Returns what is said then."""
        code = self.code_for(phone, handset=handset)
        before = len(self.said())
        assert self.post("/chat/sign-in", code=code).status_code == httpx.codes.OK
        return self.next_said(before)

    def code_for(self, phone: str, *, handset: str | None = None) -> str:
        """Ask for a code and read it from the handset."""
        handset = handset or phone
        before = len(self._clinic.handset(handset))
        self.post("/chat/code", phone=phone)
        texted = eventually(lambda: self._clinic.handset(handset)[before:], what="a code")
        return str(re.findall(r"\b\d{6}\b", texted[0])[0])

    def _hidden(self, name: str) -> str:
        return str(re.findall(rf'name="{name}" value="([^"]+)"', self.page)[0])
