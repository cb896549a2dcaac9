"""Whole texts only: stop, start, help, language requests and short answers."""

from pathlib import Path

import pytest

from bot.conversation.keywords import Keywords, Short
from bot.domain.enums import Keyword
from bot.domain.errors import ContentInvalid
from bot.settings import CHECKOUT


@pytest.fixture(scope="module")
def keywords() -> Keywords:
    return Keywords(CHECKOUT / "intents")


@pytest.mark.parametrize(
    ("text", "keyword"),
    [
        ("STOP", Keyword.STOP),
        ("stop.", Keyword.STOP),
        ("no más mensajes", Keyword.STOP),
        ("No mas mensajes!", Keyword.STOP),
        ("start", Keyword.START),
        ("ayuda", Keyword.HELP),
        ("please stop the pain", None),
        ("when does it start", None),
        ("I need help with my pills", None),
        ("", None),
    ],
)
def test_a_keyword_is_a_whole_text(keywords: Keywords, text: str, keyword: Keyword | None) -> None:
    assert keywords.match(text) is keyword


@pytest.mark.parametrize("text", ["yes", "sí", "👍", "ok"])
def test_a_yes_is_read_as_a_yes_to_a_visit(keywords: Keywords, text: str) -> None:
    assert Short.YES in keywords.shorts(text, "en")


def test_a_yes_may_also_mean_taken(keywords: Keywords) -> None:
    assert keywords.shorts("yes", "en") == (Short.YES, Short.TAKEN)
    assert keywords.shorts("took it", "en") == (Short.TAKEN,)
    assert keywords.shorts("when is my visit", "en") == ()


def test_the_persons_own_language_comes_first_and_others_still_count(keywords: Keywords) -> None:
    assert keywords.shorts("más tarde", "en") == (Short.LATER,)
    assert keywords.shorts("later", "es") == (Short.LATER,)


@pytest.mark.parametrize(
    ("text", "language"), [("English please", "en"), ("español", "es"), ("en ingles", "en"), ("spanish food", None)]
)
def test_a_language_is_asked_for_by_name(keywords: Keywords, text: str, language: str | None) -> None:
    assert keywords.language_request(text) == language


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("Tagalog po sana ang text nyo", "fil"),
        ("can you please text me in Spanish from now on", "es"),
        ("영어 말고 한국어로 보내 주세요", "en ko"),
        ("ممكن تكتبولي بالعربي لو سمحتم", "ar"),
        ("能不能以后都发中文短信给我", "zh-Hans"),
        ("можно на русском языке пожалуйста", "ru"),
        ("क्या आप हिंदी में लिख सकते हैं", "hi"),
        ("not english, vietnamese please", "en vi"),
        ("which languages do you speak", ""),
    ],
)
def test_languages_are_found_in_a_longer_request(keywords: Keywords, text: str, languages: str) -> None:
    assert keywords.languages_named(text) == set(languages.split())


@pytest.mark.parametrize(
    "content", ["language: xx\nyes: [yes]", "language: xx\nlanguages: [a]", "language: xx\nstop: x"]
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "xx").mkdir()
    (tmp_path / "xx" / "keywords.yml").write_text(content.replace("yes: [yes]", "later: [yes]"))
    with pytest.raises(ContentInvalid, match=r"keywords\.yml"):
        Keywords(tmp_path)
