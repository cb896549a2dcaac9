"""Telegram as the bot meets it: what people do there, and what the bot did."""

from itertools import count
from typing import Any

import httpx

from bot.channels.telegram.webhook import SECRET_HEADER
from tests.channels.telegram.fake_bot_api import BOT, FakeBotApi
from tests.support.processes import eventually


class Telegram:
    """Telegram's side: delivers updates to our bot as it asked for them, and shows what the bot did."""

    def __init__(self, api: FakeBotApi, http: httpx.Client) -> None:
        self.api = api
        self._http = http
        self._numbers = count(781340001)

    def new_id(self) -> int:
        return next(self._numbers)

    def deliver(self, update: dict[str, Any]) -> None:
        """By the webhook that the bot has set, else to who polls."""
        if self.api.webhook is None:
            self.api.push(update)
            return
        secret = {SECRET_HEADER: self.api.webhook["secret_token"]}
        assert self._http.post(self.api.webhook["url"], json=update, headers=secret).status_code == httpx.codes.OK

    def text(self, chat_id: int, text: str, *, update_id: int | None = None) -> None:
        self.deliver({"update_id": update_id or self.new_id(), "message": self._message(chat_id, text=text)})

    def group_message(self, chat_id: int, **content: Any) -> None:
        group = {"id": chat_id, "type": "supergroup", "title": "Family"}
        self.deliver({"update_id": self.new_id(), "message": self._message(5512009009, **content) | {"chat": group}})

    def ask(self, chat_id: int, text: str) -> str:
        """Write to the bot and wait for what it sends."""
        before = len(self.sent(chat_id))
        self.text(chat_id, text)
        return str(self.next_sent(chat_id, before)["text"])

    def press(self, chat_id: int, data: str) -> str:
        """Press a button, answered by a message."""
        before, number = len(self.sent(chat_id)), self.new_id()
        person = {"id": chat_id, "is_bot": False, "first_name": "M"}
        query = {"id": f"query-{number}", "from": person, "chat_instance": "1", "data": data}
        message = self._message(chat_id, text="?") | {"from": BOT}
        self.deliver({"update_id": number, "callback_query": query | {"message": message}})
        return str(self.next_sent(chat_id, before)["text"])

    def next_sent(self, chat_id: int, before: int) -> dict[str, Any]:
        return eventually(lambda: self.sent(chat_id)[before:], what="a message of the bot")[0]

    def sent(self, chat_id: int) -> list[dict[str, Any]]:
        return [call for call in self.api.calls_of("sendMessage") if int(call["chat_id"]) == chat_id]

    @staticmethod
    def buttons(message: dict[str, Any]) -> dict[str, str]:
        """Callback data by label."""
        rows = message["reply_markup"]["inline_keyboard"]
        return {button["text"]: button["callback_data"] for row in rows for button in row}

    def _message(self, chat_id: int, **content: Any) -> dict[str, Any]:
        person = {"id": chat_id, "is_bot": False, "first_name": "M"}
        chat = {"id": chat_id, "type": "private", "first_name": "M"}
        return {"message_id": self.new_id(), "date": 1780000000, "from": person, "chat": chat, **content}
