"""Emergency phrases: whole words, gaps, near misses, and every phrase of the files themselves."""

from pathlib import Path

import pytest

from bot.conversation.red_flags import RedFlag, RedFlags
from bot.domain.enums import Severity
from bot.domain.errors import ContentInvalid
from bot.settings import CHECKOUT
from bot.yaml_file import read_yaml

INTENTS = CHECKOUT / "intents"


@pytest.fixture(scope="module")
def flags() -> RedFlags:
    return RedFlags(INTENTS)


def written() -> list[tuple[RedFlag, str, str]]:
    """Each phrase with the flag that it stands under and its kind."""
    rows = []
    for path in sorted(INTENTS.glob("*/red_flags.yml")):
        document = read_yaml(path)
        for entry in document["flags"]:
            flag = RedFlag(
                category=entry["category"], severity=Severity(entry["severity"]), language=document["language"]
            )
            for kind in ("phrases", "near_misses"):
                rows += [(flag, kind, phrase) for phrase in entry.get(kind, ())]
    return rows


def spoken(phrase: str) -> str:
    """A phrase with its gaps filled: `*` stands for words, `##` for a number."""
    return phrase.replace("*", "something").replace("##", "12")


def test_every_phrase_that_clinicians_wrote_fires(flags: RedFlags) -> None:
    silent = [
        (flag.language, flag.category, phrase)
        for flag, kind, phrase in written()
        if kind == "phrases" and flags.match(spoken(phrase)) is None
    ]
    assert silent == []


def test_no_near_miss_fires_its_own_category(flags: RedFlags) -> None:
    false = []
    for flag, kind, phrase in written():
        if kind == "near_misses" and flags.match(spoken(phrase), flag.language) == flag:
            false.append((flag.language, flag.category, phrase))
    assert false == []


@pytest.mark.parametrize(
    "text",
    [
        "my chest hurts",
        "MY CHEST HURTS!!",
        "I have chest, pain",
        "i cant breath",
        "i want to kill myself",
        "he is unconscious",
        "me duele mucho el pecho",
        "no puedo respirar",
        "ya no quiero vivir",
        "no, chest pain right now",
    ],
)
def test_danger_is_an_emergency(flags: RedFlags, text: str) -> None:
    found = flags.match(text)
    assert found is not None
    assert found.severity is Severity.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "when is my next visit",
        "I have no chest pain",
        "no chest pain today, when is my next visit?",
        "no tengo dolor de pecho",
        "what is metformin for",
        "me gusta el pecho de pollo",
        "",
        "🎉",
    ],
)
def test_ordinary_texts_raise_nothing(flags: RedFlags, text: str) -> None:
    assert flags.match(text) is None


def test_a_near_miss_in_one_place_does_not_hide_danger_in_another(flags: RedFlags) -> None:
    found = flags.match("no chest pain this morning. now I have chest pain")
    assert found is not None
    assert found.category == "chest_pain"


def test_a_person_gets_the_flag_of_their_own_language(flags: RedFlags) -> None:
    found = flags.match("no puedo respirar, I can't breathe", "es")
    assert found is not None
    assert found.language == "es"


def write(folder: Path, content: str) -> Path:
    (folder / "xx").mkdir()
    (folder / "xx" / "red_flags.yml").write_text(content)
    return folder


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("flags: []", "language"),
        ("language: xx\nflags: {}", "`flags` must be a list"),
        ("language: xx\nflags:\n  - category: a\n    severity: bad\n    phrases: [x]", "severity"),
        ("language: xx\nflags:\n  - category: a\n    severity: urgent\n    phrases: []", "no phrases"),
        ("language: xx\nflags:\n  - category: a\n    severity: urgent\n    phrases: [911]", "quotes around 911"),
        ("language: xx\nflags:\n  - [", "not readable as YAML"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(ContentInvalid, match=says):
        RedFlags(write(tmp_path, content))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid, match=r"red_flags\.yml: there is none"):
        RedFlags(tmp_path)
