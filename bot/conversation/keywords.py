"""Whole-text words: stop, start, help, language requests, and short answers to a question we asked."""

from enum import StrEnum
from pathlib import Path

from bot.conversation.normalise import normalise
from bot.conversation.phrases import language_documents, strings
from bot.domain.enums import Keyword
from bot.domain.errors import ContentInvalid


class Short(StrEnum):
    """What a short reply says, when there is a question that it may answer."""

    YES = "yes"
    NO = "no"
    TAKEN = "taken"
    SKIP = "skip"
    LATER = "later"


class Keywords:
    """The words of all languages; a text counts only as a whole."""

    def __init__(self, intents: Path) -> None:
        self._keywords: dict[str, Keyword] = {}
        self._shorts: dict[tuple[str, str], tuple[Short, ...]] = {}
        self._languages: dict[str, str] = {}
        for language, document in language_documents(intents, "keywords.yml"):
            where = f"intents/{language}/keywords.yml"
            for keyword in Keyword:
                self._keywords |= dict.fromkeys(map(_key, strings(document, keyword.value, where)), keyword)
            for short in Short:
                for word in strings(document, short.value, where):
                    place = language, _key(word)
                    self._shorts[place] = (*self._shorts.get(place, ()), short)
            requests = document.get("languages") or {}
            if not isinstance(requests, dict):
                raise ContentInvalid(f"{where}: languages must map a request to a language code")
            self._languages |= {_key(str(words)): str(code) for words, code in requests.items()}

    def match(self, text: str) -> Keyword | None:
        return self._keywords.get(_key(text))

    def language_request(self, text: str) -> str | None:
        """The language somebody asks for by name, BCP 47."""
        return self._languages.get(_key(text))

    def languages_named(self, text: str) -> set[str]:
        """The languages that a text speaks of, BCP 47."""
        words = f" {_key(text)} "
        return {code for request, code in self._languages.items() if _phrase(request) in words}

    def shorts(self, text: str, language: str) -> tuple[Short, ...]:
        """What a short reply may mean, in the person's language first, then in any other.

        "Yes" is both a yes and "taken": which of them counts, the question says.
        """
        key = _key(text)
        own = self._shorts.get((language, key))
        return own or next((shorts for (_, word), shorts in self._shorts.items() if word == key), ())


def _phrase(request: str) -> str:
    """Whole words, where words are spaced and stand alone: Korean, Arabic and Chinese write more onto a name."""
    return f" {request} " if request[0] < "\u0590" or "\u0900" <= request[0] < "\u0980" else request


def _key(text: str) -> str:
    """Emoji are words here, though they are punctuation elsewhere."""
    return normalise(text) or text.strip().replace("\ufe0f", "")
